//! Going to ProConnect, coming back, binding an identity to an account.

use chrono::TimeDelta;
use kernel::ids::{CompteId, uuid_v7};
use kernel::{Refusal, text};
use platform::Tx;
use platform::journal::{self, Entry};
use url::Url;
use uuid::Uuid;

use super::client::{Echec, Personne};
use super::store::{self, Flux, Identite};
use crate::Identity;
use crate::comptes::model::Etat;
use crate::comptes::store as comptes;
use crate::connexion::{liens, preuve, store as preuves};
use crate::error::Error;
use crate::secrets::link::Secret;
use crate::sessions::actions as sessions;
use crate::sessions::actions::{Ouverture, open};
use crate::sessions::cookies::Navigateur;
use crate::sessions::model::{Methode, Present, SessionId};

/// How long the person may take at ProConnect.
const FLUX: TimeDelta = TimeDelta::minutes(10);

/// Why nobody is signed in after the return.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Retour {
    /// The provider, or its answer.
    #[error(transparent)]
    Echec(#[from] Echec),
    /// No such sign-in in this browser: too old, used, or begun in another one.
    #[error("no such sign-in in this browser")]
    Inconnu,
    /// Nobody is bound to this identity.
    #[error("no account is bound to this identity")]
    SansCompte,
    /// The invitation was made to another address.
    #[error("the invitation is for another address")]
    AutreAdresse,
    /// The identity is bound to another account already.
    #[error("the identity is bound to another account")]
    DejaLiee,
    /// A fresh proof was given by somebody else than the person who is signed in.
    #[error("the proof is another person's")]
    AutrePersonne,
    /// A failure of ours.
    #[error(transparent)]
    Nous(#[from] Error),
}

impl From<sea_orm::DbErr> for Retour {
    fn from(e: sea_orm::DbErr) -> Self {
        Self::Nous(e.into())
    }
}

fn place(id: Uuid) -> String {
    format!("compte_proconnect/verifieur/{id}")
}

/// What one goes to ProConnect for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum But {
    /// Signing in.
    Entrer,
    /// Binding one's identity by that invitation.
    Lier(Uuid),
    /// A fresh proof, in that session.
    Prouver(SessionId),
}

/// What came of it.
#[derive(Debug)]
pub(crate) enum Fin {
    /// A session is open.
    Entree(Ouverture),
    /// The session under way was proved; its new secret.
    Preuve(Secret),
}

/// Begins a sign-in: the address to go to, and the secret that binds it to this browser (the same
/// for every tab).
pub(crate) async fn begin(
    id: &Identity,
    nav: &Navigateur,
    suite: &str,
    but: But,
) -> Result<(Url, Secret), Retour> {
    let site = &id.site;
    let client = id.proconnect.as_ref().ok_or(Retour::Nous(Refusal::NotFound.into()))?;
    let (state, nonce, verifier) =
        (Secret::new(&site.chance), Secret::new(&site.chance), Secret::new(&site.chance));
    let anew = matches!(but, But::Prouver(_));
    let url = client.authorize(state.expose(), nonce.expose(), verifier.expose(), anew).await?;
    let browser = nav.proconnect.clone().unwrap_or_else(|| Secret::new(&site.chance));
    let flux_id = uuid_v7(&site.clock, &site.chance);
    let sealed = site
        .secrets
        .seal(&site.chance, &place(flux_id), verifier.expose().as_bytes())
        .map_err(Error::from)?;
    let flux = Flux {
        id: flux_id,
        navigateur_empreinte: browser.hash(),
        nonce: nonce.expose().to_owned(),
        verifieur: sealed,
        suite: suite.to_owned(),
        lien_id: if let But::Lier(lien) = but { Some(lien) } else { None },
        session_id: if let But::Prouver(session) = but { Some(session.0) } else { None },
        expire_le: site.clock.now() + FLUX,
    };
    site.db.write(async |tx| store::insert_flux(tx, &flux, &state.hash()).await).await?;
    Ok((url, browser))
}

/// What the browser brings back.
#[derive(Debug, Default)]
pub(crate) struct Parametres {
    pub(crate) state: Option<String>,
    pub(crate) code: Option<String>,
    pub(crate) iss: Option<String>,
    pub(crate) error: Option<String>,
}

/// Ends a sign-in, or a proof of who is signed in. Returns where to go on.
pub(crate) async fn finish(
    id: &Identity,
    nav: &Navigateur,
    present: Option<&Present>,
    p: &Parametres,
) -> Result<(Fin, String), Retour> {
    let site = &id.site;
    let client = id.proconnect.as_ref().ok_or(Retour::Inconnu)?;
    let now = site.clock.now();
    let state = p.state.as_deref().and_then(Secret::parse).ok_or(Retour::Inconnu)?;
    let flux = store::flux(site.db.read(), &state.hash(), now).await?.ok_or(Retour::Inconnu)?;
    // Another browser with the right address (log-in CSRF) uses nothing up.
    let same_browser = nav.proconnect.as_ref().is_some_and(|s| s.hash() == flux.navigateur_empreinte);
    if !same_browser {
        return Err(Retour::Inconnu);
    }
    // A proof is for the session that asked for it, and its owner: one that ended meanwhile takes none.
    let prouvee = match flux.session_id {
        Some(s) => Some(present.filter(|p| p.session.id.0 == s && p.vue.is_none()).ok_or(Retour::Inconnu)?),
        None => None,
    };
    client.check_iss(p.iss.as_deref()).await?;
    if !site.db.write(async |tx| store::use_flux(tx, flux.id, now).await).await? {
        return Err(Retour::Inconnu);
    }
    if let Some(error) = &p.error {
        let known =
            ["access_denied", "login_required", "invalid_scope", "idp_hint_not_found", "server_error"];
        let word = known.iter().find(|k| *k == error).copied().unwrap_or("other");
        return Err(Echec::Refuse(word.to_owned()).into());
    }
    let code = p.code.as_deref().filter(|c| !c.is_empty() && c.len() <= 2048);
    let code = code.ok_or_else(|| Echec::Reponse("no code".to_owned()))?;
    let verifier = site.secrets.open(&place(flux.id), &flux.verifieur).map_err(Error::from)?;
    let verifier = String::from_utf8_lossy(&verifier).into_owned();
    let depuis = prouvee.map(|_| flux.expire_le - FLUX);
    let person = client.personne(code, &flux.nonce, &verifier, depuis).await?;
    let fin = match prouvee {
        Some(present) => {
            Fin::Preuve(site.db.write(async |tx| prouver(id, tx, &person, present).await).await?)
        }
        None => Fin::Entree(site.db.write(async |tx| enter(id, tx, &person, &flux, nav).await).await?),
    };
    Ok((fin, flux.suite))
}

/// Takes the fresh proof of the person who is signed in, and of nobody else. With one factor it only says that they are
/// still there.
async fn prouver(id: &Identity, tx: &Tx, person: &Personne, present: &Present) -> Result<Secret, Retour> {
    let site = &id.site;
    let bound = store::identite(tx, &person.emetteur, &person.sujet).await?;
    let bound = bound.filter(|b| b.compte_id == present.compte.id.0).ok_or(Retour::AutrePersonne)?;
    if !person.forte && present.session.reprise_le.is_none() {
        return Err(Echec::Niveau.into());
    }
    reconnue(id, tx, &bound, person).await?;
    preuve::journalise(site, tx, &present.compte, "proconnect").await?;
    Ok(if person.forte {
        sessions::prouvee(site, tx, present).await?
    } else {
        sessions::presente(site, tx, present).await?
    })
}

/// Notes that the person came, and a change of organisation: a signal for whoever reads the journal, since they may have
/// changed employer.
async fn reconnue(id: &Identity, tx: &Tx, bound: &Identite, person: &Personne) -> Result<(), Retour> {
    let site = &id.site;
    if bound.siret.is_some() && bound.siret != person.siret {
        let compte = CompteId(bound.compte_id);
        let line = Entry::system("compte.proconnect.autre_organisation", "compte", compte);
        journal::write(site, tx, line).await?;
    }
    Ok(store::seen(tx, bound.id, person.siret.as_deref(), site.clock.now()).await?)
}

/// Opens the session of the account bound to the identity, or binds it by the invitation.
async fn enter(
    id: &Identity,
    tx: &Tx,
    person: &Personne,
    flux: &Flux,
    nav: &Navigateur,
) -> Result<Ouverture, Retour> {
    let site = &id.site;
    let bound = store::identite(tx, &person.emetteur, &person.sujet).await?;
    if let Some(lien) = flux.lien_id {
        return bind(id, tx, person, lien, bound, nav).await;
    }
    let bound = bound.ok_or(Retour::SansCompte)?;
    let compte = comptes::find(tx, CompteId(bound.compte_id)).await?;
    // A closed account is answered as no account.
    let compte = compte.filter(|c| c.etat == Etat::Actif).ok_or(Retour::SansCompte)?;
    reconnue(id, tx, &bound, person).await?;
    Ok(open(site, tx, &compte, Methode::ProConnect, nav, Some(&person.jeton)).await?)
}

async fn bind(
    id: &Identity,
    tx: &Tx,
    person: &Personne,
    lien: Uuid,
    bound: Option<Identite>,
    nav: &Navigateur,
) -> Result<Ouverture, Retour> {
    let site = &id.site;
    let now = site.clock.now();
    let lien = preuves::lien_par_id(tx, lien, now).await?.ok_or(Retour::Inconnu)?;
    let invited = comptes::find(tx, CompteId(lien.compte_id)).await?.ok_or(Retour::Inconnu)?;
    if bound.is_some_and(|b| b.compte_id != lien.compte_id) {
        return Err(Retour::DejaLiee);
    }
    let same = person.courriel.as_ref().is_some_and(|c| c.key() == invited.courriel.key());
    if !same {
        return Err(Retour::AutreAdresse);
    }
    let compte = liens::take(site, tx, &lien, &invited.nom).await?;
    let identite = Identite {
        id: uuid_v7(&site.clock, &site.chance),
        compte_id: compte.id.0,
        siret: person.siret.clone(),
        lie_le: now,
    };
    store::insert_identite(tx, &identite, &person.emetteur, &person.sujet).await?;
    let line = Entry { by: Some(compte.id.0), ..Entry::system("compte.proconnect.lie", "compte", compte.id) }
        .with(serde_json::json!({ "sujet": text::sha256_hex(&person.sujet) }));
    journal::write(site, tx, line).await?;
    Ok(open(site, tx, &compte, Methode::ProConnect, nav, Some(&person.jeton)).await?)
}
