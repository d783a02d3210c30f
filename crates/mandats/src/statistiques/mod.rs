//! Figures of Aidants Connect: counted by a job, published by territory with small numbers hidden, and those of an
//! organisation for its référent (`docs/mandats/donnees.md`).

mod api;
mod exports;
pub mod masque;
pub(crate) mod migration;
mod model;
mod pages;
mod store;
#[cfg(test)]
mod tests;

use chrono::TimeDelta;
use platform::jobs::{Job, Registry};
use platform::web::Routes;
use sea_orm::DbErr;
use serde::{Deserialize, Serialize};

pub(crate) use api::OPENAPI;
pub use model::{Chiffres, Portee, Publiee, Publies};

use crate::Mandats;

/// Counts everything again. Counting when somebody reads would cost seconds at a million uses; counting at each use would make
/// all uses of the country queue on one row.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Compter {}

impl Job for Compter {
    const KIND: &'static str = "mandats.statistiques";

    fn dedup_key(&self) -> Option<String> {
        Some(String::new())
    }
}

pub(crate) fn routes(mandats: &Mandats) -> Routes<()> {
    pages::routes(mandats).merge(api::routes(mandats)).merge(exports::routes(mandats))
}

pub(crate) fn register(mandats: &Mandats, registry: &mut Registry) {
    let m = mandats.clone();
    registry.on(move |_, _: Compter| {
        let m = m.clone();
        async move { compter(&m).await }
    });
    registry.every("mandats.statistiques", TimeDelta::hours(1), Compter {});
}

/// Counts, from one state of the database, and keeps the figures.
///
/// # Errors
/// The database.
pub async fn compter(m: &Mandats) -> Result<(), DbErr> {
    let now = m.site.clock.now();
    let photo = m.site.db.snapshot().await?;
    let chiffres = store::compter(&photo, m.jour(), now).await?;
    photo.rollback().await?;
    m.site.db.write(async |tx| store::garder(tx, &chiffres, now).await).await
}

/// The figures, as last counted; none before the first time.
///
/// # Errors
/// The database.
pub async fn lire(m: &Mandats) -> Result<Option<Publies>, DbErr> {
    let lus = store::lire(m.site.db.read()).await?;
    Ok(lus.map(|(le, chiffres)| Publies::nouveaux(le, &chiffres, &m.annuaire.territoires())))
}
