//! Links sent by mail: invitations and forgotten passwords. Single use; reading the page uses
//! nothing up, so that a mail scanner that opens every link does no harm.

use chrono::TimeDelta;
use kernel::ids::{CompteId, uuid_v7};
use kernel::{Email, Refusal};
use platform::journal::{self, Entry};
use platform::{Site, Tx};

use super::actions::{Choix, check_choice, new_recovery_codes, store_choice};
use super::essais;
use super::store::{self, Genre, Lien};
use crate::Identity;
use crate::comptes::model::{Compte, Etat};
use crate::comptes::store as comptes;
use crate::error::{Error, Result};
use crate::secrets::link::Secret;
use crate::secrets::password;
use crate::sessions::actions::{Ouverture, open};
use crate::sessions::cookies::Navigateur;
use crate::sessions::model::Methode;
use crate::sessions::store as sessions;

/// An invitation serves for four weeks, as people are used to in the field.
pub(crate) const INVITATION: TimeDelta = TimeDelta::days(28);
/// A link for a forgotten password serves for an hour.
const OUBLI: TimeDelta = TimeDelta::hours(1);
/// Messages for forgotten passwords to one account: one every so often.
const ENTRE_DEUX: TimeDelta = TimeDelta::minutes(2);

/// Writes a link for the account; those before it no longer serve.
pub(crate) async fn new_link(site: &Site, tx: &Tx, compte: CompteId, genre: Genre) -> Result<Secret> {
    let now = site.clock.now();
    let secret = Secret::new(&site.chance);
    store::cancel_liens(tx, compte, now).await?;
    let life = match genre {
        Genre::Invitation => INVITATION,
        Genre::MotDePasse => OUBLI,
    };
    let lien = Lien {
        id: uuid_v7(&site.clock, &site.chance),
        compte_id: compte.0,
        cree_le: now,
        expire_le: now + life,
    };
    store::insert_lien(tx, &lien, genre, &secret.hash()).await?;
    Ok(secret)
}

/// The link of a page's address and its account.
///
/// # Errors
/// [`Refusal::NotFound`] when it never existed, was used, or is over: all the same.
pub(crate) async fn find(site: &Site, genre: Genre, received: &str) -> Result<(Lien, Compte)> {
    let secret = Secret::parse(received).ok_or(Refusal::NotFound)?;
    let conn = site.db.read();
    let lien = store::lien(conn, genre, &secret.hash(), site.clock.now()).await?.ok_or(Refusal::NotFound)?;
    let compte = comptes::find(conn, CompteId(lien.compte_id)).await?.ok_or(Refusal::NotFound)?;
    if compte.etat == Etat::Desactive {
        return Err(Refusal::NotFound.into());
    }
    Ok((lien, compte))
}

/// Takes the link, once; the account becomes active with no proof but those about to be stored, and
/// every session and device from before is forgotten.
pub(crate) async fn take(site: &Site, tx: &Tx, lien: &Lien, nom: &str) -> Result<Compte> {
    let now = site.clock.now();
    if !store::use_lien(tx, lien.id, now).await? {
        return Err(Refusal::conflict("Cette invitation vient de servir. Connectez-vous.").into());
    }
    let id = CompteId(lien.compte_id);
    let mut compte = comptes::hold(tx, id).await?.ok_or(Refusal::NotFound)?;
    if compte.etat == Etat::Desactive {
        return Err(Refusal::NotFound.into());
    }
    store::forget_proofs(tx, id).await?;
    sessions::close_all(tx, id, None, now).await?;
    sessions::retire_appareils(tx, id, now).await?;
    comptes::set_nom(tx, id, nom).await?;
    comptes::set_etat(tx, id, Etat::Actif).await?;
    compte.nom = nom.to_owned();
    compte.etat = Etat::Actif;
    journal::write(
        site,
        tx,
        Entry { by: Some(id.0), ..Entry::system("compte.invitation.acceptee", "compte", id) },
    )
    .await?;
    Ok(compte)
}

/// Accepts an invitation with a password and an application. Returns the recovery codes, to be
/// shown once.
///
/// # Errors
/// Refusals of the fields of the form, or of a link that no longer serves.
pub(crate) async fn accept(
    id: &Identity,
    received: &str,
    nom: &str,
    choix: &Choix,
    nav: &Navigateur,
) -> Result<(Ouverture, Vec<String>)> {
    let site = &id.site;
    let (lien, compte) = find(site, Genre::Invitation, received).await?;
    let (hash, montre) = check_choice(id, choix, &compte, nom).await?;
    site.db
        .write(async |tx| {
            let compte = take(site, tx, &lien, nom).await?;
            store_choice(site, tx, compte.id, &hash, &choix.graine, montre).await?;
            let codes = new_recovery_codes(site, tx, compte.id).await?;
            let ouverture = open(site, tx, &compte, Methode::Invitation, nav, None).await?;
            Ok((ouverture, codes))
        })
        .await
}

/// Counts a request for a link against its source, whatever the address.
///
/// # Errors
/// The time to wait.
pub(crate) async fn admit_forgotten(id: &Identity, nav: &Navigateur) -> Result<()> {
    essais::reserver(&id.site, &[essais::source(&id.site, nav.source)]).await
}

/// Sends a link to choose another password, if the address has an active account. The answer does
/// not tell whether it has; the handler does not wait for this work, so its time tells nothing.
pub(crate) async fn forgotten(id: &Identity, courriel: &Email) -> Result<()> {
    let site = &id.site;
    let now = site.clock.now();
    site.db
        .write(async |tx| {
            let compte = comptes::find_by_courriel(tx, courriel).await?.filter(|c| c.etat == Etat::Actif);
            let last = match &compte {
                Some(c) => store::dernier_lien(tx, c.id, Genre::MotDePasse).await?,
                None => None,
            };
            let soon = last.is_some_and(|l| l.cree_le + ENTRE_DEUX > now);
            if let Some(c) = compte.filter(|_| !soon) {
                let secret = new_link(site, tx, c.id, Genre::MotDePasse).await?;
                platform::mail::enqueue(site, tx, &crate::mails::mot_de_passe(site, &c, &secret)).await?;
                let line = Entry::system("compte.mot_de_passe.oublie", "compte", c.id);
                journal::write(site, tx, line).await?;
            }
            Ok::<_, Error>(())
        })
        .await
}

/// Chooses another password by the link of a mail. The code of the application stays what it is:
/// the mailbox alone opens nothing. Every session ends, and the count of failed tries
/// for the address begins anew.
///
/// # Errors
/// A refusal of the field `mot_de_passe`, or of a link that no longer serves.
pub(crate) async fn choose_password(id: &Identity, received: &str, chosen: &str) -> Result<()> {
    let site = &id.site;
    let (lien, compte) = find(site, Genre::MotDePasse, received).await?;
    password::check_choice(chosen, compte.courriel.as_str(), &compte.nom)
        .map_err(|sentence| Error::field("mot_de_passe", sentence))?;
    let hash = id.hasher.hash(chosen.to_owned(), &site.chance).await?;
    site.db
        .write(async |tx| {
            let now = site.clock.now();
            if !store::use_lien(tx, lien.id, now).await? {
                return Err(Refusal::NotFound.into());
            }
            store::set_mot_de_passe(tx, compte.id, &hash, now).await?;
            sessions::close_all(tx, compte.id, None, now).await?;
            essais::rendre(tx, &[essais::adresse(site, compte.courriel.as_str())]).await?;
            super::actions::changed(
                site,
                tx,
                &compte,
                "compte.mot_de_passe.change",
                "Un nouveau mot de passe a été choisi",
            )
            .await
        })
        .await
}
