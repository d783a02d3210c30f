//! Migrations of the platform, first in the list of the instance.

use crate::db::Migrations;

/// Journal, jobs, outbox, documents.
pub fn migrations() -> Migrations {
    vec![
        Box::new(crate::journal::Journal0001),
        Box::new(crate::jobs::Jobs0001),
        Box::new(crate::mail::Mail0001),
        Box::new(crate::journal::Journal0002),
        Box::new(crate::webhooks::Webhooks0001),
        Box::new(crate::documents::Documents0001),
        Box::new(crate::mail::Mail0002),
        Box::new(crate::journal::Journal0003),
        Box::new(crate::sms::Sms0001),
        Box::new(crate::mail::Mail0003),
        Box::new(crate::mail::Mail0004),
    ]
}
