//! What a card is.

use chrono::{DateTime, Utc};
use kernel::ids::CompteId;
use platform::Site;
use sea_orm::DbErr;
use uuid::Uuid;

use crate::error::Result;
use crate::secrets::totp::Graine;

/// Steps that a clock may have moved since the last code: one, and one a month without one (a quartz loses or gains a minute
/// in a month or more), up to five. Of a card that was given without a code nothing is known: the whole bound.
pub(super) fn fenetre(carte: &Carte, now: DateTime<Utc>) -> i64 {
    carte.utilisee_le.map_or(DERIVE_MAX, |le| 1 + ((now - le).num_days() / 30).clamp(0, 4))
}

/// Steps that it may be away by, in all.
pub(super) const DERIVE_MAX: i64 = 30;

/// Longest number printed on a card.
pub const NUMERO_MAX: usize = 40;

/// Where a card is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EtatCarte {
    /// Nobody has it yet.
    EnStock,
    /// It was sent to an organisation.
    Envoyee,
    /// It opens an account.
    Associee,
    /// Nobody knows where it is.
    Perdue,
    /// It does not work any more.
    HorsService,
}

impl EtatCarte {
    /// Every one.
    pub const TOUS: [Self; 5] =
        [Self::EnStock, Self::Envoyee, Self::Associee, Self::Perdue, Self::HorsService];

    /// Its key.
    pub fn cle(self) -> &'static str {
        match self {
            Self::EnStock => "en_stock",
            Self::Envoyee => "envoyee",
            Self::Associee => "associee",
            Self::Perdue => "perdue",
            Self::HorsService => "hors_service",
        }
    }

    /// On the screen.
    pub fn nom(self) -> &'static str {
        match self {
            Self::EnStock => "En stock",
            Self::Envoyee => "Envoyée",
            Self::Associee => "Associée",
            Self::Perdue => "Perdue",
            Self::HorsService => "Hors service",
        }
    }

    /// The one of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|e| e.cle() == cle)
    }
}

/// Why a card is taken back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Motif {
    /// Nobody finds it.
    Perte,
    /// It shows nothing, or wrong codes.
    Panne,
    /// Its holder leaves.
    Depart,
    /// It was paired with the wrong person.
    Erreur,
    /// Another proof takes its place.
    Autre,
}

impl Motif {
    /// Every one, in the order of the form.
    pub const TOUS: [Self; 5] = [Self::Perte, Self::Panne, Self::Depart, Self::Erreur, Self::Autre];

    /// Its key.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Perte => "perte",
            Self::Panne => "panne",
            Self::Depart => "depart",
            Self::Erreur => "erreur",
            Self::Autre => "autre",
        }
    }

    /// On the screen.
    pub fn nom(self) -> &'static str {
        match self {
            Self::Perte => "La carte est perdue ou volée",
            Self::Panne => "La carte ne fonctionne plus",
            Self::Depart => "La personne part",
            Self::Erreur => "La carte a été associée par erreur",
            Self::Autre => "Autre raison",
        }
    }

    /// The one of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|m| m.cle() == cle)
    }

    /// Where the card goes.
    pub(super) fn vers(self) -> EtatCarte {
        match self {
            Self::Perte => EtatCarte::Perdue,
            Self::Panne => EtatCarte::HorsService,
            Self::Depart | Self::Erreur | Self::Autre => EtatCarte::EnStock,
        }
    }
}

/// A card; its seed stays in the database.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Carte {
    /// Its identifier.
    pub id: Uuid,
    /// What is printed on it.
    pub numero: String,
    /// Where it is.
    pub etat: EtatCarte,
    /// Whose account it opens.
    pub compte: Option<CompteId>,
    /// Seconds of a step.
    pub periode: i64,
    /// How far its clock is from ours, in steps; late when negative.
    pub derive: i64,
    /// Codes refused since the last one that was taken.
    pub refus: i64,
    /// When a code was last taken.
    pub utilisee_le: Option<DateTime<Utc>>,
    /// Since when it is where it is.
    pub etat_le: DateTime<Utc>,
    pub(super) graine: String,
    pub(super) dernier_pas: Option<i64>,
}

impl Carte {
    /// How far its clock is from ours, in seconds.
    pub fn ecart(&self) -> i64 {
        self.derive * self.periode
    }

    pub(super) fn graine(&self, site: &Site) -> Result<Graine> {
        let claire = site.secrets.open(&place(self.id), &self.graine)?;
        Graine::from_bytes(&claire).ok_or_else(|| DbErr::Type(format!("compte_carte {}", self.id)).into())
    }

    pub(super) fn pas(&self, now: DateTime<Utc>) -> i64 {
        now.timestamp().div_euclid(self.periode)
    }
}

/// Where a seed is sealed for.
pub(super) fn place(id: Uuid) -> String {
    format!("compte_carte/graine/{id}")
}

/// A number as people type it: blanks and dashes do not count, nor does the case.
pub fn numero(tape: &str) -> Option<String> {
    let net: String =
        tape.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_ascii_uppercase()).collect();
    (!net.is_empty() && net.len() <= NUMERO_MAX && net.bytes().all(|b| b.is_ascii_alphanumeric()))
        .then_some(net)
}
