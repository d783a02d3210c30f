//! The messages of this context.

use platform::mail::Genre;

/// The kinds of message of this context, one line a room.
pub fn courriels() -> Vec<&'static Genre> {
    [
        crate::consentements::courriels::COURRIELS,
        crate::espace::courriels::COURRIELS,
        crate::habilitations::courriels::COURRIELS,
        crate::aidants::mails::COURRIELS,
        crate::mandats::COURRIELS,
        crate::reunions::courriels::COURRIELS,
        crate::formations::rappels::COURRIELS,
        crate::notifications::COURRIELS,
        crate::aidants::relances::COURRIELS,
    ]
    .concat()
}
