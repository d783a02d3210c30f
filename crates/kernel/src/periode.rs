//! A span of days with a beginning and, perhaps, an end.

use chrono::NaiveDate;

/// From `debut` to `fin`, both included; without `fin` it lasts until further notice.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Periode {
    /// First day.
    pub debut: NaiveDate,
    /// Last day, included.
    pub fin: Option<NaiveDate>,
}

impl Periode {
    /// Whether the day lies in the span.
    pub fn contient(&self, jour: NaiveDate) -> bool {
        self.debut <= jour && self.fin.is_none_or(|fin| jour <= fin)
    }
}
