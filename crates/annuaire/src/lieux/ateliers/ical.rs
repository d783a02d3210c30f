//! Sessions as iCalendar (RFC 5545), for the agendas of people and of other sites. Each session is an event of its own,
//! in UTC: what is called off says so, and no rule of summer time is left to the reader.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

use super::model::Seance;

/// A session with where it is held.
pub(super) struct Evenement<'a> {
    /// The session.
    pub(super) seance: Seance<'a>,
    /// Name and address of the lieu.
    pub(super) lieu: String,
    /// The clock of the lieu.
    pub(super) fuseau: Tz,
    /// Page of the lieu.
    pub(super) url: String,
}

/// A calendar of that name. `hote` makes the identifiers of events ours.
pub(super) fn calendrier(nom: &str, hote: &str, evenements: &[Evenement<'_>]) -> String {
    let mut ical = Lignes(String::new());
    for ligne in [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Maillage//Ateliers//FR",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
    ] {
        ical.ligne(ligne);
    }
    ical.texte("X-WR-CALNAME", nom);
    for e in evenements {
        let (a, c) = (e.seance.atelier, &e.seance.atelier.contenu);
        ical.ligne("BEGIN:VEVENT");
        ical.ligne(&format!("UID:{}-{}@{hote}", a.id, e.seance.jour.format("%Y%m%d")));
        ical.ligne(&format!("DTSTAMP:{}", a.modifie_le.format("%Y%m%dT%H%M%SZ")));
        ical.ligne(&format!("SEQUENCE:{}", a.version));
        ical.ligne(&format!("DTSTART:{}", instant(e.fuseau, e.seance.jour, c.debut)));
        ical.ligne(&format!("DTEND:{}", instant(e.fuseau, e.seance.jour, c.fin)));
        ical.texte(
            "SUMMARY",
            &if e.seance.annulee { format!("Annulé : {}", c.titre) } else { c.titre.clone() },
        );
        ical.texte("LOCATION", &e.lieu);
        let mut dit =
            vec![c.presentation.clone(), format!("Niveau : {}.", c.niveau.libelle().to_lowercase())];
        dit.push(c.places.map_or_else(String::new, |n| format!("Places : {n}.")));
        dit.push(format!("Inscription : {}", c.inscription));
        dit.extend(c.lien.clone());
        dit.retain(|l| !l.is_empty());
        ical.texte("DESCRIPTION", &dit.join("\n"));
        ical.ligne(&format!("URL:{}", e.url));
        ical.ligne(if e.seance.annulee { "STATUS:CANCELLED" } else { "STATUS:CONFIRMED" });
        ical.ligne("END:VEVENT");
    }
    ical.ligne("END:VCALENDAR");
    ical.0
}

/// An hour of the lieu in UTC; where the clock jumps over it, the hour after.
fn instant(fuseau: Tz, jour: NaiveDate, heure: NaiveTime) -> String {
    let locale = jour.and_time(heure);
    let utc: DateTime<Utc> = fuseau
        .from_local_datetime(&locale)
        .earliest()
        .or_else(|| fuseau.from_local_datetime(&(locale + chrono::TimeDelta::hours(1))).earliest())
        .map_or_else(|| locale.and_utc(), |l| l.with_timezone(&Utc));
    utc.format("%Y%m%dT%H%M%SZ").to_string()
}

struct Lignes(String);

impl Lignes {
    /// A line, folded at 75 octets as the standard asks, between characters.
    fn ligne(&mut self, ligne: &str) {
        let mut place = 75;
        for c in ligne.chars() {
            if c.len_utf8() > place {
                self.0.push_str("\r\n ");
                place = 74;
            }
            self.0.push(c);
            place -= c.len_utf8();
        }
        self.0.push_str("\r\n");
    }

    fn texte(&mut self, nom: &str, valeur: &str) {
        let mut code = String::with_capacity(valeur.len() + nom.len() + 8);
        code.push_str(nom);
        code.push(':');
        for c in valeur.chars() {
            match c {
                '\\' | ',' | ';' => {
                    code.push('\\');
                    code.push(c);
                }
                '\n' => code.push_str("\\n"),
                c if c.is_control() => {}
                c => code.push(c),
            }
        }
        self.ligne(&code);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hours_are_those_of_the_lieu() {
        let le = |m, j| NaiveDate::from_ymd_opt(2026, m, j).unwrap();
        let a = |h, m| NaiveTime::from_hms_opt(h, m, 0).unwrap();
        for (fuseau, jour, heure, attendu) in [
            (Tz::Europe__Paris, le(11, 24), a(14, 0), "20261124T130000Z"),
            (Tz::Europe__Paris, le(7, 14), a(14, 0), "20260714T120000Z"),
            (Tz::Indian__Reunion, le(7, 14), a(14, 0), "20260714T100000Z"),
            // The hour that the clock jumps over, and the one that comes twice.
            (Tz::Europe__Paris, le(3, 29), a(2, 30), "20260329T013000Z"),
            (Tz::Europe__Paris, le(10, 25), a(2, 30), "20261025T003000Z"),
        ] {
            assert_eq!(instant(fuseau, jour, heure), attendu);
        }
    }

    proptest! {
        #[test]
        fn lines_are_short_and_say_everything(texte in "\\PC{0,300}") {
            let mut l = Lignes(String::new());
            l.texte("SUMMARY", &texte);
            prop_assert!(l.0.split("\r\n").all(|ligne| ligne.len() <= 75));
            let lu = l.0.replace("\r\n ", "").replace("\r\n", "");
            prop_assert_eq!(lu.strip_prefix("SUMMARY:").unwrap().replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\"), texte);
        }
    }
}
