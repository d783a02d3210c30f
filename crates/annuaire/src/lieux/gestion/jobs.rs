//! The daily round of reminders.

use chrono::TimeDelta;
use platform::jobs::{Job, Registry};

use super::rappels;
use crate::Annuaire;

/// Asks lieux whose sheets are not fresh.
#[derive(Clone, Copy, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct RappelerFraicheur {}

impl Job for RappelerFraicheur {
    const KIND: &'static str = "annuaire.rappeler_fraicheur";
    fn dedup_key(&self) -> Option<String> {
        Some("pays".to_owned())
    }
}

/// Says who does the job, and when: once a day, unless the configuration keeps it off.
pub(crate) fn register(annuaire: &Annuaire, registry: &mut Registry) {
    let a = annuaire.clone();
    registry.on(move |_, RappelerFraicheur {}| {
        let annuaire = a.clone();
        async move { rappels::tour(&annuaire).await.map(|_| ()) }
    });
    if annuaire.site.config.lieux.rappels {
        registry.every("annuaire.rappeler_fraicheur", TimeDelta::days(1), RappelerFraicheur {});
    }
}
