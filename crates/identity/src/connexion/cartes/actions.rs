//! What is done with the card of an account: its codes, pairing, its clock.

use chrono::{DateTime, Utc};
use kernel::ids::CompteId;
use kernel::{Actor, Refusal};
use platform::db::kit;
use platform::journal::{self, Entry};
use platform::{Site, Tx};
use serde_json::json;
use uuid::Uuid;

use super::model::{Carte, DERIVE_MAX, EtatCarte, Motif, fenetre, numero};
use super::store::{du_compte, lues, retirer, tenue, use_pas};
use crate::connexion::essais::{self, Compteur};
use crate::connexion::store as connexion;
use crate::error::{Error, Result};
use crate::secrets::totp::Graine;

/// Looks for a code within those bounds.
fn cherche(carte: &Carte, graine: &Graine, code: &str, fenetre: i64, now: DateTime<Utc>) -> Option<i64> {
    let present = carte.pas(now);
    let pas = graine.check_card(code, present, carte.derive, fenetre, carte.dernier_pas)?;
    ((pas - present).abs() <= DERIVE_MAX).then_some(pas)
}

/// Whether the card of that account shows this code; a code that is taken serves no more. Tries are counted by the caller,
/// with those of the application.
pub(crate) async fn prend(site: &Site, tx: &Tx, compte: CompteId, code: &str) -> Result<bool> {
    let Some(carte) = tenue(tx, compte).await? else { return Ok(false) };
    let (graine, now) = (carte.graine(site)?, site.clock.now());
    match cherche(&carte, &graine, code, fenetre(&carte, now), now) {
        Some(pas) => Ok(use_pas(tx, &carte, pas, now).await?),
        None => Ok(false),
    }
}

/// Counts a code that the card did not show, for who looks into it: in its own transaction, since the refusal gives up the other.
pub(crate) async fn refusee(site: &Site, compte: CompteId) -> Result<()> {
    let sql = "UPDATE compte_carte SET refus = refus + 1 WHERE compte_id = $1";
    site.db.write(async |tx| kit::execute(tx, sql, [compte.0.into()]).await.map(drop)).await?;
    Ok(())
}

/// One try of codes of an account, which sign-in counts too.
#[derive(Debug)]
pub struct Essai([Compteur; 1]);

/// Takes one try: given back by what succeeds.
///
/// # Errors
/// The time to wait after too many.
pub async fn essayer(site: &Site, compte: CompteId) -> Result<Essai> {
    let compteurs = [Compteur::Code(compte)];
    essais::reserver(site, &compteurs).await?;
    Ok(Essai(compteurs))
}

/// Whoever pairs, takes back or brings back a card of an account, in the transaction of the act: the caller checked it.
pub(super) fn ligne(
    actor: &Actor,
    action: &'static str,
    compte: CompteId,
    facts: serde_json::Value,
) -> Entry {
    Entry::by(actor, action, "compte", compte).with(facts)
}

/// Pairs a card with an account, in the transaction where the caller checked who may: its number and the code that it shows. Its
/// clock may be anywhere within the bound: this is when we learn where.
///
/// # Errors
/// Refusals of the fields `numero` and `code`.
pub async fn associer(
    site: &Site,
    tx: &Tx,
    actor: &Actor,
    compte: CompteId,
    (tape, code): (&str, &str),
    essai: &Essai,
) -> Result<()> {
    let inconnue = || {
        Error::field(
            "numero",
            "Aucune carte libre ne porte ce numéro. Relisez-le au dos de la carte ; si elle a déjà servi, demandez à l’équipe des habilitations.",
        )
    };
    let numero = numero(tape).ok_or_else(inconnue)?;
    if crate::comptes::store::hold(tx, compte).await?.is_none() {
        return Err(Refusal::NotFound.into());
    }
    if du_compte(tx, compte).await?.is_some() {
        let deja = "Cette personne a déjà une carte. Retirez-la d’abord, en disant pourquoi.";
        return Err(Refusal::conflict(deja).into());
    }
    let sql = "UPDATE compte_carte SET refus = refus WHERE numero = $1";
    kit::execute(tx, sql, [numero.clone().into()]).await?;
    let carte = lues(tx, "WHERE numero = $1", [numero.into()]).await?.pop();
    let libre = |c: &Carte| matches!(c.etat, EtatCarte::EnStock | EtatCarte::Envoyee);
    let carte = Carte { derive: 0, ..carte.filter(libre).ok_or_else(inconnue)? };
    let (graine, now) = (carte.graine(site)?, site.clock.now());
    let faux = || {
        Error::field(
            "code",
            "Ce n’est pas le code de cette carte. Attendez le suivant, puis recopiez les six chiffres.",
        )
    };
    let pas = cherche(&carte, &graine, code, DERIVE_MAX, now).ok_or_else(faux)?;
    if !use_pas(tx, &carte, pas, now).await? {
        return Err(faux());
    }
    let sql = "UPDATE compte_carte SET etat = 'associee', compte_id = $1, etat_le = $2 WHERE id = $3";
    kit::execute(tx, sql, [compte.0.into(), now.into(), carte.id.into()]).await?;
    essais::rendre(tx, &essai.0).await?;
    journal::write(site, tx, ligne(actor, "carte.associer", compte, json!({ "carte": carte.id }))).await?;
    prevenir(site, tx, compte, "Une carte à codes a été associée à votre compte").await
}

/// Takes the card of an account back, in the transaction where the caller checked who may. Nobody takes their own only second
/// proof away.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none; a conflict when it is one's own only second proof.
pub async fn dissocier(site: &Site, tx: &Tx, actor: &Actor, compte: CompteId, motif: Motif) -> Result<()> {
    crate::comptes::store::hold(tx, compte).await?;
    let carte = tenue(tx, compte).await?.ok_or(Refusal::NotFound)?;
    if actor.compte == compte
        && connexion::totp(tx, compte).await?.is_none()
        && connexion::cles(tx, compte).await?.is_empty()
    {
        let seule = "C’est votre seul moyen de prouver qui vous êtes. Ajoutez d’abord une clé d’accès ou une application de codes.";
        return Err(Refusal::conflict(seule).into());
    }
    retirer(tx, carte.id, motif.vers(), site.clock.now()).await?;
    let facts = json!({ "carte": carte.id, "motif": motif.cle() });
    journal::write(site, tx, ligne(actor, "carte.dissocier", compte, facts)).await?;
    prevenir(site, tx, compte, "La carte à codes de votre compte a été retirée").await
}

/// Brings a card back that drifted, in the transaction where the caller checked who may: two codes, one after the other, from
/// anywhere within the bound.
///
/// # Errors
/// A refusal of the field `suivant`; [`Refusal::NotFound`].
pub async fn resynchroniser(
    site: &Site,
    tx: &Tx,
    actor: &Actor,
    compte: CompteId,
    (code, suivant): (&str, &str),
    essai: &Essai,
) -> Result<()> {
    let carte = Carte { derive: 0, ..tenue(tx, compte).await?.ok_or(Refusal::NotFound)? };
    let (graine, now) = (carte.graine(site)?, site.clock.now());
    let faux = || {
        Error::field(
            "suivant",
            "Ces deux codes ne se suivent pas sur cette carte. Recopiez un code, attendez le suivant, et recopiez-le aussi.",
        )
    };
    // One code of sixty may be another's by chance; the next one with it is one chance in a thousand million.
    let present = carte.pas(now);
    let est = |code: &str, pas: i64| graine.check_card(code, pas, 0, 0, carte.dernier_pas).is_some();
    let pas = (-DERIVE_MAX..DERIVE_MAX).map(|d| present + d).find(|p| est(code, *p) && est(suivant, *p + 1));
    let pas = pas.ok_or_else(faux)? + 1;
    if !use_pas(tx, &carte, pas, now).await? {
        return Err(faux());
    }
    essais::rendre(tx, &essai.0).await?;
    let facts = json!({ "carte": carte.id, "derive": pas - present });
    Ok(journal::write(site, tx, ligne(actor, "carte.resynchroniser", compte, facts)).await?)
}

/// The card of that account that shows this code, which then serves no more: for who accepts an invitation with it.
pub(crate) async fn montre(site: &Site, compte: CompteId, code: &str) -> Result<Option<Uuid>> {
    site.db
        .write(async |tx| {
            let vraie = prend(site, tx, compte, code).await?;
            Ok(du_compte(tx, compte).await?.filter(|_| vraie).map(|c| c.id))
        })
        .await
}

/// Tells the owner that a proof of theirs changed.
pub(super) async fn prevenir(site: &Site, tx: &Tx, compte: CompteId, quoi: &str) -> Result<()> {
    if let Some(c) = crate::comptes::store::find(tx, compte).await? {
        platform::mail::enqueue(site, tx, &crate::mails::preuve_changee(site, &c, quoi)).await?;
    }
    Ok(())
}
