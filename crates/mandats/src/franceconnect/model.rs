//! Who FranceConnect says that somebody is.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::usagers::Identite;

/// What the identity is wanted for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum But {
    /// A mandat, in front of an aidant.
    Mandat,
    /// The person's own space.
    Espace,
    /// A mandat whose person is not there: they are on their own device.
    Consentement,
}

impl But {
    /// Every one.
    pub const TOUS: [Self; 3] = [Self::Mandat, Self::Espace, Self::Consentement];

    /// Its key.
    pub const fn cle(self) -> &'static str {
        match self {
            Self::Mandat => "mandat",
            Self::Espace => "espace",
            Self::Consentement => "consentement",
        }
    }

    /// The one of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|b| b.cle() == cle)
    }
}

/// A departure: what for, and the page of ours to come back to (path and query).
#[derive(Clone, Debug)]
pub struct Depart {
    /// What for.
    pub but: But,
    /// Where the person comes back, as `/mandats/brouillon/…`; `?identification=` or `?refus=` is added to it.
    pub retour: String,
}

/// A person who proved who they are; given once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identifie {
    /// What it was wanted for: an identity got for one thing does not serve for another.
    pub but: But,
    /// What the civil register says of them, as FranceConnect tells it.
    pub identite: Identite,
    /// Keyed fingerprint of the person's identifier there (`usagers::empreinte`): the identifier itself is kept nowhere.
    pub sub: String,
    /// The level of the proof.
    pub acr: String,
    /// When.
    pub quand: DateTime<Utc>,
}

impl std::fmt::Debug for Identifie {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identifie({:?} {} {})", self.but, self.acr, self.quand)
    }
}
