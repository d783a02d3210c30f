//! What a notification is.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use kernel::{Refusal, typed_id};

use crate::ids::AidantId;

typed_id!(NotificationId, "something that the team tells aidants or référents");

/// Longest title, in characters.
pub const TITRE_MAX: usize = 120;
/// Longest text, in characters.
pub const TEXTE_MAX: usize = 4_000;

/// What it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Genre {
    /// Something to know.
    Information,
    /// Something new in the service: told by mail too.
    Nouveaute,
    /// Something to be careful about.
    Alerte,
}

impl Genre {
    /// Every one.
    pub const TOUS: [Self; 3] = [Self::Information, Self::Nouveaute, Self::Alerte];

    /// Its key.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Information => "information",
            Self::Nouveaute => "nouveaute",
            Self::Alerte => "alerte",
        }
    }

    /// On the screen.
    pub fn nom(self) -> &'static str {
        match self {
            Self::Information => "Information",
            Self::Nouveaute => "Nouveauté",
            Self::Alerte => "Alerte",
        }
    }

    /// Class of its box.
    pub fn classe(self) -> &'static str {
        match self {
            Self::Alerte => "fr-alert--warning",
            _ => "fr-alert--info",
        }
    }

    /// The one of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|g| g.cle() == cle)
    }
}

/// For whom it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Public {
    /// Aidants and référents.
    Tous,
    /// Whoever is référent somewhere.
    Referents,
    /// Whoever makes mandats somewhere.
    Aidants,
    /// One person.
    Personne(AidantId),
}

impl Public {
    /// Its key.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Tous => "tous",
            Self::Referents => "referents",
            Self::Aidants => "aidants",
            Self::Personne(_) => "personne",
        }
    }

    /// On the screen.
    pub fn nom(self) -> &'static str {
        match self {
            Self::Tous => "Aidants et référents",
            Self::Referents => "Référents",
            Self::Aidants => "Aidants",
            Self::Personne(_) => "Une personne",
        }
    }

    /// Whether it is for somebody who makes mandats, looks after aidants, or both.
    pub fn concerne(self, qui: AidantId, fait_mandats: bool, referent: bool) -> bool {
        match self {
            Self::Tous => fait_mandats || referent,
            Self::Referents => referent,
            Self::Aidants => fait_mandats,
            Self::Personne(a) => a == qui,
        }
    }
}

/// A notification.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notification {
    /// Its identifier.
    pub id: NotificationId,
    /// What it is.
    pub genre: Genre,
    /// For whom.
    pub public: Public,
    /// One line.
    pub titre: String,
    /// What it says.
    pub texte: String,
    /// Last day on which it is shown.
    pub jusqu_au: NaiveDate,
    /// Since when.
    pub cree_le: DateTime<Utc>,
    /// When it was taken back, if it was.
    pub retiree_le: Option<DateTime<Utc>>,
}

impl Notification {
    /// Whether home pages show it that day.
    pub fn en_cours(&self, jour: NaiveDate) -> bool {
        self.retiree_le.is_none() && jour <= self.jusqu_au
    }

    /// Its day, in letters.
    pub fn le(&self) -> String {
        kernel::calendrier::en_lettres(&self.cree_le)
    }

    /// Its last day, in letters.
    pub fn fin(&self) -> String {
        kernel::calendrier::jour_en_lettres(self.jusqu_au)
    }
}

/// The same, for somebody.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recue {
    /// What is told.
    pub notification: Notification,
    /// When they said that they read it.
    pub lue_le: Option<DateTime<Utc>>,
}

impl std::ops::Deref for Recue {
    type Target = Notification;

    fn deref(&self) -> &Notification {
        &self.notification
    }
}

/// Whether its last day may be that one: pure.
///
/// # Errors
/// The field that is wrong.
pub fn fin_juste(jusqu_au: NaiveDate, jour: NaiveDate) -> Result<(), Refusal> {
    if jusqu_au < jour || jusqu_au - jour > TimeDelta::days(366) {
        return Err(Refusal::field("jusqu_au", "Choisissez un jour à venir, dans un an au plus."));
    }
    Ok(())
}
