//! Changing the address of one's application and of one's account: asked in the own space, confirmed from the new mailbox, told on
//! the old one both times.

pub(super) mod courriels;
mod migration;
mod pages;
mod store;

use chrono::TimeDelta;
use identity::secrets::link::Secret;
use kernel::{Actor, Email, Refusal, Verb};
use platform::Site;
use platform::journal::{self, Entry};
use platform::mail;

use super::model::Candidat;
use super::{rules, store as fichier};
use crate::contrats::store::noter_alerte;
use crate::historique::{Ecrit, Sujet, noter};
use crate::{Conseillers, Failure};

pub(crate) use migration::Adresse0064;
pub(super) use pages::routes;
pub(super) use store::en_attente;

/// How long the link serves.
const LIEN: TimeDelta = TimeDelta::days(2);
/// Changes that somebody may ask for in a day: each sends two messages.
const PAR_JOUR: u32 = 5;

/// Sends a link to the new address, and tells the old one. What is answered tells nobody whether the new one is known here.
///
/// # Errors
/// The field when it is the address of today, or too many were asked for today.
async fn demander(cx: &Conseillers, actor: &Actor, c: &Candidat, nouvelle: Email) -> Result<(), Failure> {
    let site = &cx.site;
    if nouvelle.key() == c.fiche.courriel.key() {
        return Err(Refusal::field("courriel", "C’est déjà l’adresse de votre candidature.").into());
    }
    site.db
        .write(async |tx| {
            let c = fichier::get_locked(tx, c.id).await?.ok_or(Refusal::NotFound)?;
            rules::may_sien(actor, Verb::TenirCandidature, &c)?;
            let mut admise = false;
            for n in 1..=PAR_JOUR {
                if noter_alerte(site, tx, c.id.0, &format!("adresse_{n}"), cx.jour()).await? {
                    admise = true;
                    break;
                }
            }
            if !admise {
                return Err(Refusal::field(
                    "courriel",
                    "Vous avez demandé plusieurs changements aujourd’hui. Réessayez demain.",
                )
                .into());
            }
            let secret = Secret::new(&site.chance);
            let fin = site.clock.now() + LIEN;
            store::garder(tx, (c.id, actor.compte), &nouvelle, (&secret.hash(), fin)).await?;
            mail::enqueue(site, tx, &courriels::confirmer(site, &nouvelle, &secret)).await?;
            mail::enqueue(site, tx, &courriels::demandee(site, &c)).await?;
            journal::write(site, tx, Entry::by(actor, "candidat.demander_adresse", "candidat", c.id)).await?;
            Ok(())
        })
        .await
}

/// Forgets the change that was asked for.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none.
async fn annuler(cx: &Conseillers, actor: &Actor, c: &Candidat) -> Result<(), Failure> {
    let site = &cx.site;
    site.db
        .write(async |tx| {
            if !store::oublier(tx, c.id).await? {
                return Err(Refusal::NotFound.into());
            }
            journal::write(site, tx, Entry::by(actor, "candidat.annuler_adresse", "candidat", c.id)).await?;
            Ok(())
        })
        .await
}

/// What a link asks to confirm: the reference of the application and the new address.
///
/// # Errors
/// [`Refusal::NotFound`] when it never existed, is over, or served.
async fn a_confirmer(site: &Site, recu: &str) -> Result<(String, Email), Failure> {
    let secret = Secret::parse(recu).ok_or(Refusal::NotFound)?;
    let conn = site.db.read();
    let d = store::de_lien(conn, &secret.hash(), site.clock.now()).await?.ok_or(Refusal::NotFound)?;
    let c = fichier::get(conn, d.candidat).await?.ok_or(Refusal::NotFound)?;
    Ok((c.reference(), d.courriel))
}

/// Changes the address of the application and of the account that asked.
///
/// # Errors
/// As [`a_confirmer`]; a conflict when the address has an application or an account of its own.
async fn confirmer(site: &Site, recu: &str) -> Result<(), Failure> {
    let secret = Secret::parse(recu).ok_or(Refusal::NotFound)?;
    let prise = || {
        Refusal::conflict(
            "Cette adresse a déjà une candidature. Écrivez à l’administration du programme pour réunir les deux.",
        )
    };
    let fait = site
        .db
        .write(async |tx| {
            let now = site.clock.now();
            let lue = store::de_lien(tx, &secret.hash(), now).await?.ok_or(Refusal::NotFound)?;
            identity::readdress_by_programme(site, tx, lue.compte, &lue.courriel).await?;
            let mut c = fichier::get_locked(tx, lue.candidat).await?.ok_or(Refusal::NotFound)?;
            // Read again behind the lock: two clicks make one change.
            let d = store::de_lien(tx, &secret.hash(), now).await?.ok_or(Refusal::NotFound)?;
            if !matches!(c.etat, super::Etat::Active { .. }) {
                return Err(Refusal::NotFound.into());
            }
            if fichier::actif_de_courriel(tx, &d.courriel.key()).await?.is_some_and(|id| id != c.id) {
                return Err(prise().into());
            }
            let ancienne = std::mem::replace(&mut c.fiche.courriel, d.courriel.clone());
            c.vu_le = now;
            if !fichier::update(tx, &c).await? {
                return Err(Failure::perime());
            }
            store::oublier(tx, c.id).await?;
            let ecrit = Ecrit::change("Adresse électronique", ancienne.as_str(), d.courriel.as_str());
            noter(site, tx, (Sujet::Candidat, c.id.0), None, "Changement d’adresse", &[ecrit]).await?;
            mail::enqueue(site, tx, &courriels::changee(site, &ancienne, &c)).await?;
            journal::write(site, tx, Entry::system("candidat.adresse", "candidat", c.id)).await?;
            Ok(())
        })
        .await;
    match fait {
        Err(Failure::Db(e)) if platform::db::is_unique_violation(&e) => Err(prise().into()),
        autre => autre,
    }
}
