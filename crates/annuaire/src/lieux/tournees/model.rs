//! A stop of a lieu that moves.

use chrono::{NaiveDate, NaiveTime};
use kernel::ids::LieuId;
use kernel::{CodeCommune, Position, typed_id};

use crate::lieux::rythme::Rythme;

typed_id!(ArretId, "a stop of an itinerant lieu");

/// What people write of a stop.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Contenu {
    /// The spot: « Place de la mairie ».
    pub(crate) nom: String,
    /// Its commune.
    pub(crate) commune: CodeCommune,
    /// Where it is; the centre of the commune when nobody gave it.
    pub(crate) position: Option<Position>,
    /// Whether somebody gave the position.
    pub(crate) precise: bool,
    /// From when, by the clock of the commune.
    pub(crate) debut: NaiveTime,
    /// Until when.
    pub(crate) fin: NaiveTime,
    /// On which days.
    pub(crate) rythme: Rythme,
}

/// A stop.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Arret {
    /// Its identifier.
    pub(crate) id: ArretId,
    /// What stops there: the lieu that was kept, when lieux were merged.
    pub(crate) lieu: LieuId,
    /// Its place in the tour, from 1.
    pub(crate) rang: i64,
    /// What people wrote.
    pub(crate) contenu: Contenu,
    /// Raised by each change.
    pub(crate) version: i64,
}

impl Arret {
    /// The next day on which it stops there, within three months.
    pub(crate) fn prochain(&self, jour: NaiveDate) -> Option<NaiveDate> {
        let fin = jour.checked_add_days(chrono::Days::new(92)).unwrap_or(jour);
        self.contenu.rythme.jours(jour, fin).first().copied()
    }
}
