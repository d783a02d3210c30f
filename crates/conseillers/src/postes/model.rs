//! What a post is.

use chrono::NaiveDate;
use kernel::ids::StructureId;
use kernel::{CodeDepartement, CodeRegion, Periode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ids::{CandidatId, ContratId, DemandeId, PosteId};

/// What the person of the post does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Typologie {
    /// Receives the public.
    #[default]
    Conseiller,
    /// Coordinates other conseillers.
    Coordinateur,
}

impl Typologie {
    /// Every kind.
    pub const TOUTES: [Self; 2] = [Self::Conseiller, Self::Coordinateur];

    /// Its key.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Conseiller => "conseiller",
            Self::Coordinateur => "coordinateur",
        }
    }

    /// Its name on the screen.
    pub fn nom(self) -> &'static str {
        match self {
            Self::Conseiller => "Conseiller numérique",
            Self::Coordinateur => "Coordinateur",
        }
    }

    /// The options of a form.
    pub fn options() -> [(&'static str, &'static str); 2] {
        Self::TOUTES.map(|t| (t.cle(), t.nom()))
    }

    /// The kind of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUTES.into_iter().find(|t| t.cle() == cle)
    }
}

/// A structure and where it stands, as a post remembers it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// The structure.
    pub structure: StructureId,
    /// Its département.
    pub departement: CodeDepartement,
    /// Its région.
    pub region: CodeRegion,
}

/// How a post came to a structure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Acte {
    /// The committee granted it.
    Attribution,
    /// It came from another structure.
    Transfert,
}

impl Acte {
    /// Its key.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Attribution => "attribution",
            Self::Transfert => "transfert",
        }
    }

    /// The act of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        [Self::Attribution, Self::Transfert].into_iter().find(|a| a.cle() == cle)
    }
}

/// Post × structure, over some days.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rattachement {
    /// Its row.
    pub id: Uuid,
    /// Where.
    pub place: Place,
    /// From when to when.
    pub periode: Periode,
    /// How it came.
    pub acte: Acte,
}

/// Post × person, over some days, under a contract.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Affectation {
    /// Its row.
    pub id: Uuid,
    /// Who.
    pub candidat: CandidatId,
    /// Under which contract; a renewal keeps the affectation and changes the contract.
    pub contrat: ContratId,
    /// From when to when; without an end, until further notice (CDI).
    pub periode: Periode,
}

/// Why a structure gives a post back (domain, 3.6).
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MotifRendu {
    /// The need is not there.
    BesoinNonJustifie,
    /// Nobody could be recruited.
    DifficultesDeRecrutement,
    /// The structure cannot pay.
    CapacitesFinancieres,
    /// Nobody knows what comes next.
    ManqueDeVisibilite,
    /// The subsidy ended.
    FinDeSubventionnement,
    /// Something else.
    Autre,
    /// Nobody was recruited in time: the programme takes it back.
    VacanceTropLongue,
}

impl MotifRendu {
    /// Every reason.
    pub const TOUS: [Self; 7] = [
        Self::BesoinNonJustifie,
        Self::DifficultesDeRecrutement,
        Self::CapacitesFinancieres,
        Self::ManqueDeVisibilite,
        Self::FinDeSubventionnement,
        Self::Autre,
        Self::VacanceTropLongue,
    ];

    /// Its key.
    pub fn cle(self) -> &'static str {
        match self {
            Self::BesoinNonJustifie => "besoin_non_justifie",
            Self::DifficultesDeRecrutement => "difficultes_de_recrutement",
            Self::CapacitesFinancieres => "capacites_financieres",
            Self::ManqueDeVisibilite => "manque_de_visibilite",
            Self::FinDeSubventionnement => "fin_de_subventionnement",
            Self::Autre => "autre",
            Self::VacanceTropLongue => "vacance_trop_longue",
        }
    }

    /// Its name on the screen.
    pub fn nom(self) -> &'static str {
        match self {
            Self::BesoinNonJustifie => "Le besoin n’est pas justifié",
            Self::DifficultesDeRecrutement => "Difficultés de recrutement",
            Self::CapacitesFinancieres => "Capacités financières insuffisantes",
            Self::ManqueDeVisibilite => "Manque de visibilité",
            Self::FinDeSubventionnement => "Fin du financement",
            Self::Autre => "Autre raison",
            Self::VacanceTropLongue => "Poste resté vacant au-delà du délai",
        }
    }

    /// The reason of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|m| m.cle() == cle)
    }
}

/// That a post was given back: from that day on it is no longer one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rendu {
    /// First day without it.
    pub le: NaiveDate,
    /// Why.
    pub motif: MotifRendu,
}

/// A post of the programme.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Poste {
    /// Its identifier.
    pub id: PosteId,
    /// Its number: `CN-12` on the screen.
    pub numero: i64,
    /// Its kind.
    pub typologie: Typologie,
    /// The demande that it was granted for; none for posts that came by an import.
    pub demande: Option<DemandeId>,
    /// The day it was granted.
    pub attribue_le: NaiveDate,
    /// Whether it was given back.
    pub rendu: Option<Rendu>,
    /// Where it was and is, oldest first, without a gap.
    pub rattachements: Vec<Rattachement>,
    /// Who held and holds it, oldest first.
    pub affectations: Vec<Affectation>,
    /// Counts the writes.
    pub version: i64,
}

impl Poste {
    /// `CN-12`.
    pub fn reference(&self) -> String {
        format!("CN-{}", self.numero)
    }
}

/// What a post is on a day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Etat {
    /// Not granted yet.
    AVenir,
    /// Somebody holds it.
    Occupe {
        /// Who.
        candidat: CandidatId,
        /// Since when.
        depuis: NaiveDate,
        /// Last day, when there is one.
        jusqu_au: Option<NaiveDate>,
    },
    /// Nobody holds it.
    Vacant {
        /// Since when.
        depuis: NaiveDate,
    },
    /// It is a post no more.
    Rendu(Rendu),
}

impl Etat {
    /// Its key, for filters.
    pub fn cle(self) -> &'static str {
        match self {
            Self::AVenir => "a_venir",
            Self::Occupe { .. } => "occupe",
            Self::Vacant { .. } => "vacant",
            Self::Rendu(_) => "rendu",
        }
    }

    /// Its name on the screen.
    pub fn nom(self) -> &'static str {
        match self {
            Self::AVenir => "À venir",
            Self::Occupe { .. } => "Occupé",
            Self::Vacant { .. } => "Vacant",
            Self::Rendu(_) => "Rendu",
        }
    }
}
