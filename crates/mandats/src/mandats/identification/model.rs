//! What was asked of a person who is not there: to say who they are.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::typed_id;
use uuid::Uuid;

use crate::consentements::Adresse;

typed_id!(IdentificationId, "an identification asked for from afar");

/// For how long a link serves.
pub(super) const DUREE: TimeDelta = TimeDelta::hours(24);
/// How many links go to one address in a day, whoever sends them and by whatever draft: nobody is to be pestered.
pub(super) const ENVOIS: i64 = 5;
/// The least time between two messages of one draft.
pub(super) const ENTRE_DEUX: TimeDelta = TimeDelta::minutes(1);

/// Where an identification is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::mandats) enum Etat {
    /// The link was sent.
    Envoyee,
    /// FranceConnect said who they are.
    Faite,
    /// Whoever got the link asked for nothing, or wants no more messages.
    Refusee,
    /// The aidant gave up, or did not recognise who identified themselves.
    Arretee,
    /// Nobody came in time.
    Expiree,
}

impl Etat {
    /// What is stored: too late is read from the clock.
    pub(super) const STOCKES: [Self; 4] = [Self::Envoyee, Self::Faite, Self::Refusee, Self::Arretee];

    /// Its key.
    pub(in crate::mandats) const fn cle(self) -> &'static str {
        match self {
            Self::Envoyee => "envoyee",
            Self::Faite => "faite",
            Self::Refusee => "refusee",
            Self::Arretee => "arretee",
            Self::Expiree => "expiree",
        }
    }

    pub(super) fn from_cle(cle: &str) -> Option<Self> {
        Self::STOCKES.into_iter().find(|e| e.cle() == cle)
    }
}

/// An identification, as stored: one for a draft.
#[derive(Clone, Debug)]
pub(in crate::mandats) struct Identification {
    pub(super) id: IdentificationId,
    pub(super) brouillon: Uuid,
    /// Where the link went.
    pub(in crate::mandats) adresse: Adresse,
    pub(super) etat: Etat,
    /// The browser that opened the link last, and left for FranceConnect.
    pub(super) navigateur: Option<String>,
    /// When the last message left.
    pub(in crate::mandats) envoyee_le: DateTime<Utc>,
    /// Until when its link serves.
    pub(in crate::mandats) expire_le: DateTime<Utc>,
}

impl Identification {
    /// Whether they came.
    pub(in crate::mandats) fn est_faite(&self) -> bool {
        self.etat == Etat::Faite
    }

    /// Where it is now.
    pub(in crate::mandats) fn etat(&self, now: DateTime<Utc>) -> Etat {
        if self.etat == Etat::Envoyee && now >= self.expire_le { Etat::Expiree } else { self.etat }
    }
}
