//! An instant as it was on the wall: to the second, with the offset of the place.

use chrono::{DateTime, Datelike, FixedOffset, TimeDelta, TimeZone, Timelike};
use kernel::text::MOIS;

/// An instant and the offset under which it was lived. The offset is written, so that a page drawn years later, under
/// other rules of summer time, says the same hour.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Instant(DateTime<FixedOffset>);

impl Instant {
    /// Cut to the second.
    pub fn de<Fuseau: TimeZone>(instant: &DateTime<Fuseau>) -> Self {
        let fixe = instant.fixed_offset();
        Self(fixe.with_nanosecond(0).unwrap_or(fixe))
    }

    /// As an instant.
    pub fn date_time(&self) -> DateTime<FixedOffset> {
        self.0
    }

    /// Whether the other comes that many days of 24 hours later, to the second.
    pub(super) fn precede_de(&self, jours: u16, autre: &Self) -> bool {
        autre.0 - self.0 == TimeDelta::days(i64::from(jours))
    }

    /// « 1er mars 2027 ».
    pub fn jour(&self) -> String {
        jour(self.0.year(), self.0.month0(), self.0.day())
    }

    /// « 1er mars 2027 à 15 h 05 (UTC+1) ».
    pub fn en_lettres(&self) -> String {
        let offset = self.0.offset().to_string();
        let (signe, reste) = offset.split_at(1);
        let court = reste.trim_end_matches(":00");
        let court = court.strip_prefix('0').unwrap_or(court);
        format!("{} à {} h {:02} (UTC{signe}{court})", self.jour(), self.0.hour(), self.0.minute())
    }
}

/// A date in letters; months count from 0.
pub(super) fn jour(annee: i32, mois0: u32, jour: u32) -> String {
    let premier = if jour == 1 { "er" } else { "" };
    format!("{jour}{premier} {} {annee}", mois(mois0))
}

/// The name of a month, counted from 0.
pub(super) fn mois(mois0: u32) -> &'static str {
    MOIS.get(mois0 as usize).copied().unwrap_or_default()
}

impl std::fmt::Display for Instant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m-%dT%H:%M:%S%:z"))
    }
}

impl From<Instant> for String {
    fn from(instant: Instant) -> Self {
        instant.to_string()
    }
}

impl TryFrom<String> for Instant {
    type Error = &'static str;

    fn try_from(texte: String) -> Result<Self, Self::Error> {
        DateTime::parse_from_rfc3339(&texte)
            .ok()
            .map(Self)
            .filter(|lu| lu.to_string() == texte)
            .ok_or("not an instant to the second, with its offset")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_way_to_write_it() {
        let lire = |t: &str| Instant::try_from(t.to_owned());
        let instant = lire("2027-03-01T15:05:00+01:00").unwrap();
        assert_eq!(instant.to_string(), "2027-03-01T15:05:00+01:00");
        for (ecrit, dit) in [
            ("2027-03-01T15:05:00+01:00", "1er mars 2027 à 15 h 05 (UTC+1)"),
            ("2027-03-02T09:00:59-10:00", "2 mars 2027 à 9 h 00 (UTC-10)"),
            ("2027-03-02T09:00:59-09:30", "2 mars 2027 à 9 h 00 (UTC-9:30)"),
            ("2027-03-02T09:00:59+00:00", "2 mars 2027 à 9 h 00 (UTC+0)"),
        ] {
            assert_eq!(lire(ecrit).unwrap().en_lettres(), dit);
        }
        for bad in [
            "",
            "2027-03-01T14:05:00Z",
            "2027-03-01t15:05:00+01:00",
            "2027-03-01 15:05:00+01:00",
            "2027-03-01T15:05:00.0+01:00",
            "2027-03-01T15:05:00-00:00",
            "2027-02-30T15:05:00+01:00",
            "+12027-03-01T15:05:00+01:00",
        ] {
            assert!(lire(bad).is_err(), "{bad}");
        }
    }
}
