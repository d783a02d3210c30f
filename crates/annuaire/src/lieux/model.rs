//! What the directory holds of a lieu, of a delivery, of a change.

use chrono::{DateTime, Utc};
use kernel::ids::LieuId;

use super::rapport::{Bilan, Comptes};
use super::standard::Fiche;

kernel::typed_id!(SourceId, "a producer of files of lieux");
kernel::typed_id!(LivraisonId, "a delivery of a file of lieux");

/// Whether a lieu is still delivered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[serde(tag = "etat", rename_all = "snake_case")]
pub enum Etat {
    /// It is.
    Ouvert,
    /// Its source does not deliver it any more.
    Ferme {
        /// Since that delivery.
        depuis: DateTime<Utc>,
    },
}

/// A lieu of the directory.
#[derive(Clone, PartialEq, Debug)]
pub struct Lieu {
    /// Minted once, never reused: the address of its page.
    pub id: LieuId,
    /// What files say of it; its `id` is the one that exports write, unique in the directory.
    pub fiche: Fiche,
    /// Whether it is still delivered.
    pub etat: Etat,
    /// Name of the source that delivers it.
    pub source: String,
    /// First delivery.
    pub cree_le: DateTime<Utc>,
    /// Last change of content, or closing.
    pub modifie_le: DateTime<Utc>,
}

/// What happened to a lieu.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Genre {
    /// Its content changed.
    Changement,
    /// Its source stopped delivering it.
    Fermeture,
    /// Its source delivers it again.
    Reouverture,
}

impl Genre {
    /// Its key in the database.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Changement => "changement",
            Self::Fermeture => "fermeture",
            Self::Reouverture => "reouverture",
        }
    }

    /// The kind of that key.
    pub fn de_cle(cle: &str) -> Option<Self> {
        [Self::Changement, Self::Fermeture, Self::Reouverture].into_iter().find(|g| g.cle() == cle)
    }
}

/// A field that changed.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct ChampChange {
    /// Name of the field.
    pub champ: String,
    /// Before.
    pub avant: String,
    /// After.
    pub apres: String,
}

/// A line of the history of a lieu.
#[derive(Clone, PartialEq, Debug, serde::Serialize)]
pub struct Changement {
    /// When.
    pub le: DateTime<Utc>,
    /// What.
    pub genre: Genre,
    /// Fields, for a change of content.
    pub champs: Vec<ChampChange>,
}

/// A delivery that was written in the directory, or refused.
#[derive(Clone, PartialEq, Debug)]
pub struct Livraison {
    /// Identifier.
    pub id: LivraisonId,
    /// Name of the source, empty when it was refused before being known.
    pub source: String,
    /// Name of the file.
    pub fichier: String,
    /// When.
    pub recue_le: DateTime<Utc>,
    /// Account that delivered it; none for the command line.
    pub par: Option<uuid::Uuid>,
    /// Why it was refused, when it was.
    pub refus: Option<String>,
    /// Counts of records.
    pub bilan: Bilan,
    /// Counts of remarks.
    pub comptes: Comptes,
}
