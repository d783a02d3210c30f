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
