//! What is taken over, and what came of it.

use serde::{Deserialize, Serialize};

use crate::calculs::model::{Calcul, Genre};

/// What a file holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quoi {
    /// People who look for a post.
    Candidats,
    /// Organisations that host or will host.
    Structures,
}

impl Quoi {
    /// Every choice: key, name.
    pub const OPTIONS: [(&'static str, &'static str); 2] =
        [("candidats", "Candidats"), ("structures", "Structures")];

    /// The choice of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        match cle {
            "candidats" => Some(Self::Candidats),
            "structures" => Some(Self::Structures),
            _ => None,
        }
    }

    /// Its key.
    pub fn cle(self) -> &'static str {
        Self::OPTIONS[usize::from(self == Self::Structures)].0
    }

    /// Its name.
    pub fn nom(self) -> &'static str {
        Self::OPTIONS[usize::from(self == Self::Structures)].1
    }
}

/// What is asked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Parametres {
    /// What the file holds.
    pub quoi: Quoi,
    /// Whether an account is opened for each person or contact that is taken, and a mail sent to them.
    pub inviter: bool,
    /// Whether nothing is written.
    pub a_blanc: bool,
}

/// What came of a file, in lines.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Bilan {
    /// Lines read.
    pub read: u64,
    /// Taken: new here.
    pub added: u64,
    /// Known already, and equal.
    pub unchanged: u64,
    /// Known already, and different: what is here stays, the report tells what differs.
    pub different: u64,
    /// Not taken.
    pub refused: u64,
    /// Taken with at least one value put in shape.
    pub repaired: u64,
    /// Taken, and like somebody or something that was here: to be looked at.
    pub similar: u64,
    /// Accounts opened or found, and invited.
    pub invited: u64,
    /// SHA-256 of the file.
    pub sha256: String,
}

/// A remark about one cell.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Remarque {
    /// Line of the file; 0 for the file.
    pub ligne: u64,
    /// Field.
    pub champ: String,
    /// Key of the level ([`annuaire::lieux::rapport::Niveau`]).
    pub niveau: String,
    /// Rule.
    pub regle: String,
    /// The value as delivered.
    pub valeur: String,
    /// The value taken, when it was changed.
    pub apres: String,
    /// What happened, in words.
    pub message: String,
}

/// The kind of what is kept of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rapport;

impl Genre for Rapport {
    const CLE: &'static str = "reprise";
    type Parametres = Parametres;
    type Bilan = Bilan;
    type Ligne = Remarque;
}

/// A file that was taken over, or tried.
pub type Livraison = Calcul<Rapport>;
