//! What a structure is.
//!
//! The sheet ([`Fiche`]) is what people type and change. Its [`Attribut`]s are listed once: history, conflict pages,
//! comparison of duplicates and merges all walk that list, so that a new field cannot be forgotten in one of them.

mod categorie;
mod fiche;
mod genre;

pub use categorie::{CATEGORIES, CategorieJuridique};
pub use fiche::{Attribut, Ecart, Fiche, SiteWeb, texte_propre};
pub use genre::Genre;

use chrono::{DateTime, Utc};
use kernel::actor::Cible;
use kernel::{CodeCommune, CodeDepartement, CodeRegion, Email, Telephone};

pub use kernel::ids::StructureId;

kernel::typed_id!(ContactId, "a contact of a structure");
kernel::typed_id!(FusionId, "a merge of two structures");

/// An organisation of the directory: a commune, an association, an operator of the State…
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Structure {
    /// Its identifier, never reused: after a merge it leads to the structure that was kept.
    pub id: StructureId,
    /// What people typed.
    pub fiche: Fiche,
    /// Whom to call and to write to, the main one first.
    pub contacts: Vec<Contact>,
    /// Whether it still works.
    pub etat: Etat,
    /// Structures that were merged into this one: their accounts and their lieux are now its own.
    pub alias: Vec<StructureId>,
    /// Grows by one at each change of the sheet or of the state: two people never overwrite each other unknowingly.
    pub version: i64,
    /// When it entered the directory.
    pub creee_le: DateTime<Utc>,
    /// When its sheet, or its state, last changed.
    pub modifiee_le: DateTime<Utc>,
}

impl Structure {
    /// Where it stands, to be compared with a scope.
    pub fn cible(&self) -> Cible {
        self.fiche.cible(Some(self.id))
    }
}

/// Whether a structure still works.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Etat {
    /// It works.
    Active,
    /// It closed, or left the programme.
    Fermee {
        /// Since when the directory knows it.
        le: DateTime<Utc>,
    },
    /// It was a duplicate: its address leads to the one that was kept.
    Fusionnee {
        /// The one that was kept.
        dans: StructureId,
    },
}

impl Etat {
    /// Keys in the database and in addresses.
    pub const CLES: [&'static str; 3] = ["active", "fermee", "fusionnee"];

    /// Its key.
    pub fn cle(&self) -> &'static str {
        match self {
            Self::Active => Self::CLES[0],
            Self::Fermee { .. } => Self::CLES[1],
            Self::Fusionnee { .. } => Self::CLES[2],
        }
    }

    /// In words.
    pub fn libelle(&self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Fermee { .. } => "Fermée",
            Self::Fusionnee { .. } => "Fusionnée",
        }
    }
}

/// The commune of a structure, as the reference of territories gives it on the day it was chosen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CommuneChoisie {
    /// INSEE code.
    pub code: CodeCommune,
    /// Official name.
    pub nom: String,
    /// Its département or collectivity.
    pub departement: CodeDepartement,
    /// Its région or collectivity.
    pub region: CodeRegion,
}

impl From<&crate::territoires::Commune> for CommuneChoisie {
    fn from(c: &crate::territoires::Commune) -> Self {
        Self {
            code: c.code.clone(),
            nom: c.nom.clone(),
            departement: c.departement.clone(),
            region: c.region.clone(),
        }
    }
}

/// A person, or a service, to call or to write to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Contact {
    /// Its identifier.
    pub id: ContactId,
    /// What was typed.
    pub fiche: FicheContact,
    /// Whether it is the one to ask first; exactly one of a structure's contacts is.
    pub principal: bool,
}

/// What people type about a contact. By the rules, at least one of `courriel` and `telephone` is there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FicheContact {
    /// Name of the person, or of the service.
    pub nom: String,
    /// What they do there.
    pub fonction: Option<String>,
    /// Where to write.
    pub courriel: Option<Email>,
    /// Where to call.
    pub telephone: Option<Telephone>,
}

impl FicheContact {
    /// A fingerprint, for a form that says what it was read from.
    pub fn empreinte(&self) -> String {
        kernel::text::sha256_hex(&format!("{self:?}"))
    }

    /// On one line, for the history: « Anne Bernard (maire), mairie@exemple.fr, 01 80 05 98 80 ».
    pub fn lisible(&self) -> String {
        let qui = match &self.fonction {
            Some(fonction) => format!("{} ({fonction})", self.nom),
            None => self.nom.clone(),
        };
        let telephone = self.telephone.as_ref().map(Telephone::lisible);
        [Some(qui), self.courriel.as_ref().map(ToString::to_string), telephone]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// One thing that changed, as the history keeps it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Changement {
    /// When.
    pub le: DateTime<Utc>,
    /// Account that did it; none for the instance itself.
    pub par: Option<kernel::ids::CompteId>,
    /// The role it acted in, by its key.
    pub role: Option<String>,
    /// What was done, in words: « Modification », « Fusion »…
    pub action: String,
    /// What changed, in words.
    pub quoi: String,
    /// Before; empty when there was nothing.
    pub avant: String,
    /// After; empty when nothing is left.
    pub apres: String,
}
