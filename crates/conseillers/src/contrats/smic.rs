//! The minimum wage by date, as the decrees fix it: an hourly rate, which full time makes a monthly amount.

use chrono::NaiveDate;
use kernel::CodeDepartement;

use super::model::Montant;
use crate::postes::rules::jour;

/// A rate: from when, cents an hour in France, cents an hour in Mayotte, and the text that fixes it.
#[derive(Clone, Copy, Debug)]
pub struct Taux {
    /// First day.
    pub depuis: NaiveDate,
    /// Mainland, Corse, Guadeloupe, Guyane, Martinique, La Réunion, Saint-Barthélemy, Saint-Martin, Saint-Pierre-et-Miquelon.
    pub france: i64,
    /// Mayotte.
    pub mayotte: i64,
    /// The decree or arrêté.
    pub texte: &'static str,
}

const fn taux(depuis: NaiveDate, france: i64, mayotte: i64, texte: &'static str) -> Taux {
    Taux { depuis, france, mayotte, texte }
}

/// Every rate since the programme opened (code du travail, L. 3231-2 and following; in Mayotte D. 3423-1).
pub const TAUX: [Taux; 10] = [
    taux(jour(2021, 1, 1), 1025, 774, "décret n° 2020-1598 du 16 décembre 2020"),
    taux(jour(2021, 10, 1), 1048, 791, "arrêté du 27 septembre 2021"),
    taux(jour(2022, 1, 1), 1057, 798, "décret n° 2021-1741 du 22 décembre 2021"),
    taux(jour(2022, 5, 1), 1085, 819, "arrêté du 19 avril 2022"),
    taux(jour(2022, 8, 1), 1107, 835, "arrêté du 29 juillet 2022"),
    taux(jour(2023, 1, 1), 1127, 851, "décret n° 2022-1608 du 22 décembre 2022"),
    taux(jour(2023, 5, 1), 1152, 870, "arrêté du 26 avril 2023"),
    taux(jour(2024, 1, 1), 1165, 880, "décret n° 2023-1216 du 20 décembre 2023"),
    taux(jour(2024, 11, 1), 1188, 898, "décret n° 2024-951 du 23 octobre 2024"),
    taux(jour(2026, 1, 1), 1202, 933, "décret de décembre 2025, au Journal officiel le 18"),
];

/// Cents a month for that many an hour, at 35 hours a week, 52 weeks a year, to the nearest cent: what is published.
fn mensuel(horaire: i64) -> Montant {
    Montant((horaire * 35 * 52 + 6) / 12)
}

/// The least a full-time contract may pay that begins on that day in that département, gross and by month; none where
/// the code du travail does not reach: Polynésie française, Wallis-et-Futuna and Nouvelle-Calédonie have their own minimum,
/// which this programme does not know.
pub fn minimum(departement: &CodeDepartement, le: NaiveDate) -> Option<Montant> {
    let taux = TAUX.iter().rev().find(|t| t.depuis <= le).or(TAUX.first())?;
    match departement.to_string().as_str() {
        "986" | "987" | "988" => None,
        "976" => Some(mensuel(taux.mayotte)),
        _ => Some(mensuel(taux.france)),
    }
}
