//! Retention: what has served its purpose goes.

use chrono::TimeDelta;
use platform::Site;
use platform::jobs::{Job, Registry};
use serde::{Deserialize, Serialize};

/// Sessions and links are kept a while after their end, so that a person can still be told where
/// their account was open; then they go.
const RETENTION: TimeDelta = TimeDelta::days(30);

/// Deletes what is over: failed tries of more than a day, steps and flows at their end, sessions,
/// links, tokens and forgotten devices a month after theirs. Ends the looks that nobody ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Menage {}

impl Job for Menage {
    const KIND: &'static str = "identity.menage";

    fn dedup_key(&self) -> Option<String> {
        Some("menage".to_owned())
    }
}

/// Erases what was typed and not sent within its hour.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Saisies {}

impl Job for Saisies {
    const KIND: &'static str = "identity.saisies";

    fn dedup_key(&self) -> Option<String> {
        Some("saisies".to_owned())
    }
}

/// The jobs of this context.
pub fn register(site: &Site, registry: &mut Registry) {
    let gardees = site.clone();
    registry.on(move |_, _: Saisies| {
        let site = gardees.clone();
        async move { effacer_les_saisies(&site).await }
    });
    registry.every("identity.saisies", TimeDelta::minutes(10), Saisies {});
    let site = site.clone();
    registry.on(move |_, _: Menage| {
        let site = site.clone();
        async move { clean(&site).await }
    });
    registry.every("identity.menage", TimeDelta::hours(1), Menage {});
}

pub(crate) async fn effacer_les_saisies(site: &Site) -> Result<(), sea_orm::DbErr> {
    let now = site.clock.now();
    site.db.write(async |tx| crate::saisies::store::purge(tx, now).await).await
}

async fn clean(site: &Site) -> Result<(), sea_orm::DbErr> {
    let now = site.clock.now();
    site.db
        .write(async |tx| {
            crate::connexion::essais::purge(tx, now).await?;
            crate::connexion::store::purge(tx, now, now - RETENTION).await?;
            crate::proconnect::store::purge(tx, now).await?;
            crate::sessions::actions::end_old_looks(site, tx).await?;
            crate::jetons::store::purge(tx, now - RETENTION).await?;
            crate::sessions::store::purge(tx, now, now - RETENTION).await
        })
        .await
}
