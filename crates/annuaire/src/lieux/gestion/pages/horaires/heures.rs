//! Times and dates as people type them in the form of hours. Pure.

use crate::lieux::horaires::edition::{Creneau, Quantieme};

/// Minutes of « 9:00 », « 9h30 », « 9 h », « 9.30 »; none when it is no time of day.
pub(super) fn lit_minute(typed: &str) -> Option<u16> {
    let net: String = typed.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase();
    let (heures, minutes) = match net.split_once([':', 'h', '.']) {
        Some((h, m)) => (h, if m.is_empty() { "0" } else { m }),
        None => (net.as_str(), "0"),
    };
    let chiffres = |t: &str| (1..=2).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_digit());
    if !chiffres(heures) || !chiffres(minutes) {
        return None;
    }
    let (h, m): (u16, u16) = (heures.parse().ok()?, minutes.parse().ok()?);
    (m < 60 && (h < 24 || (h == 24 && m == 0))).then_some(h * 60 + m)
}

/// « 09:00 », as the field of a time wants it; after midnight, the time of the next day.
pub(super) fn ecrit_minute(minute: u16) -> String {
    let m = minute % 1_440;
    format!("{:02}:{:02}", m / 60, m % 60)
}

/// Slots of « 9h-12h, 14h-17h30 » or « 9 h à 12 h et 14 h à 17 h »; none of an empty text, or of « fermé ».
pub(super) fn lit_heures(typed: &str) -> Result<Vec<Creneau>, String> {
    let net = typed.trim().to_lowercase();
    if net.is_empty() || net == "fermé" || net == "ferme" {
        return Ok(Vec::new());
    }
    let mut creneaux = Vec::new();
    for morceau in net.replace(" et ", ",").split([',', ';', '/']).filter(|m| !m.trim().is_empty()) {
        let deux = morceau.replace(['–', 'à'], "-");
        let lu = deux
            .split_once('-')
            .and_then(|(de, a)| lit_minute(de.trim().trim_start_matches("de ")).zip(lit_minute(a)));
        let Some((debut, fin)) = lu else {
            return Err(
                "Écrivez les heures comme « 9h-12h, 14h-17h », ou laissez vide si c’est fermé.".to_owned()
            );
        };
        let fin = if fin <= debut && fin <= 6 * 60 { fin + 1_440 } else { fin };
        creneaux.push(Creneau { debut, fin, precision: String::new() });
    }
    Ok(creneaux)
}

/// « 9h-12h, 14h-17h30 ».
pub(super) fn ecrit_heures(creneaux: &[Creneau]) -> String {
    let heure = |m: u16| match (m % 1_440 / 60, m % 60) {
        (h, 0) => format!("{h}h"),
        (h, m) => format!("{h}h{m:02}"),
    };
    creneaux.iter().map(|c| format!("{}-{}", heure(c.debut), heure(c.fin))).collect::<Vec<_>>().join(", ")
}

/// « 24/12 » for every year, « 24/12/2026 » for one; also « 2026-12-24 », as fields of dates give it.
pub(super) fn lit_date(typed: &str) -> Option<Quantieme> {
    let net = typed.trim();
    if let Ok(d) = net.parse::<chrono::NaiveDate>() {
        use chrono::Datelike;
        return Some(Quantieme {
            annee: Some(u16::try_from(d.year()).ok()?),
            mois: u8::try_from(d.month()).ok()?,
            jour: u8::try_from(d.day()).ok()?,
        });
    }
    let mut parts = net.split(['/', '.', '-']).map(str::trim);
    let (jour, mois) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let annee = match parts.next() {
        None => None,
        Some(a) if a.len() == 4 => Some(a.parse().ok()?),
        Some(_) => return None,
    };
    (parts.next().is_none() && (1..=31).contains(&jour) && (1..=12).contains(&mois)).then_some(Quantieme {
        annee,
        mois,
        jour,
    })
}

/// « 24/12 » or « 24/12/2026 ».
pub(super) fn ecrit_date(q: Quantieme) -> String {
    match q.annee {
        Some(annee) => format!("{:02}/{:02}/{annee:04}", q.jour, q.mois),
        None => format!("{:02}/{:02}", q.jour, q.mois),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_dates_as_people_type_them() {
        for (typed, attendu) in [
            ("9:00", Some(540)),
            ("09:30", Some(570)),
            ("9h", Some(540)),
            ("9 h 30", Some(570)),
            ("9", Some(540)),
            ("24:00", Some(1_440)),
            ("0h", Some(0)),
            ("24:01", None),
            ("25", None),
            ("9:60", None),
            ("neuf", None),
            ("", None),
            ("-9", None),
        ] {
            assert_eq!(lit_minute(typed), attendu, "{typed}");
        }
        let q = |annee, mois, jour| Some(Quantieme { annee, mois, jour });
        for (typed, attendu) in [
            ("24/12", q(None, 12, 24)),
            ("24/12/2026", q(Some(2026), 12, 24)),
            ("2026-12-24", q(Some(2026), 12, 24)),
            ("1.5", q(None, 5, 1)),
            ("32/12", None),
            ("24/13", None),
            ("24/12/26", None),
            ("24", None),
            ("noël", None),
        ] {
            assert_eq!(lit_date(typed), attendu, "{typed}");
        }
        for (typed, attendu) in [
            ("9h-12h, 14h-17h30", Some("9h-12h, 14h-17h30")),
            ("de 9 h à 12 h et 14 h à 17 h", Some("9h-12h, 14h-17h")),
            ("20h-2h", Some("20h-2h")),
            ("fermé", Some("")),
            ("le matin", None),
        ] {
            assert_eq!(lit_heures(typed).ok().map(|h| ecrit_heures(&h)).as_deref(), attendu, "{typed}");
        }
    }
}
