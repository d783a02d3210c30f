//! Public holidays, computed.

use chrono::{Datelike, Days, NaiveDate};

/// The public holidays of a year in a département or collectivity, with their names.
///
/// Sources: code du travail L3133-1 (the eleven of the whole country), L3134-13 (Moselle, Bas-Rhin, Haut-Rhin),
/// L3422-2 and décret n° 83-1003 (abolition of slavery overseas), code du travail of New Caledonia (24 September).
pub fn jours_feries(departement: &str, annee: i32) -> Vec<(NaiveDate, &'static str)> {
    let mut jours = Vec::with_capacity(14);
    let mut fixe = |mois: u32, jour: u32, nom: &'static str| {
        jours.extend(NaiveDate::from_ymd_opt(annee, mois, jour).map(|d| (d, nom)));
    };
    fixe(1, 1, "jour de l’an");
    fixe(5, 1, "fête du Travail");
    fixe(5, 8, "victoire de 1945");
    fixe(7, 14, "fête nationale");
    fixe(8, 15, "Assomption");
    fixe(11, 1, "Toussaint");
    fixe(11, 11, "armistice de 1918");
    fixe(12, 25, "Noël");
    match departement {
        "57" | "67" | "68" => fixe(12, 26, "Saint-Étienne"),
        "971" => fixe(5, 27, "abolition de l’esclavage"),
        "972" => fixe(5, 22, "abolition de l’esclavage"),
        "973" => fixe(6, 10, "abolition de l’esclavage"),
        "974" => fixe(12, 20, "abolition de l’esclavage"),
        "976" => fixe(4, 27, "abolition de l’esclavage"),
        "977" => fixe(10, 9, "abolition de l’esclavage"),
        "978" => fixe(5, 28, "abolition de l’esclavage"),
        "988" => fixe(9, 24, "fête de la citoyenneté"),
        _ => {}
    }
    if let Some(paques) = paques(annee) {
        let mut apres = |n: u64, nom: &'static str| {
            jours.extend(paques.checked_add_days(Days::new(n)).map(|d| (d, nom)));
        };
        apres(1, "lundi de Pâques");
        apres(39, "Ascension");
        apres(50, "lundi de Pentecôte");
        if matches!(departement, "57" | "67" | "68") {
            jours.extend(paques.checked_sub_days(Days::new(2)).map(|d| (d, "vendredi saint")));
        }
    }
    jours.sort_unstable();
    jours
}

/// The name of the public holiday that falls on this day, if one does.
pub fn jour_ferie(departement: &str, jour: NaiveDate) -> Option<&'static str> {
    jours_feries(departement, jour.year()).into_iter().find(|(d, _)| *d == jour).map(|(_, nom)| nom)
}

/// Easter Sunday of the Gregorian calendar (algorithm of Meeus, Jones and Butcher).
fn paques(annee: i32) -> Option<NaiveDate> {
    let (a, b, c) = (annee.rem_euclid(19), annee.div_euclid(100), annee.rem_euclid(100));
    let (d, e) = (b.div_euclid(4), b.rem_euclid(4));
    let g = (8 * b + 13).div_euclid(25);
    let h = (19 * a + b - d - g + 15).rem_euclid(30);
    let (i, k) = (c.div_euclid(4), c.rem_euclid(4));
    let l = (32 + 2 * e + 2 * i - h - k).rem_euclid(7);
    let m = (a + 11 * h + 22 * l).div_euclid(451);
    let n = h + l - 7 * m + 114;
    let mois = u32::try_from(n.div_euclid(31)).ok()?;
    let jour = u32::try_from(n.rem_euclid(31) + 1).ok()?;
    NaiveDate::from_ymd_opt(annee, mois, jour)
}
