//! What people who keep lieux up to date see of a lieu, beyond its sheet.

use chrono::{DateTime, Utc};
use kernel::actor::Cible;
use kernel::ids::{CompteId, LieuId, StructureId};

use crate::lieux::model::{ChampChange, Genre};
use crate::lieux::{Champ, Lieu};

/// A lieu as those who keep it see it.
#[derive(Clone, PartialEq, Debug)]
pub struct Gere {
    /// The lieu.
    pub lieu: Lieu,
    /// Grows at each writing, by a person or an import: two people never overwrite each other unknowingly.
    pub version: i64,
    /// Why a person closed it; none when it is open, or when its source closed it.
    pub motif: Option<Motif>,
    /// When the lieu itself, or who keeps it, last said that the sheet is right.
    pub confirme_le: Option<DateTime<Utc>>,
    /// The structure that it belongs to.
    pub structure: Option<StructureId>,
    /// Whether a person decided of the link: the match on numbers then leaves it alone.
    pub structure_choisie: bool,
    /// Where it stands, to be compared with a scope.
    pub cible: Cible,
    /// Structures that were merged into its own: their accounts keep what they could do.
    pub alias: Vec<StructureId>,
}

impl Gere {
    /// Its identifier.
    pub fn id(&self) -> LieuId {
        self.lieu.id
    }
}

/// Why a person says that a lieu is closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Motif {
    /// It does not exist any more.
    Definitif,
    /// It exists, and helps nobody with digital tools any more.
    PlusDeMediation,
    /// It moved: another sheet says where.
    Demenage,
    /// It never existed, or was entered twice.
    Erreur,
}

impl Motif {
    /// Every reason, in the order of the form.
    pub const TOUS: [Self; 4] = [Self::Definitif, Self::PlusDeMediation, Self::Demenage, Self::Erreur];

    /// Its key in the database and in forms.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Definitif => "definitif",
            Self::PlusDeMediation => "plus_de_mediation",
            Self::Demenage => "demenage",
            Self::Erreur => "erreur",
        }
    }

    /// In words.
    pub fn libelle(self) -> &'static str {
        match self {
            Self::Definitif => "Le lieu a fermé définitivement",
            Self::PlusDeMediation => "Le lieu existe, mais n’aide plus au numérique",
            Self::Demenage => "Le lieu a déménagé : une autre fiche le décrit",
            Self::Erreur => "Cette fiche est une erreur, ou un doublon",
        }
    }

    /// The reason of that key.
    pub fn de_cle(cle: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|m| m.cle() == cle)
    }
}

/// A value that a person typed over that of the source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ValeurSaisie {
    /// Which field.
    pub champ: Champ,
    /// What was typed.
    pub valeur: String,
    /// What the source says, as last delivered.
    pub source: String,
    /// When.
    pub le: DateTime<Utc>,
}

/// A line of the history, for those who keep the lieu.
#[derive(Clone, PartialEq, Debug)]
pub struct Trace {
    /// When.
    pub le: DateTime<Utc>,
    /// Account that did it; none for an import by the command line, or a link in a message.
    pub par: Option<CompteId>,
    /// Key of the role it acted in.
    pub role: Option<String>,
    /// What was done, in words, when a person did it.
    pub acte: Option<String>,
    /// What became of the lieu.
    pub genre: Genre,
    /// Fields that changed.
    pub champs: Vec<ChampChange>,
    /// Whether it came with a delivery.
    pub livraison: bool,
}

impl Trace {
    /// What was done, in words.
    pub fn action(&self) -> &str {
        match (&self.acte, self.genre) {
            (Some(acte), _) => acte,
            (None, Genre::Changement) => "Modification par la source",
            (None, Genre::Fermeture) => "Fermeture : la source ne le livre plus",
            (None, Genre::Reouverture) => "Réouverture : la source le livre de nouveau",
        }
    }
}
