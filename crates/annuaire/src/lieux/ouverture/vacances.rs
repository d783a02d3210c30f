//! School holidays. Their dates are decided year by year and by zone, so that they are known only as far as they are
//! published: elsewhere a day is surely no holiday, or it is unknown.

use chrono::{Datelike, NaiveDate};

/// Whether a day belongs to the school holidays.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Vacances {
    /// It surely does.
    Oui,
    /// It surely does not.
    Non,
    /// The dates differ by zone and by year, and this day lies near them.
    Inconnu,
}

/// Stretches of the year in which the school holidays of some zone of mainland France fall, as (month, day), both
/// included. Source: the national calendars since 2015 (code de l’éducation, L521-1), a few days wider on both sides.
const PRES_DES_VACANCES: [((u32, u32), (u32, u32)); 6] = [
    ((1, 1), (1, 8)),
    ((2, 3), (3, 14)),
    ((4, 1), (5, 11)),
    ((7, 1), (9, 3)),
    ((10, 14), (11, 8)),
    ((12, 16), (12, 31)),
];

/// Whether a day belongs to the school holidays of a département.
///
/// In the heart of summer and around Christmas all the zones of mainland France are on holiday; overseas, calendars
/// differ so much that every day is unknown.
pub fn vacances(departement: &str, jour: NaiveDate) -> Vacances {
    if departement.len() == 3 {
        return Vacances::Inconnu;
    }
    let quantieme = (jour.month(), jour.day());
    let coeur = [((7, 9), (8, 29)), ((12, 24), (12, 31)), ((1, 1), (1, 1))];
    if coeur.iter().any(|(de, a)| (*de..=*a).contains(&quantieme)) {
        return Vacances::Oui;
    }
    if PRES_DES_VACANCES.iter().any(|(de, a)| (*de..=*a).contains(&quantieme)) {
        return Vacances::Inconnu;
    }
    Vacances::Non
}
