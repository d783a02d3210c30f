//! A day, as a form, a file or a query gives it.

use chrono::{Datelike, NaiveDate};

/// Years that a day of a form may have: before, nobody that we help was born; after, nothing is planned. What lies far
/// beyond is read by programs and refused by PostgreSQL.
const ANNEES: std::ops::RangeInclusive<i32> = 1800..=2200;

/// A day written 1962-08-24. None for what is no day, or of no year that a form may have.
pub(crate) fn lire(texte: &str) -> Option<NaiveDate> {
    texte.trim().parse().ok().filter(|j: &NaiveDate| ANNEES.contains(&j.year()))
}

/// The same, also written 24/08/1962, as tables have it.
pub(crate) fn lire_tableau(texte: &str) -> Option<NaiveDate> {
    let francais = || NaiveDate::parse_from_str(texte.trim(), "%d/%m/%Y").ok();
    lire(texte).or_else(|| francais().filter(|j| ANNEES.contains(&j.year())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_years_are_no_days() {
        for (texte, lue) in [
            ("1962-08-24", true),
            (" 1962-08-24 ", true),
            ("1800-01-01", true),
            ("2200-12-31", true),
            ("1799-12-31", false),
            ("2201-01-01", false),
            ("-9999-01-01", false),
            ("+200000-01-01", false),
            ("1962-02-30", false),
            ("24/08/1962", false),
            ("", false),
        ] {
            assert_eq!(lire(texte).is_some(), lue, "{texte}");
        }
        assert_eq!(lire_tableau("24/08/1962"), lire("1962-08-24"));
        assert_eq!(lire_tableau("24/08/0962"), None);
    }
}
