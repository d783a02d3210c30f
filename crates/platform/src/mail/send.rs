//! The job that sends one message, by SMTP or to a folder.

use std::path::Path;

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use serde::{Deserialize, Serialize};
use tokio::io::AsyncWriteExt;
use uuid::Uuid;

use super::{MailRow, store};
use crate::config::{Courriel, Transport};
use crate::jobs::Job;
use crate::{Site, Tx};

/// Sends the message of that identifier.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SendMail {
    /// The message.
    pub id: Uuid,
}

impl Job for SendMail {
    const KIND: &'static str = "mail.send";
    // Close to seven hours of a mail server that is away: the sum of the delays of `backoff`.
    const MAX_ATTEMPTS: i64 = 20;
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Sends, then marks. Idempotent but for a crash in between, where the message keeps its
/// identifier so that the receiver may drop the second.
///
/// # Errors
/// When the transport or the database fails: the job tries again.
pub async fn handler(site: &Site, job: SendMail) -> Result<(), Failure> {
    let Some(row) = store::find(site.db.read(), job.id).await? else { return Ok(()) };
    if row.etat == "parti" {
        return Ok(());
    }
    let message = build(site, &row)?;
    match site.config.courriel.transport {
        Transport::Smtp => {
            smtp(&site.config.courriel)?.send(message).await?;
        }
        Transport::Dossier => {
            let folder = Path::new(&site.config.courriel.dossier);
            tokio::fs::create_dir_all(folder).await?;
            write_private(&folder.join(format!("{}.eml", row.id)), &message.formatted()).await?;
        }
    }
    let keep = site.is_demo();
    site.db.write(async |tx: &Tx| store::mark_sent(tx, row.id, site.clock.now(), keep).await).await?;
    Ok(())
}

/// Writes a file that only its owner reads: a message may hold a link that gives access.
async fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = tokio::fs::OpenOptions::new();
    let mut file = options.create(true).truncate(true).write(true).mode(0o600).open(path).await?;
    file.write_all(bytes).await?;
    file.flush().await
}

fn build(site: &Site, row: &MailRow) -> Result<lettre::Message, Failure> {
    let from: Mailbox = site.config.courriel.expediteur.parse()?;
    let domain = from.email.domain().to_owned();
    let html = super::html(&row.sujet, &row.texte, &site.config.marque)?;
    let mut message = lettre::Message::builder()
        .from(from)
        .to(row.destinataire.parse()?)
        .subject(row.sujet.clone())
        .message_id(Some(format!("<{}@{domain}>", row.id)))
        .date(row.ecrit_le.into());
    if let Some(arret) = &row.arret {
        message = message.raw_header(entete("List-Unsubscribe", &format!("<{arret}>"))?);
        // Mail programs press the button themselves, and over TLS only (RFC 8058, 3.1).
        if arret.starts_with("https://") {
            message = message.raw_header(entete("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")?);
        }
    }
    Ok(message.multipart(MultiPart::alternative_plain_html(row.texte.clone(), html))?)
}

fn entete(nom: &str, valeur: &str) -> Result<HeaderValue, Failure> {
    Ok(HeaderValue::new(HeaderName::new_from_ascii(nom.to_owned())?, valeur.to_owned()))
}

fn smtp(c: &Courriel) -> Result<AsyncSmtpTransport<Tokio1Executor>, Failure> {
    let tls = |host: &str| TlsParameters::new(host.to_owned());
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&c.hote)
        .port(c.port)
        .timeout(Some(std::time::Duration::from_secs(20)))
        .tls(match c.chiffrement.as_str() {
            "tls" => Tls::Wrapper(tls(&c.hote)?),
            "starttls" => Tls::Required(tls(&c.hote)?),
            _ => Tls::None,
        });
    if let (Some(user), Some(password)) = (&c.identifiant, &c.mot_de_passe) {
        builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
    }
    Ok(builder.build())
}
