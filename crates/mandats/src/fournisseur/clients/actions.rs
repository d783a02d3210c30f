//! Registering, changing, renewing a secret.

use kernel::{Actor, Refusal, Verb};
use oidc::Secret;
use oidc::provider::ClientFault;
use platform::journal::{self, Entry};
use serde_json::json;
use uuid::Uuid;

use super::model::Inscrit;
use super::store;
use crate::{Failure, Mandats};

/// Secrets of one client at most: the new one, and the one that it replaces.
const SECRETS: usize = 2;

/// Whether a client may be registered so; each refusal beside its field. In the demonstration only, a client may be a
/// program of this machine, in clear.
fn verifie(c: &Inscrit, demonstration: bool) -> Result<(), Refusal> {
    let Err(faults) = c.client().check(demonstration) else { return Ok(()) };
    let champ = |f: &ClientFault| match f {
        ClientFault::ClientId => "client_id",
        ClientFault::Address(a) if c.reglages.post_logout_redirect_uris.contains(a) => "sortie",
        ClientFault::Address(_) | ClientFault::NoAddress => "retour",
        ClientFault::Auth => "auth",
        ClientFault::Keys => "cles",
        ClientFault::Symmetric => "id_token_alg",
        ClientFault::Acr => "acr",
    };
    let majuscule = |phrase: String| {
        let mut signes = phrase.chars();
        signes.next().map_or(String::new(), |p| format!("{}{}.", p.to_uppercase(), signes.as_str()))
    };
    Err(Refusal::Fields(faults.iter().map(|f| (champ(f).to_owned(), majuscule(f.to_string()))).collect()))
}

/// Registers a client, or changes it. One that needs a secret and has none is given one, returned in clear this once.
///
/// # Errors
/// A refusal: the verb is missing, a field is wrong, the name is taken, somebody changed it meanwhile; the database.
pub async fn enregistrer(m: &Mandats, actor: &Actor, mut c: Inscrit) -> Result<Option<Secret>, Failure> {
    actor.may(Verb::AdministrerMandats)?;
    let site = &m.site;
    let neuf = (c.a_secret() && c.secrets.is_empty()).then(|| Secret::new(site.chance.secret()));
    c.secrets.extend(neuf.clone());
    verifie(&c, site.is_demo())?;
    let action = if c.version == 0 { "fournisseur.client.inscrire" } else { "fournisseur.client.modifier" };
    site.db
        .write(async |tx| {
            let pris = store::du_nom(site, tx, &c.client_id).await?.is_some_and(|a| a.id != c.id);
            if pris {
                return Err(store::nom_pris().into());
            }
            store::enregistrer(site, tx, &c).await?;
            let details = json!({ "client": c.client_id, "actif": c.actif, "secret": neuf.is_some() });
            journal::write(site, tx, Entry::by(actor, action, "fournisseur_client", c.id).with(details))
                .await?;
            Ok::<_, Failure>(())
        })
        .await?;
    Ok(neuf)
}

/// Gives a client a new secret; the one before still works, until the next time or until `seul`.
///
/// # Errors
/// A refusal: the verb is missing, there is no such client, it needs no secret, somebody changed it meanwhile; the database.
pub async fn nouveau_secret(m: &Mandats, actor: &Actor, id: Uuid, seul: bool) -> Result<Secret, Failure> {
    actor.may(Verb::AdministrerMandats)?;
    let site = &m.site;
    let neuf = Secret::new(site.chance.secret());
    site.db
        .write(async |tx| {
            let mut c = store::lire(site, tx, id).await?.ok_or(Refusal::NotFound)?;
            if !c.a_secret() {
                let phrase = "Ce client prouve qui il est par ses propres clés : il n’a pas de secret.";
                return Err(Refusal::conflict(phrase).into());
            }
            c.secrets.insert(0, neuf.clone());
            c.secrets.truncate(if seul { 1 } else { SECRETS });
            store::enregistrer(site, tx, &c).await?;
            let details = json!({ "client": c.client_id, "ancien": c.secrets.len() > 1 });
            let ligne = Entry::by(actor, "fournisseur.client.secret", "fournisseur_client", c.id);
            journal::write(site, tx, ligne.with(details)).await?;
            Ok::<_, Failure>(())
        })
        .await?;
    Ok(neuf)
}
