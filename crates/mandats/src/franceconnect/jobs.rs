//! What is forgotten.

use chrono::TimeDelta;
use platform::Site;
use platform::jobs::{Job, Registry};
use serde::{Deserialize, Serialize};

use super::store;

/// Forgets the ways that are over.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Oublier {}

impl Job for Oublier {
    const KIND: &'static str = "mandats.franceconnect.oublier";

    fn dedup_key(&self) -> Option<String> {
        Some(String::new())
    }
}

/// Says who does it.
pub fn register(site: &Site, registry: &mut Registry) {
    let s = site.clone();
    registry.on(move |_, _: Oublier| {
        let site = s.clone();
        async move {
            let now = site.clock.now();
            site.db.write(async |tx| store::purger(tx, now).await).await
        }
    });
    registry.every("mandats.franceconnect.oublier", TimeDelta::hours(1), Oublier {});
}
