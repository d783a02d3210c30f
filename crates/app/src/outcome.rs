//! How a command ends: 0 done, 1 refused, 2 wrong use. Scripts depend on it.

use std::process::ExitCode;

/// Why a command did not do its work: one sentence in French on the error output.
#[derive(Debug)]
pub enum Failure {
    /// The input, the configuration or the database is refused: status 1.
    Refused(String),
    /// The command was not called as it should: status 2.
    WrongUse(String),
}

/// What commands return.
pub type Outcome = Result<(), Failure>;

impl Failure {
    #[expect(clippy::print_stderr, reason = "the error output is where a command explains itself")]
    pub(crate) fn report(&self) -> ExitCode {
        match self {
            Self::Refused(sentence) => {
                eprintln!("maillage : {sentence}");
                ExitCode::from(1)
            }
            Self::WrongUse(sentence) => {
                eprintln!("maillage : {sentence}");
                ExitCode::from(2)
            }
        }
    }
}

/// Why a file cannot be opened, in French.
pub(crate) fn pourquoi(error: &std::io::Error) -> String {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::NotFound => "ce fichier n’existe pas".to_owned(),
        ErrorKind::PermissionDenied => "il est protégé, demandez le droit de le lire".to_owned(),
        ErrorKind::IsADirectory => "c’est un dossier".to_owned(),
        _ => error.to_string(),
    }
}

impl From<sea_orm::DbErr> for Failure {
    fn from(error: sea_orm::DbErr) -> Self {
        if platform::db::is_unavailable(&error) {
            Self::Refused(
                "la base de données ne répond pas. Vérifiez son adresse et qu’elle est démarrée.".to_owned(),
            )
        } else {
            Self::Refused(format!("la base de données refuse : {error}"))
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Refused(format!("un fichier ou le réseau refuse : {error}"))
    }
}

impl From<platform::config::ConfigError> for Failure {
    fn from(error: platform::config::ConfigError) -> Self {
        Self::Refused(error.0)
    }
}
