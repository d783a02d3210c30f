//! From events to deliveries.

use std::collections::HashMap;

use chrono::TimeDelta;
use kernel::Verb;
use kernel::ids::{CompteId, LieuId};
use platform::jobs::{Job, Registry};
use platform::webhooks::{self, Webhook};
use platform::{Site, Tx};
use sea_orm::DbErr;
use serde_json::{Value, json};

use super::Evenement;
use super::store::{self, Survenu};
use crate::Annuaire;
use crate::lieux::gestion::{Gere, lecture, rules};

/// Events of one transaction.
const LOT: i64 = 500;
/// Most events of one delivery.
const PAR_ENVOI: usize = 100;

/// Tells what happened to those who subscribed.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub(super) struct Diffuser {}

impl Job for Diffuser {
    const KIND: &'static str = "annuaire.diffuser";

    fn dedup_key(&self) -> Option<String> {
        Some("lieux".to_owned())
    }
}

/// Forgets the keys of creations.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
struct OublierCles {}

impl Job for OublierCles {
    const KIND: &'static str = "annuaire.oublier_cles";

    fn dedup_key(&self) -> Option<String> {
        Some("cles".to_owned())
    }
}

/// Says who does the jobs.
pub(crate) fn register(annuaire: &Annuaire, registry: &mut Registry) {
    let a = annuaire.clone();
    registry.on(move |_, _: Diffuser| {
        let annuaire = a.clone();
        async move { diffuse(&annuaire).await }
    });
    let site = annuaire.site.clone();
    registry.on(move |_, _: OublierCles| {
        let site = site.clone();
        async move { site.db.write(async |tx| store::oublie_cles(tx, site.clock.now()).await).await }
    });
    registry.every("annuaire.oublier_cles", TimeDelta::days(1), OublierCles {});
}

pub(super) async fn diffuse(annuaire: &Annuaire) -> Result<(), DbErr> {
    loop {
        let faits = annuaire.site.db.write(async |tx| lot(annuaire, tx).await).await?;
        if faits == 0 {
            return Ok(());
        }
    }
}

/// One lot: the events leave their table in the transaction that writes their deliveries.
async fn lot(annuaire: &Annuaire, tx: &Tx) -> Result<usize, DbErr> {
    let survenus = store::prend(tx, LOT).await?;
    if survenus.is_empty() {
        return Ok(0);
    }
    let mut lieux: HashMap<LieuId, Gere> = HashMap::new();
    let t = annuaire.territoires();
    for s in &survenus {
        if !lieux.contains_key(&s.lieu)
            && let Some(g) = lecture::charge(tx, &t, s.lieu).await?
        {
            lieux.insert(s.lieu, g);
        }
    }
    for webhook in webhooks::actifs(tx).await? {
        pour(&annuaire.site, tx, &webhook, &survenus, &lieux).await?;
    }
    Ok(survenus.len())
}

async fn pour(
    site: &Site,
    tx: &Tx,
    webhook: &Webhook,
    survenus: &[Survenu],
    lieux: &HashMap<LieuId, Gere>,
) -> Result<(), DbErr> {
    let now = site.clock.now();
    let acteur = identity::acteur(tx, CompteId(webhook.compte_id), webhook.attribution_id, now)
        .await
        .map_err(|e| DbErr::Custom(e.to_string()))?;
    let Some(acteur) = acteur else {
        return webhooks::suspend(tx, webhook.id, now, "Le rôle de cet abonnement a pris fin.").await;
    };
    let dits: Vec<Value> = survenus
        .iter()
        .filter(|s| webhook.ecoute(s.genre.cle()))
        .filter_map(|s| Some((s, lieux.get(&s.lieu)?)))
        .filter(|(_, g)| rules::may(&acteur, Verb::VoirLieux, g).is_ok())
        .map(|(s, g)| dit(site, s.genre, s.le, g))
        .collect();
    for envoi in dits.chunks(PAR_ENVOI) {
        let corps = json!({ "evenements": envoi }).to_string();
        webhooks::enqueue(site, tx, webhook.id, &corps, i64::try_from(envoi.len()).unwrap_or(0)).await?;
    }
    Ok(())
}

/// An event as it is told: what it is, and where to read the lieu as it is now.
fn dit(site: &Site, genre: Evenement, le: chrono::DateTime<chrono::Utc>, g: &Gere) -> Value {
    json!({
        "evenement": genre.cle(),
        "le": le.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "lieu": {
            "uid": g.id(),
            "id": g.lieu.fiche.id,
            "nom": g.lieu.fiche.nom,
            "code_insee": g.lieu.fiche.code_insee,
            "version": g.version,
            "url": site.url(&format!("/lieux/{}", g.id())),
            "api": site.url(&format!("/api/v1/lieux/{}", g.id())),
        },
    })
}
