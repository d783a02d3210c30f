//! What a candidat is.

mod fiche;
mod situations;

pub use fiche::{Attribut, Ecart, Fiche, Lieu, Numero};
pub use situations::{Pix, Rayon, Situation, Situations};

use chrono::{DateTime, NaiveDate, Utc};
use kernel::actor::Cible;
use kernel::ids::CompteId;

pub use crate::ids::CandidatId;

/// A person who applied to become conseiller numérique, or is one.
#[derive(Clone, PartialEq, Debug)]
pub struct Candidat {
    /// Their identifier.
    pub id: CandidatId,
    /// The number that people read and write: `CA-1042`.
    pub numero: i64,
    /// What they typed.
    pub fiche: Fiche,
    /// Where the file stands.
    pub etat: Etat,
    /// Whether they want to be contacted now.
    pub disponible: bool,
    /// What they said of their Pix results, if they did.
    pub pix: Option<Pix>,
    /// Their account, once their address is confirmed.
    pub compte: Option<CompteId>,
    /// Grows by one at each change: two people never overwrite each other unknowingly.
    pub version: i64,
    /// When they applied.
    pub depose_le: DateTime<Utc>,
    /// When they last gave a sign: confirmed, changed something, answered that they still look for a post.
    pub vu_le: DateTime<Utc>,
    /// How many times they were asked, since then, whether they still look for a post.
    pub relances: i64,
    /// When they were last asked.
    pub relance_le: Option<DateTime<Utc>>,
}

impl Candidat {
    /// What a rule compares with a scope: where they live, and whose file it is.
    pub fn cible(&self) -> Cible {
        Cible {
            region: Some(self.fiche.lieu.commune.region.clone()),
            departement: Some(self.fiche.lieu.commune.departement.clone()),
            compte: self.compte,
            ..Cible::default()
        }
    }

    /// Whether structures may find them: their address is confirmed, and they want to be contacted.
    pub fn visible(&self) -> bool {
        self.disponible && matches!(self.etat, Etat::Active { .. })
    }

    /// `CA-1042`.
    pub fn reference(&self) -> String {
        reference(self.numero)
    }
}

/// The number of a candidat as people read it.
pub fn reference(numero: i64) -> String {
    format!("CA-{numero}")
}

/// Where the file of a candidat stands. One that was erased is no file any more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Etat {
    /// The address is not proven: nobody sees the file but the person with the link.
    AConfirmer,
    /// The address is proven.
    Active {
        /// Since when.
        confirmee_le: DateTime<Utc>,
    },
    /// It was a duplicate: its number leads to the one that was kept.
    Fusionnee {
        /// The one that was kept.
        dans: CandidatId,
    },
}

impl Etat {
    /// Keys in the database and in addresses.
    pub const CLES: [&'static str; 3] = ["a_confirmer", "active", "fusionnee"];

    /// Its key.
    pub fn cle(&self) -> &'static str {
        match self {
            Self::AConfirmer => Self::CLES[0],
            Self::Active { .. } => Self::CLES[1],
            Self::Fusionnee { .. } => Self::CLES[2],
        }
    }

    /// In words.
    pub fn libelle(&self) -> &'static str {
        match self {
            Self::AConfirmer => "Adresse à confirmer",
            Self::Active { .. } => "Confirmée",
            Self::Fusionnee { .. } => "Fusionnée",
        }
    }
}

/// Why a file was erased.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Motif {
    /// The person found other work.
    TrouveEmploi,
    /// The person was recruited as conseiller numérique.
    Recrute,
    /// The person does not want to be conseiller any more.
    PlusInteresse,
    /// The person had applied twice.
    Doublon,
    /// Another reason, which nobody has to say.
    Autre,
    /// No sign of the person during the time that files are kept.
    Inactivite,
    /// The address was never confirmed.
    JamaisConfirmee,
}

impl Motif {
    /// Every reason, those that a person may choose first.
    pub const TOUS: [Self; 7] = [
        Self::TrouveEmploi,
        Self::Recrute,
        Self::PlusInteresse,
        Self::Doublon,
        Self::Autre,
        Self::Inactivite,
        Self::JamaisConfirmee,
    ];

    /// What a person may answer when they withdraw.
    pub fn au_choix() -> &'static [Self] {
        &Self::TOUS[..5]
    }

    /// Its key.
    pub fn cle(self) -> &'static str {
        match self {
            Self::TrouveEmploi => "trouve_emploi",
            Self::Recrute => "recrute",
            Self::PlusInteresse => "plus_interesse",
            Self::Doublon => "doublon",
            Self::Autre => "autre",
            Self::Inactivite => "inactivite",
            Self::JamaisConfirmee => "jamais_confirmee",
        }
    }

    /// In words, as the person would say it.
    pub fn libelle(self) -> &'static str {
        match self {
            Self::TrouveEmploi => "J’ai trouvé un autre emploi",
            Self::Recrute => "J’ai été recruté comme conseiller numérique",
            Self::PlusInteresse => "Je ne souhaite plus devenir conseiller numérique",
            Self::Doublon => "J’ai déposé deux candidatures",
            Self::Autre => "Une autre raison",
            Self::Inactivite => "Aucun signe pendant la durée de conservation",
            Self::JamaisConfirmee => "Adresse électronique jamais confirmée",
        }
    }

    /// The reason of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|m| m.cle() == cle)
    }
}

/// What is left of a file that was erased: nothing that tells who it was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Effacement {
    /// Its identifier, which nothing else bears any more.
    pub id: CandidatId,
    /// Its number.
    pub numero: i64,
    /// When.
    pub le: DateTime<Utc>,
    /// Why.
    pub motif: Motif,
    /// The day of the application.
    pub depose: NaiveDate,
}
