//! Passkeys (WebAuthn): made with the person's presence verified by the device, kept by the device
//! so that no address has to be typed. They count as two proofs in one.

use kernel::ids::{CompteId, uuid_v7};
use kernel::{Refusal, text};
use platform::Tx;
use uuid::Uuid;
use webauthn_rs::prelude::{
    CreationChallengeResponse, DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, RequestChallengeResponse, Webauthn, WebauthnBuilder,
};
use webauthn_rs_proto::ResidentKeyRequirement;

use super::actions::changed;
use super::store::{self, Attente, Cle, Etape};
use crate::Identity;
use crate::comptes::model::{Compte, Etat};
use crate::comptes::store as comptes;
use crate::error::{Error, Result};
use crate::secrets::link::Secret;
use crate::sessions::actions::{Ouverture, open};
use crate::sessions::cookies::Navigateur;
use crate::sessions::model::Methode;

/// Most passkeys of one account.
const MAX: usize = 10;
/// How long a challenge may be answered.
const DEFI: chrono::TimeDelta = chrono::TimeDelta::minutes(5);

const REFUS: &str = "Cette clé d’accès n’a pas été reconnue. Recommencez, ou utilisez votre mot de passe.";

/// The party that passkeys are made for: the host of the configured origin. None when that origin
/// is a bare network address, for which browsers make no passkey.
pub(crate) fn party(origine: &str, nom: &str) -> Option<Webauthn> {
    let origin = url::Url::parse(origine).ok()?;
    let host = origin.domain()?.to_owned();
    WebauthnBuilder::new(&host, &origin).ok()?.rp_name(nom).build().ok()
}

fn party_of(id: &Identity) -> Result<&Webauthn> {
    id.webauthn.as_deref().ok_or_else(|| {
        Refusal::conflict(
            "Les clés d’accès ne fonctionnent pas à cette adresse. Utilisez votre mot de passe.",
        )
        .into()
    })
}

fn refused() -> Error {
    Refusal::conflict(REFUS).into()
}

/// Begins to make a passkey for the account.
///
/// # Errors
/// When there are too many, or none can be made here.
pub(crate) async fn begin_add(id: &Identity, compte: &Compte) -> Result<(CreationChallengeResponse, Secret)> {
    let site = &id.site;
    let known = store::cles(site.db.read(), compte.id).await?;
    if known.len() >= MAX {
        return Err(Refusal::conflict("Vous avez déjà dix clés d’accès. Retirez-en une d’abord.").into());
    }
    let exclude = known.iter().filter_map(|k| read(&k.cle)).map(|k| k.cred_id().clone()).collect();
    let (mut options, state) = party_of(id)?
        .start_passkey_registration(compte.id.0, compte.courriel.as_str(), &compte.nom, Some(exclude))
        .map_err(|_| refused())?;
    // Kept by the device, so that signing in needs no address.
    if let Some(selection) = options.public_key.authenticator_selection.as_mut() {
        selection.resident_key = Some(ResidentKeyRequirement::Required);
        selection.require_resident_key = true;
    }
    let secret = keep(id, Attente::CleAjout, Some(compte.id), &state, "/compte").await?;
    Ok((options, secret))
}

async fn keep<T: serde::Serialize>(
    id: &Identity,
    attente: Attente,
    compte: Option<CompteId>,
    state: &T,
    suite: &str,
) -> Result<Secret> {
    let site = &id.site;
    let secret = Secret::new(&site.chance);
    let etape = Etape {
        id: uuid_v7(&site.clock, &site.chance),
        compte_id: compte.map(|c| c.0),
        suite: suite.to_owned(),
        defi: Some(serde_json::to_string(state).map_err(|_| refused())?),
        expire_le: site.clock.now() + DEFI,
    };
    site.db.write(async |tx| store::insert_etape(tx, &etape, attente, &secret.hash()).await).await?;
    Ok(secret)
}

async fn awaited(id: &Identity, attente: Attente, nav: &Navigateur) -> Result<Etape> {
    let secret = nav.etape.as_ref().ok_or_else(refused)?;
    store::etape(id.site.db.read(), &secret.hash(), attente, id.site.clock.now()).await?.ok_or_else(refused)
}

fn read(json: &str) -> Option<Passkey> {
    serde_json::from_str(json).ok()
}

/// The passkey that the browser answers with, checked against the challenge of this browser and
/// account.
///
/// # Errors
/// When anything differs.
pub(crate) async fn checked_add(
    id: &Identity,
    compte: CompteId,
    answer: &RegisterPublicKeyCredential,
    nav: &Navigateur,
) -> Result<(Etape, Passkey)> {
    let etape = awaited(id, Attente::CleAjout, nav).await?;
    if etape.compte_id != Some(compte.0) {
        return Err(refused());
    }
    let state: PasskeyRegistration =
        etape.defi.as_deref().and_then(|d| serde_json::from_str(d).ok()).ok_or_else(refused)?;
    let key = party_of(id)?.finish_passkey_registration(answer, &state).map_err(|_| refused())?;
    Ok((etape, key))
}

/// Stores the passkey, once.
pub(crate) async fn store_key(
    id: &Identity,
    tx: &Tx,
    compte: &Compte,
    etape: &Etape,
    key: &Passkey,
    nom: &str,
) -> Result<()> {
    let site = &id.site;
    if !store::end_etape(tx, etape.id).await? {
        return Err(refused());
    }
    let nom: String = nom.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(60).collect();
    let row = Cle {
        id: uuid_v7(&site.clock, &site.chance),
        compte_id: compte.id.0,
        cle: serde_json::to_string(key).map_err(|_| refused())?,
        nom: if nom.is_empty() { "Clé d’accès".to_owned() } else { nom },
        cree_le: site.clock.now(),
        utilisee_le: None,
        version: 0,
    };
    store::insert_cle(tx, &row, &text::hex(key.cred_id().as_slice())).await?;
    changed(site, tx, compte, "compte.cle.ajoutee", "Une clé d’accès a été ajoutée").await
}

/// Ends making a passkey for one's account, in a session.
///
/// # Errors
/// When the answer is not the one awaited.
pub(crate) async fn finish_add(
    id: &Identity,
    compte: &Compte,
    answer: &RegisterPublicKeyCredential,
    nom: &str,
    nav: &Navigateur,
) -> Result<()> {
    let (etape, key) = checked_add(id, compte.id, answer, nav).await?;
    id.site.db.write(async |tx| store_key(id, tx, compte, &etape, &key, nom).await).await
}

/// Takes a passkey away from one's account, unless it is the last way in.
///
/// # Errors
/// [`Refusal::NotFound`], or a refusal when nothing else would open the account.
pub(crate) async fn remove(id: &Identity, compte: &Compte, cle: Uuid) -> Result<()> {
    let site = &id.site;
    site.db
        .write(async |tx| {
            comptes::hold(tx, compte.id).await?;
            let keys = store::cles(tx, compte.id).await?.len();
            let other = store::mot_de_passe(tx, compte.id).await?.is_some() && store::a_des_codes(tx, compte.id).await?;
            let linked = crate::proconnect::store::identite_de(tx, compte.id).await?.is_some();
            if keys <= 1 && !other && !linked {
                return Err(Refusal::conflict(
                    "C’est votre seul moyen de connexion. Choisissez d’abord un mot de passe, ou une autre clé.",
                )
                .into());
            }
            if !store::delete_cle(tx, compte.id, cle).await? {
                return Err(Refusal::NotFound.into());
            }
            changed(site, tx, compte, "compte.cle.retiree", "Une clé d’accès a été retirée").await
        })
        .await
}

/// Begins a sign-in by passkey: no address is asked, the device knows whose key it holds.
///
/// # Errors
/// When passkeys do not work here.
pub(crate) async fn begin_sign_in(id: &Identity, suite: &str) -> Result<(RequestChallengeResponse, Secret)> {
    let (mut options, state) = party_of(id)?.start_discoverable_authentication().map_err(|_| refused())?;
    // A button asks for it: the browser shows its dialogue at once.
    options.mediation = None;
    let secret = keep(id, Attente::CleEntree, None, &state, suite).await?;
    Ok((options, secret))
}

/// Checks the answer of a passkey; notes its use. Returns the account and the step, ended.
async fn verify(id: &Identity, tx: &Tx, etape: &Etape, answer: &PublicKeyCredential) -> Result<Compte> {
    let now = id.site.clock.now();
    let party = party_of(id)?;
    let (user, credential) = party.identify_discoverable_authentication(answer).map_err(|_| refused())?;
    let row = store::cle_par_identifiant(tx, &text::hex(credential)).await?.ok_or_else(refused)?;
    if row.compte_id != user {
        return Err(refused());
    }
    let state: DiscoverableAuthentication =
        etape.defi.as_deref().and_then(|d| serde_json::from_str(d).ok()).ok_or_else(refused)?;
    let mut key = read(&row.cle).ok_or_else(refused)?;
    #[expect(deprecated, reason = "its successor takes the library's internal form of a key")]
    let result =
        party.finish_discoverable_authentication(answer, state, &[(&key).into()]).map_err(|_| refused())?;
    if !store::end_etape(tx, etape.id).await? {
        return Err(refused());
    }
    key.update_credential(&result);
    let json = serde_json::to_string(&key).map_err(|_| refused())?;
    if !store::use_cle(tx, row.id, &json, row.version, now).await? {
        return Err(refused());
    }
    let compte = comptes::find(tx, CompteId(row.compte_id)).await?.ok_or_else(refused)?;
    if compte.etat != Etat::Actif {
        return Err(refused());
    }
    Ok(compte)
}

/// Ends a sign-in by passkey. Returns where to go on.
///
/// # Errors
/// When the key is unknown, the challenge is another browser's, or the account is closed: all the
/// same sentence.
pub(crate) async fn finish_sign_in(
    id: &Identity,
    answer: &PublicKeyCredential,
    nav: &Navigateur,
) -> Result<(Ouverture, String)> {
    let etape = awaited(id, Attente::CleEntree, nav).await?;
    let site = &id.site;
    site.db
        .write(async |tx| {
            let compte = verify(id, tx, &etape, answer).await?;
            let ouverture = open(site, tx, &compte, Methode::Cle, nav, None).await?;
            Ok((ouverture, etape.suite.clone()))
        })
        .await
}

/// Takes the answer of a passkey that proves again who somebody is, in a session. Returns where to go on.
///
/// # Errors
/// When the key is not one of this account, or the challenge is another browser's.
pub(super) async fn prove(
    id: &Identity,
    tx: &Tx,
    compte: CompteId,
    answer: &PublicKeyCredential,
    nav: &Navigateur,
) -> Result<String> {
    let secret = nav.etape.as_ref().ok_or_else(refused)?;
    let etape = store::etape(tx, &secret.hash(), Attente::CleEntree, id.site.clock.now()).await?;
    let etape = etape.ok_or_else(refused)?;
    let who = verify(id, tx, &etape, answer).await?;
    if who.id == compte { Ok(etape.suite) } else { Err(refused()) }
}
