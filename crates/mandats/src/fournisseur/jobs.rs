//! What has expired is forgotten.

use chrono::TimeDelta;
use platform::jobs::{Job, Registry};
use sea_orm::DbErr;

use super::flux;
use crate::Mandats;

/// Forgets requests, codes and tokens a day after their end: what they led to stands in the uses.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct PurgerFlux {}

impl Job for PurgerFlux {
    const KIND: &'static str = "fournisseur.purger";
}

/// Says who does it, every hour.
pub(crate) fn register(m: &Mandats, registry: &mut Registry) {
    let mandats = m.clone();
    registry.on(move |_, _: PurgerFlux| {
        let m = mandats.clone();
        async move { purger(&m).await.map(drop) }
    });
    registry.every("fournisseur.purger", TimeDelta::hours(1), PurgerFlux {});
}

/// Forgets what ended a day ago; says how many rows.
///
/// # Errors
/// The database.
pub(super) async fn purger(m: &Mandats) -> Result<u64, DbErr> {
    let avant = m.site.clock.now() - TimeDelta::days(1);
    m.site.db.write(async |tx| flux::purger(tx, avant).await).await
}
