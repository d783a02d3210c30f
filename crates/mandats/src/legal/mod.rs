//! Dated texts: what a mandat says, what is read aloud before it, which démarches it may cover and what the law warns
//! of. A text in force is never changed: a new one replaces it from a day on, and the old one stays, because mandats
//! made under it are drawn from it (`docs/mandats/modele.md`).

mod demarches;
mod lectures;

pub use demarches::{Avertissement, Demarche, catalogue};
pub use lectures::{LECTURES, Lecture, lectures};

use crate::Empreinte;
use chrono::NaiveDate;

/// What a text is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Genre {
    /// The mandat itself, with blanks between braces: signed on paper by a person who is there.
    Mandat,
    /// The same for a person who agreed by messages: nothing is signed on paper.
    MandatDistance,
    /// What the aidant reads aloud to the person.
    Notices,
    /// The démarches that a mandat may cover, as data.
    Demarches,
}

/// One text, as published.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Texte {
    /// What documents call it by, for ever.
    pub id: &'static str,
    /// What it is for.
    pub genre: Genre,
    /// First day on which mandats are made with it (ISO 8601).
    pub depuis: &'static str,
    /// Its bytes.
    pub corps: &'static str,
}

/// Every text ever published. Add, never change: a test holds the SHA-256 of each.
pub const PUBLIES: &[Texte] = &[
    Texte {
        id: "mandat-2026-11",
        genre: Genre::Mandat,
        depuis: "2026-11-01",
        corps: include_str!("textes/mandat-2026-11.md"),
    },
    // Until that day a mandat agreed to from afar was made with the one above, and is drawn with it for ever.
    Texte {
        id: "mandat-distance-2026-11",
        genre: Genre::MandatDistance,
        depuis: "2026-11-23",
        corps: include_str!("textes/mandat-distance-2026-11.md"),
    },
    Texte {
        id: "notices-2026-11",
        genre: Genre::Notices,
        depuis: "2026-11-01",
        corps: include_str!("textes/notices-2026-11.md"),
    },
    Texte {
        id: "demarches-2026-11",
        genre: Genre::Demarches,
        depuis: "2026-11-01",
        corps: include_str!("textes/demarches-2026-11.json"),
    },
];

impl Texte {
    /// SHA-256 of its bytes.
    pub fn empreinte(&self) -> Empreinte {
        Empreinte::de(self.corps.as_bytes())
    }
}

/// The text of that kind with which mandats are made on that day; none before the first one.
pub fn en_vigueur(genre: Genre, jour: NaiveDate) -> Option<&'static Texte> {
    // ISO dates of four-digit years sort as they follow one another.
    let jour = jour.to_string();
    PUBLIES.iter().filter(|t| t.genre == genre && t.depuis <= jour.as_str()).max_by_key(|t| t.depuis)
}

/// The text of a mandat made on that day: the one of its kind of agreement, or the common one before there were two.
pub fn du_mandat(a_distance: bool, jour: NaiveDate) -> Option<&'static Texte> {
    let distance = a_distance.then(|| en_vigueur(Genre::MandatDistance, jour)).flatten();
    distance.or_else(|| en_vigueur(Genre::Mandat, jour))
}

/// The text that a document names, if we published it with these very bytes.
pub fn publie(genre: Genre, id: &str, empreinte: Empreinte) -> Option<&'static Texte> {
    PUBLIES.iter().find(|t| t.genre == genre && t.id == id && t.empreinte() == empreinte)
}

#[cfg(test)]
mod tests;
