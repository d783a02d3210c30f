//! What waits for somebody: each context says it for its own pages, the desk shows all of it.

use chrono::NaiveDate;

/// Something to do, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attente {
    /// « 3 demandes attendent votre avis ».
    pub phrase: String,
    /// The page where it is done.
    pub href: String,
    /// The last day to do it.
    pub avant: Option<NaiveDate>,
}

impl Attente {
    /// So many things, in words; nothing when there are none.
    pub fn de(nombre: usize, une: &str, plusieurs: &str, href: impl Into<String>) -> Option<Self> {
        let n = u64::try_from(nombre).unwrap_or(u64::MAX);
        (n > 0).then(|| Self {
            phrase: kernel::text::compte(n, une, plusieurs),
            href: href.into(),
            avant: None,
        })
    }

    /// With its last day.
    #[must_use]
    pub fn avant(self, jour: Option<NaiveDate>) -> Self {
        Self { avant: jour, ..self }
    }
}
