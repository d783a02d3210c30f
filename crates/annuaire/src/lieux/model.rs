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
    /// It was written twice: its address leads to the other.
    Fusionne {
        /// The lieu that is kept.
        dans: LieuId,
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

/// What became of a delivery.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Issue {
    /// Its job has not ended.
    Attente,
    /// Written in the directory.
    Enregistree,
    /// Tried, nothing written.
    Essai,
    /// Refused, nothing written.
    Refusee,
}

impl Issue {
    /// Every outcome.
    pub const TOUTES: [Self; 4] = [Self::Attente, Self::Enregistree, Self::Essai, Self::Refusee];

    /// Its key in the database.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Attente => "attente",
            Self::Enregistree => "enregistree",
            Self::Essai => "essai",
            Self::Refusee => "refusee",
        }
    }

    /// Its name on the screen.
    pub fn libelle(self) -> &'static str {
        match self {
            Self::Attente => "En cours",
            Self::Enregistree => "Enregistrée",
            Self::Essai => "Essai à blanc",
            Self::Refusee => "Refusée",
        }
    }

    /// The outcome of that key.
    pub fn de_cle(cle: &str) -> Option<Self> {
        Self::TOUTES.into_iter().find(|i| i.cle() == cle)
    }
}

/// A delivery, and what became of it.
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
    /// What became of it.
    pub issue: Issue,
    /// Why it was refused, or what to watch.
    pub message: Option<String>,
    /// Its job, when it came by the page.
    pub tache: Option<uuid::Uuid>,
    /// Counts of records.
    pub bilan: Bilan,
    /// Counts of remarks.
    pub comptes: Comptes,
}
