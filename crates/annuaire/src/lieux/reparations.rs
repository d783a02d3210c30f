//! Repairs of cells. Each function is pure, takes one value, gives the value to keep, and notes
//! what it did. A value that the standard accepts comes out as it came in, and repairing twice
//! changes nothing more.

mod adresse;
mod courriel;
mod date;
mod listes;
mod pivot;
mod position;
mod projections;
mod telephone;
mod texte;
mod url;

pub use adresse::{code_insee, code_postal, code_postal_dans, nom_commune};
pub use courriel::courriels;
pub use date::date;
pub use listes::{Synonymes, liste, typologies};
pub use pivot::pivot;
pub use position::{distance_plausible_m, position};
pub use projections::Projection;
pub use telephone::telephone;
pub use texte::{identifiant, paragraphe, resume, texte};
pub use url::{url, urls};

use super::rapport::Regle;

/// What a repair did to a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    /// The rule.
    pub regle: Regle,
    /// The value, or the part of it, that the rule is about.
    pub valeur: String,
    /// What it became, when it changed.
    pub apres: Option<String>,
    /// A precision for the reader.
    pub precision: Option<String>,
}

/// The notes about one cell.
#[derive(Debug, Default)]
pub struct Notes(pub Vec<Note>);

impl Notes {
    /// The value was put in shape.
    pub fn repare(&mut self, regle: Regle, valeur: &str, apres: &str) {
        self.0.push(Note {
            regle,
            valeur: valeur.to_owned(),
            apres: Some(apres.to_owned()),
            precision: None,
        });
    }

    /// The value was left out, or kept in doubt.
    pub fn signale(&mut self, regle: Regle, valeur: &str, precision: Option<String>) {
        self.0.push(Note { regle, valeur: valeur.to_owned(), apres: None, precision });
    }
}
