//! The return of a person from a provider (RFC 6749 4.1.2, RFC 9207).

use super::Refused;
use crate::Secret;
use crate::form::Form;

const KNOWN: &[&str] = &["code", "state", "iss", "error", "error_description", "error_uri"];

/// A return that is read. The next step: look for the flow of its state, and delete it.
pub struct Callback(Form);

impl Callback {
    /// Reads a query (without `?`).
    ///
    /// # Errors
    /// Too long, badly encoded, or a parameter given twice.
    pub fn read(query: &str) -> Result<Self, Refused> {
        Form::read(query, KNOWN).map(Self).map_err(|_| Refused::Return("parameters that are not read"))
    }

    /// Under what the flow was stored.
    pub fn state(&self) -> Option<&str> {
        self.0.get("state")
    }

    pub(super) fn iss(&self) -> Option<&str> {
        self.0.get("iss")
    }

    pub(super) fn code(&self) -> Result<Secret, Refused> {
        match (self.0.get("error"), self.0.get("code")) {
            (Some(error), None) => Err(Refused::said(error, self.0.get("error_uri"))),
            (None, Some(code)) => Ok(Secret::new(code)),
            (None, None) => Err(Refused::Return("neither a code nor an error")),
            (Some(_), Some(_)) => Err(Refused::Return("a code and an error")),
        }
    }
}
