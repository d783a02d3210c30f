//! Text messages: as mail, a message is a row written in the transaction of its cause, then sent by a job, to the HTTP
//! gateway of an operator or to a folder. What the gateway calls back (reports, answers of people) is signed, dated, and
//! counts once.
//!
//! The gateway (`docs/sms.md`): `POST url` with `Authorization: Bearer` and the JSON of [`send::Envoi`]; a 2xx takes the
//! message, a 4xx refuses it for good (but 408, 425 and 429), anything else is tried again.

mod migration;
mod rappel;
mod send;
mod store;

use chrono::{DateTime, Utc};
use kernel::Telephone;

pub use migration::Sms0001;
pub use rappel::{Evenement, Rappel, RappelRefuse, SIGNATURE, lire, premier, signature};
pub use send::{SendSms, handler};
pub use store::{SmsRow, clean_up, enqueue, find, list, rapporter};

/// A message.
#[derive(Clone, Debug)]
pub struct Sms {
    /// The number that it goes to.
    pub to: Telephone,
    /// What it says: the shorter the cheaper, 160 signs a part, 70 with signs out of the ordinary.
    pub text: String,
    /// After this it says nothing true any more: it does not leave.
    pub until: DateTime<Utc>,
}
