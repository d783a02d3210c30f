//! The job that sends one delivery.

use chrono::{DateTime, Utc};
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use url::Url;
use uuid::Uuid;

use super::store::{self, Envoi, Webhook};
use crate::jobs::{self, Job};
use crate::{Site, Tx, outside};

/// Attempts before a delivery is given up, and its subscription suspended: about three and a half hours.
pub const ESSAIS_MAX: i64 = 15;

/// Sends the delivery of that identifier.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SendWebhook {
    /// The delivery.
    pub id: Uuid,
}

impl Job for SendWebhook {
    const KIND: &'static str = "webhooks.send";
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What an attempt came to.
struct Essai {
    statut: Option<u16>,
    /// Nothing when it was taken.
    erreur: Option<String>,
    /// The receiver wants nothing more.
    parti: bool,
}

/// The header that proves where a delivery comes from: `t=1774000000,v1=<HMAC-SHA256 of "t.body", hexadecimal>`.
pub fn signature(secret: &[u8], quand: DateTime<Utc>, corps: &str) -> String {
    let t = quand.timestamp();
    // HMAC takes keys of any length: this cannot fail.
    let Ok(mut mac) = <Hmac<Sha256> as Mac>::new_from_slice(secret) else { return String::new() };
    mac.update(format!("{t}.{corps}").as_bytes());
    format!("t={t},v1={}", kernel::text::hex(&mac.finalize().into_bytes()))
}

/// Sends to a public address, then notes the attempt; a failure is tried again later.
///
/// # Errors
/// When the database fails: the job tries again.
pub async fn handler(site: &Site, job: SendWebhook) -> Result<(), Failure> {
    let client = outside::public_client()?;
    deliver(site, job.id, &client, outside::public_url).await
}

/// The same by another way out, to the addresses that it admits: tests send to their own machine.
///
/// # Errors
/// As [`handler`].
pub async fn deliver(
    site: &Site,
    id: Uuid,
    client: &reqwest::Client,
    admissible: impl Fn(&Url) -> bool,
) -> Result<(), Failure> {
    let conn = site.db.read();
    let Some(envoi) = store::envoi(conn, id).await?.filter(|e| e.etat == "en_attente") else { return Ok(()) };
    let Some(webhook) = store::by_id(conn, envoi.webhook_id).await? else { return Ok(()) };
    let essai = if webhook.suspendu_le.is_some() {
        Essai { statut: None, erreur: Some("L’abonnement est suspendu.".to_owned()), parti: true }
    } else {
        match Url::parse(&webhook.url).ok().filter(|u| admissible(u)) {
            Some(url) => send(site, client, url, &webhook, &envoi).await,
            None => {
                Essai {
                    statut: None, erreur: Some("L’adresse n’est plus permise.".to_owned()), parti: true
                }
            }
        }
    };
    note(site, envoi, &webhook, essai).await
}

async fn send(site: &Site, client: &reqwest::Client, url: Url, webhook: &Webhook, envoi: &Envoi) -> Essai {
    let rate = |phrase: &str| Essai { statut: None, erreur: Some(phrase.to_owned()), parti: false };
    let Ok(secret) = site.secrets.open(&super::place(webhook.id), &webhook.secret) else {
        return rate("Le secret ne peut plus être lu : la clé du site a changé. Créez un autre abonnement.");
    };
    let answer = client
        .post(url)
        .header("content-type", "application/json")
        .header("x-maillage-livraison", envoi.id.to_string())
        .header("x-maillage-signature", signature(&secret, site.clock.now(), &envoi.corps))
        .body(envoi.corps.clone())
        .send()
        .await;
    match answer {
        Ok(answer) => {
            let statut = answer.status();
            let erreur = (!statut.is_success()).then(|| format!("Le serveur a répondu {}.", statut.as_u16()));
            Essai { statut: Some(statut.as_u16()), erreur, parti: statut.as_u16() == 410 }
        }
        Err(_) => rate("Le serveur n’a pas répondu : nom, certificat, ou plus de cinq secondes."),
    }
}

async fn note(site: &Site, mut envoi: Envoi, webhook: &Webhook, essai: Essai) -> Result<(), Failure> {
    let now = site.clock.now();
    envoi.essais += 1;
    envoi.tente_le = Some(now);
    envoi.statut = essai.statut.map(i64::from);
    let rate = essai.erreur.is_some();
    let fini = essai.parti || envoi.essais >= ESSAIS_MAX;
    envoi.erreur = essai.erreur;
    envoi.etat = match (rate, fini) {
        (false, _) => "parti",
        (true, true) => "abandonne",
        (true, false) => "en_attente",
    }
    .to_owned();
    site.db
        .write(async |tx: &Tx| {
            store::note(tx, &envoi).await?;
            if rate && fini {
                let raison = envoi.erreur.as_deref().unwrap_or_default();
                store::suspend(tx, webhook.id, now, raison).await?;
            } else if rate {
                let job = SendWebhook { id: envoi.id };
                jobs::enqueue_at(site, tx, &job, now + jobs::backoff(envoi.essais)).await?;
            }
            Ok::<_, sea_orm::DbErr>(())
        })
        .await?;
    Ok(())
}
