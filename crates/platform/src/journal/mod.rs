//! The journal: what was done, by whom, on what, when. Append-only by triggers on both engines,
//! sealed in a hash chain: a changed, removed or inserted line is found by `journal verify`.

mod extract;
mod migration;
mod seal;
mod store;
mod verify;

use kernel::Actor;
use serde_json::Value;

pub use extract::{Checked, Extract, Head, Refused, TITLES, cells, check};
pub use migration::{Journal0001, Journal0002, Journal0003};
pub use store::{Line, Query, already, following, head, page, write, write_past};
pub(crate) use store::{Pending, append};
pub use verify::{Heard, Verdict, verify, verify_telling};

/// What is written in the journal. No personal data but the account's identifier: names are read
/// from the account when a page shows the line, and vanish with it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Account that acted; none for the instance itself.
    pub by: Option<uuid::Uuid>,
    /// Account that looks through it ("voir comme"), when there is one.
    pub seen_by: Option<uuid::Uuid>,
    /// Verb, as `structure.modifier`.
    pub action: &'static str,
    /// Kind of thing, as `structure`.
    pub subject: &'static str,
    /// Its identifier, or the empty text.
    pub subject_id: String,
    /// Facts: fields changed, counts. Never a secret, never a name of person.
    pub details: Value,
}

impl Entry {
    /// A line by a person.
    pub fn by(actor: &Actor, action: &'static str, subject: &'static str, id: impl ToString) -> Self {
        Self {
            by: Some(actor.compte.0),
            seen_by: actor.vu_par.map(|c| c.0),
            action,
            subject,
            subject_id: id.to_string(),
            details: Value::Null,
        }
    }

    /// A line by the instance itself: a job, a command.
    pub fn system(action: &'static str, subject: &'static str, id: impl ToString) -> Self {
        Self { by: None, seen_by: None, action, subject, subject_id: id.to_string(), details: Value::Null }
    }

    /// With these facts.
    #[must_use]
    pub fn with(mut self, details: Value) -> Self {
        self.details = details;
        self
    }
}
