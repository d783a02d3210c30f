//! The job that sends one text message.

use std::path::Path;

use reqwest::StatusCode;
use serde::{Deserialize, Serialize};
use tokio::io::AsyncWriteExt;
use url::Url;
use uuid::Uuid;

use super::{SmsRow, store};
use crate::config::TransportSms;
use crate::jobs::Job;
use crate::{Site, outside};

/// Sends the message of that identifier.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SendSms {
    /// The message.
    pub id: Uuid,
}

impl Job for SendSms {
    const KIND: &'static str = "sms.send";
    const MAX_ATTEMPTS: i64 = 12;
}

/// What the gateway is given.
#[derive(Serialize)]
struct Envoi<'a> {
    /// Identifier of ours, also in `Idempotency-Key`: a second message of the same one is the same one.
    id: Uuid,
    de: &'a str,
    a: &'a str,
    texte: &'a str,
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Sends, then marks. Idempotent but for a crash in between, where the gateway is told the same identifier again.
///
/// # Errors
/// When the gateway or the database fails: the job tries again.
pub async fn handler(site: &Site, job: SendSms) -> Result<(), Failure> {
    let Some(row) = store::find(site.db.read(), job.id).await? else { return Ok(()) };
    if row.etat != "en_attente" {
        return Ok(());
    }
    let now = site.clock.now();
    let etat = if now >= row.expire_le {
        "perime"
    } else {
        match site.config.sms.transport {
            TransportSms::Dossier => folder(site, &row).await?,
            TransportSms::Passerelle => gateway(site, &row).await?,
        }
    };
    let keep = site.is_demo();
    site.db.write(async |tx| store::mark(tx, row.id, etat, now, keep).await).await?;
    Ok(())
}

async fn folder(site: &Site, row: &SmsRow) -> Result<&'static str, Failure> {
    let folder = Path::new(&site.config.sms.dossier);
    tokio::fs::create_dir_all(folder).await?;
    let mut options = tokio::fs::OpenOptions::new();
    let path = folder.join(format!("{}.txt", row.id));
    // A message may hold a code: only its owner reads the file.
    let mut file = options.create(true).truncate(true).write(true).mode(0o600).open(path).await?;
    file.write_all(format!("{}\n\n{}\n", row.destinataire, row.texte).as_bytes()).await?;
    file.flush().await?;
    Ok("parti")
}

async fn gateway(site: &Site, row: &SmsRow) -> Result<&'static str, Failure> {
    let c = &site.config.sms;
    let (Some(url), Some(token)) = (&c.url, &c.jeton) else { return Err("no gateway is configured".into()) };
    let url = Url::parse(url)?;
    // The operator wrote this address; it may be of this machine, never clear over the network.
    let here = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    let client = outside::client();
    let client = if here { client.no_proxy() } else { client.https_only(true) }.build()?;
    let body = Envoi { id: row.id, de: &c.expediteur, a: &row.destinataire, texte: &row.texte };
    let sent = client
        .post(url)
        .bearer_auth(token)
        .header("idempotency-key", row.id.to_string())
        .json(&body)
        .send()
        .await
        .map_err(|e| e.without_url())?;
    match sent.status() {
        status if status.is_success() => Ok("parti"),
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS => {
            Err(format!("the gateway answers {}", sent.status()).into())
        }
        // Our own proof of identity is refused: for the operator to put right, then the message leaves.
        status if status.is_client_error() && status != 401 && status != 403 => {
            tracing::warn!(status = status.as_u16(), "the gateway refuses a text message");
            Ok("echec")
        }
        status => Err(format!("the gateway answers {status}").into()),
    }
}
