//! Telling the programs of others what happened: a subscription has an address and a secret; a delivery is a row written
//! in the transaction of its cause, then sent by a job, signed, tried again with growing delays. The context that knows
//! what happened decides who may hear of it.

mod migration;
mod send;
mod store;

use kernel::Refusal;
use url::Url;
use uuid::Uuid;

pub use migration::Webhooks0001;
pub use send::{ESSAIS_MAX, SendWebhook, deliver, handler, signature};
pub use store::{
    Envoi, Webhook, actifs, clean_up, du_compte, enqueue, envois, find, reprend, retire, suspend,
};

use crate::secrets::SealError;
use crate::{Site, Tx, outside};

/// Most subscriptions of an account.
const PAR_COMPTE: usize = 10;

/// What is asked for a subscription.
#[derive(Clone, Debug)]
pub struct Demande {
    /// Account that subscribes.
    pub compte: Uuid,
    /// Role in which it does.
    pub attribution: Uuid,
    /// Where deliveries go.
    pub url: String,
    /// Kinds of events.
    pub evenements: Vec<&'static str>,
}

/// Why there is no subscription.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A rule said no.
    #[error(transparent)]
    Refusal(#[from] Refusal),
    /// The instance has no key to keep the secret with.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The database.
    #[error(transparent)]
    Db(#[from] sea_orm::DbErr),
}

/// Where the sealed secret of a subscription lies.
fn place(id: Uuid) -> String {
    format!("webhook.secret.{id}")
}

/// The address of deliveries, if it may be contacted.
///
/// # Errors
/// The sentence for its field.
pub fn adresse(typed: &str) -> Result<Url, &'static str> {
    let url = Url::parse(typed.trim())
        .map_err(|_| "Écrivez une adresse complète, comme https://exemple.fr/webhook.")?;
    if url.as_str().len() > 500 {
        return Err("Cette adresse est trop longue : 500 caractères au plus.");
    }
    if outside::public_url(&url) {
        Ok(url)
    } else {
        Err(
            "Cette adresse doit commencer par https:// et mener à un serveur public, sans mot de passe dedans.",
        )
    }
}

/// Subscribes; gives the secret, which is shown once.
///
/// # Errors
/// The fields that do not hold what they should; too many subscriptions; no key to keep the secret with.
pub async fn abonne(site: &Site, tx: &Tx, demande: Demande) -> Result<(Uuid, String), Failure> {
    let url = adresse(&demande.url).map_err(|phrase| Refusal::field("url", phrase))?;
    if demande.evenements.is_empty() {
        return Err(Refusal::field("evenements", "Choisissez au moins un événement.").into());
    }
    if store::du_compte(tx, demande.compte).await?.len() >= PAR_COMPTE {
        return Err(Refusal::conflict(format!(
            "Vous avez déjà {PAR_COMPTE} abonnements : retirez-en un avant d’en créer un autre."
        ))
        .into());
    }
    let id = kernel::ids::uuid_v7(&site.clock, &site.chance);
    let secret = site.chance.secret();
    let webhook = Webhook {
        id,
        compte_id: demande.compte,
        attribution_id: demande.attribution,
        url: url.into(),
        secret: site.secrets.seal(&site.chance, &place(id), secret.as_bytes())?,
        evenements: demande.evenements.join(" "),
        cree_le: site.clock.now(),
        suspendu_le: None,
        raison: None,
    };
    store::insert(tx, &webhook).await?;
    Ok((id, secret))
}
