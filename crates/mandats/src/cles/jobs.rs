//! The next key is made in time.

use chrono::TimeDelta;
use platform::jobs::{Job, Registry};

use super::actions;
use crate::Mandats;

/// Makes the keys that are due.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct PreparerCles {}

impl Job for PreparerCles {
    const KIND: &'static str = "cles.preparer";
}

/// Says who does it, every day.
pub(crate) fn register(m: &Mandats, registry: &mut Registry) {
    let mandats = m.clone();
    registry.on(move |_, _: PreparerCles| {
        let m = mandats.clone();
        async move {
            if m.site.config.cles.secret.is_none() && !m.site.is_demo() {
                tracing::warn!("cles.secret is not configured: no key is made, nothing can be signed");
                return Ok(());
            }
            actions::preparer(&m).await
        }
    });
    registry.every("cles.preparer", TimeDelta::days(1), PreparerCles {});
}
