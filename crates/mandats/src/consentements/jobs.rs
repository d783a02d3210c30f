//! What ends by itself.

use chrono::TimeDelta;
use platform::Site;
use platform::jobs::{Job, Registry};
use serde::{Deserialize, Serialize};

use super::store;

/// Ends the consents that waited too long; forgets the old ones that came to nothing.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Avancer {}

impl Job for Avancer {
    const KIND: &'static str = "mandats.consentements.avancer";

    fn dedup_key(&self) -> Option<String> {
        Some(String::new())
    }
}

/// Says who does it.
pub fn register(site: &Site, registry: &mut Registry) {
    let s = site.clone();
    registry.on(move |_, _: Avancer| {
        let site = s.clone();
        async move {
            let now = site.clock.now();
            site.db
                .write(async |tx| {
                    store::expirer(tx, now).await?;
                    store::arret::purger(tx, now).await?;
                    store::purger(tx, now).await
                })
                .await
        }
    });
    registry.every("mandats.consentements.avancer", TimeDelta::minutes(10), Avancer {});
}
