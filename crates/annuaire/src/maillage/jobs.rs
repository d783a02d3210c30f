//! The measure after an import.

use platform::jobs::{Job, Registry, enqueue};
use platform::{Site, Tx};
use sea_orm::DbErr;

use crate::atlas::Atlas;
use crate::lieux::LieuId;
use crate::lieux::abonnements::{self, Evenement};
use crate::lieux::doublons::ChercherDoublons;
use crate::territoires::store::{Sujet, bump};

/// Measures the coverage again: written in the transaction that changes lieux.
#[derive(Clone, Copy, Debug, serde::Serialize, serde::Deserialize)]
pub struct MesurerCouverture;

impl Job for MesurerCouverture {
    const KIND: &'static str = "annuaire.mesurer_couverture";
    fn dedup_key(&self) -> Option<String> {
        Some("pays".to_owned())
    }
}

/// To be called in every transaction that adds, moves, closes or changes lieux, with what happens to each: every instance
/// then reads them again, a job looks for duplicates, another measures the coverage before the first visitor asks for it,
/// and those who subscribed are told.
///
/// # Errors
/// When the database refuses.
pub async fn lieux_changes(site: &Site, tx: &Tx, evenements: &[(LieuId, Evenement)]) -> Result<(), DbErr> {
    enqueue(site, tx, &ChercherDoublons).await?;
    lieux_publies(site, tx, evenements).await
}

/// As [`lieux_changes`], for the search of duplicates itself.
///
/// # Errors
/// When the database refuses.
pub async fn lieux_publies(site: &Site, tx: &Tx, evenements: &[(LieuId, Evenement)]) -> Result<(), DbErr> {
    abonnements::noter(site, tx, evenements).await?;
    bump(tx, Sujet::Lieux, site.clock.now()).await?;
    enqueue(site, tx, &MesurerCouverture).await.map(|_| ())
}

/// Says who does the job.
pub fn register(atlas: &Atlas, registry: &mut Registry) {
    let atlas = atlas.clone();
    registry.on(move |_, MesurerCouverture| {
        let atlas = atlas.clone();
        async move {
            atlas.relit().await?;
            atlas.mesure().await.map(|_| ())
        }
    });
}
