//! Days and counts as templates say them: methods, so that a reference or a value is all the same.

use chrono::NaiveDate;

/// A day in letters.
pub(crate) trait EnLettres {
    /// « 18 mars 2026 ».
    fn en_lettres(&self) -> String;
}

impl EnLettres for NaiveDate {
    fn en_lettres(&self) -> String {
        kernel::calendrier::jour_en_lettres(*self)
    }
}

/// A count with its noun.
pub(crate) trait Compte {
    /// « 3 postes ».
    fn compte(&self, un: &str, plusieurs: &str) -> String;
}

impl Compte for usize {
    fn compte(&self, un: &str, plusieurs: &str) -> String {
        kernel::text::compte(u64::try_from(*self).unwrap_or(u64::MAX), un, plusieurs)
    }
}

/// A quantity of people, which may have decimals.
pub(crate) trait Mesure {
    /// « 1 240 personnes ».
    fn personnes(&self) -> String;
    /// « 1 240 ».
    fn entier(&self) -> String;
    /// « 3,4 ».
    fn dixiemes(&self) -> String;
}

impl Mesure for f64 {
    fn personnes(&self) -> String {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "people are few, zero or more"
        )]
        let n = self.round().max(0.0) as u64;
        kernel::text::compte(n, "personne", "personnes")
    }

    fn entier(&self) -> String {
        kernel::text::nombre_decimal(*self, 0)
    }

    fn dixiemes(&self) -> String {
        kernel::text::nombre_decimal(*self, 1)
    }
}
