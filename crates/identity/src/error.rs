//! What an action of this context answers when it does not do what was asked.

use kernel::Refusal;
use sea_orm::DbErr;

/// A refusal that a person understands, or a failure of ours.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The rules say no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database does not answer, or refuses.
    #[error(transparent)]
    Db(#[from] DbErr),
    /// Too many passwords to compare at once: the page is 503, come back in a moment.
    #[error(transparent)]
    Busy(#[from] crate::secrets::password::Busy),
    /// No key in the configuration, or another one than the data were sealed with.
    #[error(transparent)]
    Seal(#[from] platform::secrets::SealError),
}

impl Error {
    /// A field that does not hold what it should.
    pub(crate) fn field(name: &str, message: impl Into<String>) -> Self {
        Self::Refused(Refusal::field(name, message))
    }

    /// The refusal, if it is one; the failure otherwise.
    ///
    /// # Errors
    /// Everything that is no refusal.
    pub fn refusal(self) -> Result<Refusal, Self> {
        match self {
            Self::Refused(r) => Ok(r),
            other => Err(other),
        }
    }
}

/// What actions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;
