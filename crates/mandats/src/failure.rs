//! Why an action of this context did nothing.

use kernel::Refusal;
use platform::secrets::SealError;
use platform::web::PageError;
use sea_orm::DbErr;

/// Why an action did nothing.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A rule said no.
    #[error(transparent)]
    Refusal(#[from] Refusal),
    /// The account could not be opened or closed.
    #[error(transparent)]
    Compte(#[from] identity::Error),
    /// No key in the configuration: nothing can be signed, nothing sealed.
    #[error(transparent)]
    Scelle(#[from] SealError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

impl From<Failure> for PageError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refusal(refusal) => refusal.into(),
            Failure::Compte(error) => error.into(),
            Failure::Scelle(error) => Self::internal(error),
            Failure::Db(error) => error.into(),
        }
    }
}
