//! Computations and reports that speak of people are kept for a time, then go by themselves.

use chrono::TimeDelta;
use platform::jobs::{Job, Registry};
use serde::{Deserialize, Serialize};

use super::store;
use crate::{Conseillers, Failure};

/// Removes what was kept long enough.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct EffacerCalculs {}

impl Job for EffacerCalculs {
    const KIND: &'static str = "conseillers.effacer_calculs";
    fn dedup_key(&self) -> Option<String> {
        Some(String::new())
    }
}

/// Says who does the job, every day. `gardes`: kinds of computations, and how long each is kept.
pub(crate) fn register(
    cx: &Conseillers,
    registry: &mut Registry,
    gardes: &'static [(&'static str, TimeDelta)],
) {
    let c = cx.clone();
    registry.on(move |_, EffacerCalculs {}| {
        let cx = c.clone();
        async move { effacer(&cx, gardes).await }
    });
    registry.every("conseillers.effacer_calculs", TimeDelta::days(1), EffacerCalculs {});
}

/// # Errors
/// The database: the job is tried again.
pub(crate) async fn effacer(cx: &Conseillers, gardes: &[(&str, TimeDelta)]) -> Result<(), Failure> {
    let now = cx.site.clock.now();
    cx.site
        .db
        .write(async |tx| {
            for (genre, garde) in gardes {
                store::effacer_avant(tx, genre, now - *garde).await?;
            }
            Ok(())
        })
        .await
}
