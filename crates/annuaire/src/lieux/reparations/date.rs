//! Days of update, to `AAAA-MM-JJ`. What cannot be read is no date at all, never 1970.

use chrono::{DateTime, NaiveDate};

use super::Notes;
use crate::lieux::rapport::Regle;
use crate::lieux::standard::{Champ, verdict};

const FORMAT: Regle = Regle::repare("date-format", "La date est mise à la forme année-mois-jour.");
const ILLISIBLE: Regle =
    Regle::ecarte("date-illisible", "Cette date n’est pas lisible : la fiche est gardée sans date.");
const FUTUR: Regle = Regle::garde("date-future", "Cette date est dans le futur.");

const MOIS: [&str; 12] =
    ["janv", "fevr", "mars", "avr", "mai", "juin", "juil", "aout", "sept", "oct", "nov", "dec"];

/// Reads a day in the shapes that files use. `aujourdhui` tells which days are in the future.
pub fn date(valeur: &str, aujourdhui: NaiveDate, notes: &mut Notes) -> Option<NaiveDate> {
    let net = valeur.trim();
    if net.is_empty() {
        return None;
    }
    let jour = if verdict(Champ::DateMaj, valeur).is_none() {
        crate::lieux::standard::jour(valeur)
    } else {
        let lue = lit(net);
        match lue {
            Some(d) => notes.repare(FORMAT, valeur, &d.to_string()),
            None => notes.signale(ILLISIBLE, valeur, None),
        }
        lue
    };
    if jour.is_some_and(|j| j > aujourdhui) {
        notes.signale(FUTUR, valeur, None);
    }
    jour
}

fn lit(texte: &str) -> Option<NaiveDate> {
    if texte.bytes().all(|c| c.is_ascii_digit()) {
        let n: i64 = texte.parse().ok()?;
        return match texte.len() {
            8 => plausible(NaiveDate::parse_from_str(texte, "%Y%m%d").ok()?),
            10 => plausible(DateTime::from_timestamp(n, 0)?.date_naive()),
            13 => plausible(DateTime::from_timestamp_millis(n)?.date_naive()),
            // Days since 30 December 1899, as spreadsheets count them.
            5 => plausible(
                NaiveDate::from_ymd_opt(1899, 12, 30)?
                    .checked_add_days(chrono::Days::new(n.unsigned_abs()))?,
            ),
            _ => None,
        };
    }
    // The day stands first: a time, a zone may follow.
    let jour = texte.split(['T', ' ', ',']).next().unwrap_or(texte);
    for separateur in ['-', '/', '.'] {
        let parts: Vec<&str> = jour.split(separateur).collect();
        if let [a, b, c] = parts[..] {
            let (a_n, b_n, c_n) = (a.parse::<u32>().ok()?, b.parse::<u32>().ok()?, c.parse::<u32>().ok()?);
            let (annee, mois, jour) = match (a.len(), c.len()) {
                (4, 1 | 2) => (a_n, b_n, c_n),
                (1 | 2, 4) => (c_n, b_n, a_n),
                (1 | 2, 2) => (2000 + c_n, b_n, a_n),
                _ => return None,
            };
            return plausible(NaiveDate::from_ymd_opt(i32::try_from(annee).ok()?, mois, jour)?);
        }
    }
    en_lettres(texte)
}

/// "12 mars 2023", "1er février 2022", "lundi 3 janvier 2022".
fn en_lettres(texte: &str) -> Option<NaiveDate> {
    let plie = kernel::text::fold(texte);
    let mots: Vec<&str> = plie.split(' ').collect();
    let rang = mots.iter().position(|m| MOIS.iter().any(|debut| m.starts_with(debut)))?;
    let mois = MOIS.iter().position(|debut| mots[rang].starts_with(debut))?;
    let jour: u32 = match rang.checked_sub(1) {
        Some(i) => mots[i].trim_end_matches("er").parse().ok()?,
        None => return None,
    };
    let annee: i32 = mots.get(rang + 1)?.parse().ok()?;
    plausible(NaiveDate::from_ymd_opt(annee, u32::try_from(mois).ok()? + 1, jour)?)
}

/// A repaired date must make sense: the first public digital places are of the nineties.
fn plausible(jour: NaiveDate) -> Option<NaiveDate> {
    use chrono::Datelike;
    (1990..=2100).contains(&jour.year()).then_some(jour)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_real_files() {
        let aujourdhui = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
        for (valeur, attendu, regle) in [
            ("2024-04-02", Some("2024-04-02"), None),
            ("2024-4-2", Some("2024-04-02"), None),
            ("1970-01-01", Some("1970-01-01"), None),
            ("2022-09-26 19:00:45", Some("2022-09-26"), Some("date-format")),
            ("2020/06/30 14:16:50.898", Some("2020-06-30"), Some("date-format")),
            ("2023-05-11T10:20:30+02:00", Some("2023-05-11"), Some("date-format")),
            ("07/12/2021", Some("2021-12-07"), Some("date-format")),
            ("7/1/21", Some("2021-01-07"), Some("date-format")),
            ("07.12.2021", Some("2021-12-07"), Some("date-format")),
            ("1er février 2022", Some("2022-02-01"), Some("date-format")),
            ("lundi 3 janvier 2022", Some("2022-01-03"), Some("date-format")),
            ("1664218845", Some("2022-09-26"), Some("date-format")),
            ("1664218845000", Some("2022-09-26"), Some("date-format")),
            ("44830", Some("2022-09-26"), Some("date-format")),
            ("20220926", Some("2022-09-26"), Some("date-format")),
            ("31/02/2022", None, Some("date-illisible")),
            ("hier", None, Some("date-illisible")),
            ("0", None, Some("date-illisible")),
            ("2030-01-01", Some("2030-01-01"), Some("date-future")),
            ("", None, None),
        ] {
            let mut notes = Notes::default();
            let jour = date(valeur, aujourdhui, &mut notes);
            assert_eq!(jour.map(|d| d.to_string()).as_deref(), attendu, "{valeur}");
            assert_eq!(notes.0.first().map(|n| n.regle.id), regle, "{valeur}");
        }
    }
}
