//! Why an action of this context did nothing.

use kernel::Refusal;
use platform::secrets::SealError;
use platform::web::PageError;
use sea_orm::{DbErr, SqlErr};

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
            // Two people at once on one thing, where no room has words of its own for it: the second is told, nothing is lost.
            Failure::Db(error)
                if matches!(error, DbErr::RecordNotUpdated)
                    || matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) =>
            {
                tracing::warn!(%error, "two at once");
                Refusal::conflict(
                    "Quelqu’un vient de faire la même chose, ou de modifier ce que vous modifiez. Revenez sur la page, \
                     regardez ce qu’elle dit maintenant, puis recommencez si besoin.",
                )
                .into()
            }
            Failure::Db(error) => error.into(),
        }
    }
}
