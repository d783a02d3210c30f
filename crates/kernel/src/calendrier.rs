//! Days and hours as French law counts them: by the clock of Paris, whatever that of the machine.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};

use crate::text::MOIS;

/// The civil day of an instant: dates of rules, roles and lists are days of the administration.
pub fn jour(le: &DateTime<Utc>) -> NaiveDate {
    le.with_timezone(&chrono_tz::Europe::Paris).date_naive()
}

/// The instant of that day at that hour by the clock of Paris; none in the hour that spring skips.
pub fn instant(jour: NaiveDate, heure: NaiveTime) -> Option<DateTime<Utc>> {
    let local = chrono_tz::Europe::Paris.from_local_datetime(&jour.and_time(heure)).earliest()?;
    Some(local.with_timezone(&Utc))
}

/// Midnight in Paris, at the beginning of a day.
pub fn minuit(jour: NaiveDate) -> DateTime<Utc> {
    let local = jour.and_time(NaiveTime::MIN);
    chrono_tz::Europe::Paris
        .from_local_datetime(&local)
        .earliest()
        .map_or_else(|| local.and_utc(), |d| d.with_timezone(&Utc))
}

/// The latest day that somebody in France lives at that instant: Wallis-et-Futuna is twelve hours ahead of UTC. A date
/// that a person gives is of the future only beyond it.
pub fn jour_le_plus_avance(le: &DateTime<Utc>) -> NaiveDate {
    le.checked_add_signed(TimeDelta::hours(12)).unwrap_or(*le).date_naive()
}

/// « 18 mars 2026 », « 1er avril 2026 »: the one way in which a day is written on the screen.
pub fn jour_en_lettres(jour: NaiveDate) -> String {
    let quantieme = if jour.day() == 1 { "1er".to_owned() } else { jour.day().to_string() };
    format!("{quantieme} {} {}", MOIS[jour.month0() as usize % 12], jour.year())
}

/// The day of an instant, in letters.
pub fn en_lettres(le: &DateTime<Utc>) -> String {
    jour_en_lettres(jour(le))
}

/// « 18 mars 2026 à 10 h 30 ».
pub fn en_lettres_avec_heure(le: &DateTime<Utc>) -> String {
    let paris = le.with_timezone(&chrono_tz::Europe::Paris);
    format!("{} à {}", en_lettres(le), paris.format("%-H\u{a0}h\u{a0}%M"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_paris() {
        let le = Utc.with_ymd_and_hms(2026, 3, 31, 22, 5, 0).single().unwrap();
        assert_eq!(jour(&le), NaiveDate::from_ymd_opt(2026, 4, 1).unwrap());
        assert_eq!(en_lettres(&le), "1er avril 2026");
        assert_eq!(en_lettres_avec_heure(&le), "1er avril 2026 à 0\u{a0}h\u{a0}05");
        let winter = Utc.with_ymd_and_hms(2026, 1, 31, 12, 0, 0).single().unwrap();
        assert_eq!(jour(&winter), NaiveDate::from_ymd_opt(2026, 1, 31).unwrap());
        assert_eq!(jour_le_plus_avance(&winter), NaiveDate::from_ymd_opt(2026, 2, 1).unwrap());
    }
}
