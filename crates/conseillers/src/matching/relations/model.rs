//! A candidat and a structure in contact.

use chrono::{DateTime, NaiveDate, Utc};
use kernel::ids::StructureId;

use crate::ids::{CandidatId, RelationId};

/// How the structure came to the candidat.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origine {
    /// From its list.
    Liste,
    /// It met them elsewhere, and typed their reference.
    HorsListe,
}

impl Origine {
    /// Its key.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Liste => "liste",
            Self::HorsListe => "hors_liste",
        }
    }

    /// The origin of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        [Self::Liste, Self::HorsListe].into_iter().find(|o| o.cle() == cle)
    }
}

/// Where a relation stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Etat {
    /// The structure asked; the candidat has until the day `repondre_avant`.
    Proposee,
    /// The candidat agreed: the structure reads who they are.
    Acceptee,
    /// The candidat said no.
    Declinee,
    /// The candidat did not answer in time.
    SansReponse,
    /// The structure said no.
    Ecartee,
    /// A contract of both is validated.
    Recrutee,
    /// The post was filled, the candidat left or looks elsewhere, the contract is over.
    Close,
}

impl Etat {
    /// Every state.
    pub const TOUS: [Self; 7] = [
        Self::Proposee,
        Self::Acceptee,
        Self::Declinee,
        Self::SansReponse,
        Self::Ecartee,
        Self::Recrutee,
        Self::Close,
    ];

    /// Its key.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Proposee => "proposee",
            Self::Acceptee => "acceptee",
            Self::Declinee => "declinee",
            Self::SansReponse => "sans_reponse",
            Self::Ecartee => "ecartee",
            Self::Recrutee => "recrutee",
            Self::Close => "close",
        }
    }

    /// Its name on the screen.
    pub fn nom(self) -> &'static str {
        match self {
            Self::Proposee => "Proposé, en attente de réponse",
            Self::Acceptee => "Accepté",
            Self::Declinee => "Décliné",
            Self::SansReponse => "Sans réponse",
            Self::Ecartee => "Écarté",
            Self::Recrutee => "Recrutement",
            Self::Close => "Clos",
        }
    }

    /// The state of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|e| e.cle() == cle)
    }

    /// Whether it takes one of the places that are counted on both sides.
    pub fn ouverte(self) -> bool {
        matches!(self, Self::Proposee | Self::Acceptee)
    }
}

/// What came of an interview.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Resultat {
    /// The structure wants to go on.
    Favorable,
    /// It does not.
    Defavorable,
    /// The person did not come.
    Absence,
}

impl Resultat {
    /// Every result: key, name.
    pub const OPTIONS: [(&'static str, &'static str); 3] = [
        ("favorable", "Favorable"),
        ("defavorable", "Défavorable"),
        ("absence", "La personne n’est pas venue"),
    ];

    /// Its key.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Favorable => "favorable",
            Self::Defavorable => "defavorable",
            Self::Absence => "absence",
        }
    }

    /// The result of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        [Self::Favorable, Self::Defavorable, Self::Absence].into_iter().find(|r| r.cle() == cle)
    }

    /// Its name on the screen.
    pub fn nom(self) -> &'static str {
        Self::OPTIONS.iter().find(|(cle, _)| *cle == self.cle()).map_or("", |(_, nom)| nom)
    }
}

/// Times that the structure offers for an interview, and the one that was chosen.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Entretien {
    /// Offered, oldest first.
    pub creneaux: Vec<DateTime<Utc>>,
    /// Chosen by the candidat.
    pub choisi: Option<DateTime<Utc>>,
}

/// A candidat and a structure in contact.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Relation {
    /// Its identifier.
    pub id: RelationId,
    /// Who.
    pub candidat: CandidatId,
    /// With which structure.
    pub structure: StructureId,
    /// How it began.
    pub origine: Origine,
    /// Where it stands.
    pub etat: Etat,
    /// What it was before the structure put it aside.
    pub avant: Option<Etat>,
    /// Why it was declined or closed.
    pub motif: Option<String>,
    /// What the structure notes for itself.
    pub note: String,
    /// Times for an interview.
    pub entretien: Entretien,
    /// What came of it.
    pub resultat: Option<Resultat>,
    /// When the structure asked.
    pub proposee_le: DateTime<Utc>,
    /// The last day to answer.
    pub repondre_avant: NaiveDate,
    /// When the candidat answered.
    pub repondue_le: Option<DateTime<Utc>>,
    /// Counts the writes.
    pub version: i64,
}

impl Relation {
    /// Whether it counts among the contacts that are open at once. A question that the structure takes back keeps its place
    /// until its answer would have been due: nobody asks the whole country by putting each aside in turn.
    pub fn prend_une_place(&self, jour: NaiveDate) -> bool {
        let reprise = self.etat == Etat::Ecartee && self.avant == Some(Etat::Proposee);
        self.etat.ouverte() || (reprise && self.repondre_avant >= jour)
    }

    /// Whether the person is out of the list of the structure: it asks, was answered, or put them aside. Who did not answer, and
    /// who came back after a contact was closed, may be asked again.
    pub fn hors_de_la_liste(&self) -> bool {
        !matches!(self.etat, Etat::SansReponse | Etat::Close)
    }

    /// Whether the structure may read who the candidat is.
    pub fn devoilee(&self) -> bool {
        matches!(self.etat, Etat::Acceptee | Etat::Recrutee)
    }
}
