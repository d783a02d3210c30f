//! What is wrong with a command line, in French: clap says it in English.

use std::process::ExitCode;

use clap::Error;
use clap::error::{ContextKind, ErrorKind};

use crate::outcome::Failure;

/// Shows the help that was asked for (status 0), or what is wrong (status 2).
pub(crate) fn answer(error: &Error) -> ExitCode {
    use ErrorKind::{DisplayHelp, DisplayHelpOnMissingArgumentOrSubcommand, DisplayVersion};
    match error.kind() {
        DisplayHelp | DisplayVersion => {
            let _ = error.print();
            ExitCode::SUCCESS
        }
        DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = error.print();
            ExitCode::from(2)
        }
        _ => Failure::WrongUse(sentence(error)).report(),
    }
}

fn sentence(error: &Error) -> String {
    let told = |kind: ContextKind| error.get(kind).map(ToString::to_string).filter(|t| !t.is_empty());
    let arg = || told(ContextKind::InvalidArg).unwrap_or_default();
    let near = |kind: ContextKind| {
        told(kind).map_or_else(String::new, |s| format!(" Vouliez-vous écrire « {s} » ?"))
    };
    let wrong = match error.kind() {
        ErrorKind::UnknownArgument => {
            format!("« {} » n’est pas attendu ici.{}", arg(), near(ContextKind::SuggestedArg))
        }
        ErrorKind::InvalidSubcommand => format!(
            "« {} » n’est pas une commande.{}",
            told(ContextKind::InvalidSubcommand).unwrap_or_default(),
            near(ContextKind::SuggestedSubcommand)
        ),
        ErrorKind::MissingRequiredArgument => format!("il manque {}.", arg()),
        ErrorKind::MissingSubcommand => "il manque une commande.".to_owned(),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation | ErrorKind::InvalidUtf8 => {
            match told(ContextKind::InvalidValue) {
                Some(value) => format!("« {value} » ne convient pas à {}.", arg()),
                None if arg().is_empty() => "un argument n’est pas de l’UTF-8.".to_owned(),
                None => format!("{} attend une valeur.", arg()),
            }
        }
        ErrorKind::ArgumentConflict => match told(ContextKind::PriorArg) {
            Some(other) if other != arg() => format!("{} ne va pas avec {other}.", arg()),
            _ => format!("{} est donné deux fois.", arg()),
        },
        ErrorKind::TooManyValues | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            format!("{} n’a pas le bon nombre de valeurs.", arg())
        }
        _ => "cette commande ne se lit pas ainsi.".to_owned(),
    };
    let known = told(ContextKind::ValidValue).map_or_else(String::new, |v| format!(" Valeurs : {v}."));
    format!("{wrong}{known} « --help » montre ce qui est attendu.")
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn says_in_french_what_is_wrong() {
        for (line, expected) in [
            ("serv", "« serv » n’est pas une commande. Vouliez-vous écrire « serve » ?"),
            ("serve --adresse x", "« --adresse » n’est pas attendu ici."),
            ("serve --sans-tache", "Vouliez-vous écrire « --sans-taches » ?"),
            ("backup", "il manque <FICHIER>."),
            ("backup a b", "« b » n’est pas attendu ici."),
            ("demo --port beaucoup", "« beaucoup » ne convient pas à --port <PORT>."),
            ("demo --port", "--port <PORT> attend une valeur."),
            ("demo --port 1 --port 2", "--port <PORT> est donné deux fois."),
        ] {
            let error = Cli::try_parse_from(std::iter::once("maillage").chain(line.split(' '))).unwrap_err();
            let said = sentence(&error);
            assert!(said.contains(expected), "{line} → {said}");
            assert!(!said.contains("\u{1b}"), "{said}");
        }
    }
}
