//! What a session is, and who follows it.

use chrono::{DateTime, NaiveDate, Utc};
use kernel::ids::StructureId;
use kernel::{CodeDepartement, typed_id};

use crate::ids::{AidantId, SessionFormationId};

typed_id!(InscriptionId, "somebody in a session of training of aidants");

/// What whoever opens a session types.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fiche {
    /// Its title.
    pub intitule: String,
    /// First day.
    pub debut: NaiveDate,
    /// Last day.
    pub fin: NaiveDate,
    /// Hours: 7 or 14.
    pub heures: u16,
    /// Half-days, as people read them, one a line: « lundi 7 décembre, 9 h - 12 h 30 ».
    pub demi_journees: String,
    /// Where, or on line.
    pub lieu: Option<String>,
    /// Département where it is held, or whose people it is for; none: the whole country.
    pub departement: Option<CodeDepartement>,
    /// Seats.
    pub places: u32,
    /// Whether it is shown to référents.
    pub publiee: bool,
    /// Whether it is for one organisation alone: the body inscribes.
    pub intra: bool,
    /// Whether it is for conseillers numériques, whose training is paid for; they see these alone.
    pub conseillers_numeriques: bool,
}

/// A session.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    /// Its identifier.
    pub id: SessionFormationId,
    /// The training body, a structure of the directory.
    pub organisme: StructureId,
    /// What it is.
    pub fiche: Fiche,
    /// Seats taken: never more than there are, by constraint.
    pub prises: u32,
    /// Why it was cancelled, when it was.
    pub annulee: Option<String>,
    /// Grows by one at each change.
    pub version: i64,
}

impl Session {
    /// Seats left.
    pub fn libres(&self) -> u32 {
        self.fiche.places.saturating_sub(self.prises)
    }

    /// First day, in letters.
    pub fn debut(&self) -> String {
        kernel::calendrier::jour_en_lettres(self.fiche.debut)
    }

    /// Last day, in letters.
    pub fn fin(&self) -> String {
        kernel::calendrier::jour_en_lettres(self.fiche.fin)
    }

    /// Seats left, in words.
    pub fn places(&self) -> String {
        kernel::text::compte(u64::from(self.libres()), "place libre", "places libres")
    }

    /// Where, in words.
    pub fn lieu(&self) -> &str {
        self.fiche.lieu.as_deref().unwrap_or("À distance")
    }
}

/// Where somebody stands in a session.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EtatInscription {
    /// No seat is free: in line, by the order of the requests.
    EnAttente,
    /// A seat is theirs.
    Inscrite,
    /// They were there.
    Presente,
    /// They were not.
    Absente,
    /// Given up, or the session was cancelled.
    Annulee,
}

impl EtatInscription {
    /// Every one.
    pub const TOUS: [Self; 5] =
        [Self::EnAttente, Self::Inscrite, Self::Presente, Self::Absente, Self::Annulee];

    /// Its key.
    pub fn cle(self) -> &'static str {
        match self {
            Self::EnAttente => "en_attente",
            Self::Inscrite => "inscrite",
            Self::Presente => "presente",
            Self::Absente => "absente",
            Self::Annulee => "annulee",
        }
    }

    /// The one of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|e| e.cle() == cle)
    }

    /// On the screen.
    pub fn nom(self) -> &'static str {
        match self {
            Self::EnAttente => "Sur liste d’attente",
            Self::Inscrite => "Inscrite",
            Self::Presente => "Présente",
            Self::Absente => "Absente",
            Self::Annulee => "Inscription annulée",
        }
    }

    /// Whether it takes a seat.
    pub fn prend_une_place(self) -> bool {
        matches!(self, Self::Inscrite | Self::Presente | Self::Absente)
    }
}

/// Somebody in a session.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Inscription {
    /// Its identifier.
    pub id: InscriptionId,
    /// The session.
    pub session: SessionFormationId,
    /// Who.
    pub aidant: AidantId,
    /// Where it stands.
    pub etat: EtatInscription,
    /// Whether the conseiller numérique programme pays.
    pub finance_cn: bool,
    /// When it was asked.
    pub demandee_le: DateTime<Utc>,
}
