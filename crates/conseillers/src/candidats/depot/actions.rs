//! What can be done without an account: keep a draft, file an application, prove its address.

use chrono::TimeDelta;
use identity::secrets::link::Secret;
use identity::{Invitation, invite_by_programme};
use kernel::{Email, Perimetre, Refusal, Role};
use platform::journal::{self, Entry};
use platform::{Site, Tx, jobs, mail};

use super::super::model::{Candidat, CandidatId, Etat, Fiche, Motif};
use super::super::store::{self, Usage};
use super::super::{retention, rules};
use super::courriels;
use super::jobs::{ConfirmerAdresse, DejaLa};
use crate::Failure;
use crate::contrats::store::noter_alerte;
use crate::historique::{Ecrit, Sujet, noter};
use crate::ids::Compteur;

/// How long the link of the confirmation serves. Source: the first site of the programme (4 320 hours).
pub(super) const CONFIRMER: TimeDelta = TimeDelta::days(180);
/// Messages of confirmation that one address is sent in a day, however many applications bear it.
const PAR_JOUR: i64 = 5;

/// Keeps what was typed under the secret of its author, and sends the link when there is an address.
///
/// # Errors
/// The database.
pub(super) async fn garder(
    site: &Site,
    secret: &Secret,
    contenu: &str,
    courriel: Option<&Email>,
) -> Result<(), Failure> {
    site.db
        .write(async |tx| {
            store::garder_brouillon(tx, &secret.hash(), contenu, site.clock.now()).await?;
            if let Some(courriel) = courriel {
                mail::enqueue(site, tx, &courriels::brouillon(site, courriel, secret)).await?;
            }
            Ok(())
        })
        .await
}

/// Files an application. A draft that is filed again is the same application, which takes what was typed last as long as
/// its address is not confirmed. What is answered tells nobody whether the address had applied already.
///
/// # Errors
/// The fields, by [`rules::recevable`].
pub(in crate::candidats) async fn deposer(site: &Site, fiche: Fiche, secret: &Secret) -> Result<(), Failure> {
    let now = site.clock.now();
    rules::recevable(&fiche, kernel::calendrier::jour(&now))?;
    let empreinte = secret.hash();
    site.db
        .write(async |tx| {
            store::oublier_brouillon(tx, &empreinte).await?;
            if let Some(id) = store::depose(tx, &empreinte).await? {
                return redeposer(site, tx, id, fiche).await;
            }
            let candidat = Candidat {
                id: CandidatId::new(&site.clock, &site.chance),
                numero: Compteur::Candidat.prend(tx, 1).await?,
                fiche,
                etat: Etat::AConfirmer,
                disponible: true,
                pix: None,
                compte: None,
                version: 1,
                depose_le: now,
                vu_le: now,
                relances: 0,
                relance_le: None,
            };
            if !store::insert(tx, &candidat, Some(&empreinte)).await? {
                // The same draft, filed by the same person at the same instant: it is there already.
                return Ok(());
            }
            jobs::enqueue(site, tx, &ConfirmerAdresse { candidat: candidat.id }).await?;
            journal::write(site, tx, Entry::system("candidat.deposer", "candidat", candidat.id)).await?;
            Ok(())
        })
        .await
}

async fn redeposer(site: &Site, tx: &Tx, id: CandidatId, fiche: Fiche) -> Result<(), Failure> {
    let Some(mut candidat) = store::get_locked(tx, id).await? else { return Ok(()) };
    if candidat.etat != Etat::AConfirmer || candidat.fiche == fiche {
        return Ok(());
    }
    let autre_adresse = candidat.fiche.courriel != fiche.courriel;
    candidat.fiche = fiche;
    if !store::update(tx, &candidat).await? {
        return Err(Failure::perime());
    }
    if autre_adresse {
        // The first address may be somebody else's: its link must not confirm what was typed since.
        store::oublier_liens(tx, id).await?;
        jobs::enqueue(site, tx, &ConfirmerAdresse { candidat: id }).await?;
    }
    journal::write(site, tx, Entry::system("candidat.deposer_a_nouveau", "candidat", id)).await?;
    Ok(())
}

/// Sends the link of an application, or tells its address that it has another already. Run by the job.
///
/// # Errors
/// The database.
pub(super) async fn ecrire_confirmation(site: &Site, id: CandidatId) -> Result<(), Failure> {
    let now = site.clock.now();
    site.db
        .write(async |tx| {
            let Some(candidat) = store::get_locked(tx, id).await? else { return Ok(()) };
            if candidat.etat != Etat::AConfirmer {
                return Ok(());
            }
            let cle = candidat.fiche.courriel.key();
            if let Some(premiere) = store::actif_de_courriel(tx, &cle).await? {
                let Some(premiere) = store::get(tx, premiere).await? else { return Ok(()) };
                store::effacer(site, tx, &candidat, Motif::Doublon).await?;
                journal::write(site, tx, Entry::system("candidat.ecarter_doublon", "candidat", id)).await?;
                return dire_deja_la(site, tx, &premiere).await;
            }
            let depuis = now + CONFIRMER - TimeDelta::days(1);
            if store::liens_de_courriel(tx, &cle, Usage::Confirmer, depuis).await? >= PAR_JOUR {
                return Ok(());
            }
            let secret = Secret::new(&site.chance);
            store::lier(tx, id, Usage::Confirmer, &secret.hash(), now + CONFIRMER).await?;
            mail::enqueue(site, tx, &courriels::confirmer(site, &candidat, &secret)).await?;
            Ok(())
        })
        .await
}

/// Tells an address that its application is confirmed already, since somebody asked for its link again. Run by the job.
///
/// # Errors
/// The database.
pub(super) async fn ecrire_deja_la(site: &Site, id: CandidatId) -> Result<(), Failure> {
    let Some(candidat) = store::get(site.db.read(), id).await? else { return Ok(()) };
    site.db.write(async |tx| dire_deja_la(site, tx, &candidat).await).await
}

/// Tells an address that it has an application already: once a day, whoever types it how often.
async fn dire_deja_la(site: &Site, tx: &Tx, c: &Candidat) -> Result<(), Failure> {
    let le = kernel::calendrier::jour(&site.clock.now());
    if noter_alerte(site, tx, c.id.0, "deja_la", le).await? {
        mail::enqueue(site, tx, &courriels::deja_la(site, c)).await?;
    }
    Ok(())
}

/// Sends the link again to whoever waits for it at that address. What is answered is the same for all.
///
/// # Errors
/// The database.
pub(super) async fn renvoyer(site: &Site, courriel: &Email) -> Result<(), Failure> {
    let cle = courriel.key();
    site.db
        .write(async |tx| {
            if let Some(candidat) = store::actif_de_courriel(tx, &cle).await? {
                jobs::enqueue(site, tx, &DejaLa { candidat }).await?;
            } else if let Some(candidat) = store::derniere_a_confirmer(tx, &cle).await? {
                jobs::enqueue(site, tx, &ConfirmerAdresse { candidat }).await?;
            }
            Ok(())
        })
        .await
}

/// What came of a link of confirmation.
pub(super) enum Confirmation {
    /// The address is proven: the link with which the person chooses how to sign in, none when they have an account.
    Ouverte(Option<Secret>),
    /// It was already.
    Deja,
}

/// The application that a link of confirmation is about.
///
/// # Errors
/// [`Refusal::NotFound`] when the link never existed or is over.
pub(super) async fn a_confirmer(site: &Site, recu: &str) -> Result<Candidat, Failure> {
    let secret = Secret::parse(recu).ok_or(Refusal::NotFound)?;
    let conn = site.db.read();
    let id = store::lien(conn, Usage::Confirmer, &secret.hash(), site.clock.now()).await?;
    Ok(store::get(conn, id.ok_or(Refusal::NotFound)?).await?.ok_or(Refusal::NotFound)?)
}

/// Proves the address: the application may be found, its account is open, other applications of the same address that
/// nobody confirmed are gone.
///
/// # Errors
/// [`Refusal::NotFound`] when the link is over; a conflict when another application of the address was confirmed first.
pub(super) async fn confirmer(site: &Site, recu: &str) -> Result<Confirmation, Failure> {
    let id = a_confirmer(site, recu).await?.id;
    let fait = site.db.write(async |tx| confirmer_dans(site, tx, id).await).await;
    match fait {
        Err(Failure::Db(e)) if platform::db::is_unique_violation(&e) => Err(autre_confirmee()),
        autre => autre,
    }
}

fn autre_confirmee() -> Failure {
    Refusal::conflict(
        "Une autre candidature est déjà confirmée à cette adresse. Connectez-vous pour la modifier.",
    )
    .into()
}

async fn confirmer_dans(site: &Site, tx: &Tx, id: CandidatId) -> Result<Confirmation, Failure> {
    let now = site.clock.now();
    let mut candidat = store::get_locked(tx, id).await?.ok_or(Refusal::NotFound)?;
    match candidat.etat {
        Etat::AConfirmer => {}
        Etat::Active { .. } => return Ok(Confirmation::Deja),
        Etat::Fusionnee { .. } => return Err(Refusal::NotFound.into()),
    }
    let cle = candidat.fiche.courriel.key();
    if store::actif_de_courriel(tx, &cle).await?.is_some() {
        return Err(autre_confirmee());
    }
    let invite = invite_by_programme(
        site,
        tx,
        &Invitation {
            courriel: candidat.fiche.courriel.clone(),
            nom: candidat.fiche.nom_complet(),
            role: Role::Candidat,
            perimetre: Perimetre::Soi,
            fin: None,
        },
    )
    .await?;
    candidat.etat = Etat::Active { confirmee_le: now };
    candidat.compte = Some(invite.compte);
    candidat.vu_le = now;
    if !store::update(tx, &candidat).await? {
        return Err(Failure::perime());
    }
    for autre in store::a_confirmer_de(tx, &cle).await? {
        if let Some(autre) = store::get_locked(tx, autre).await? {
            store::effacer(site, tx, &autre, Motif::Doublon).await?;
        }
    }
    let ecrit = Ecrit::change("État", Etat::AConfirmer.libelle(), candidat.etat.libelle());
    noter(site, tx, (Sujet::Candidat, id.0), None, "Confirmation", &[ecrit]).await?;
    journal::write(site, tx, Entry::system("candidat.confirmer", "candidat", id)).await?;
    Ok(Confirmation::Ouverte(invite.lien))
}

/// Forgets drafts and applications that nobody came back to. Gives how many applications.
///
/// # Errors
/// The database.
pub(in crate::candidats) async fn oublier(site: &Site) -> Result<u64, Failure> {
    let now = site.clock.now();
    let brouillons = retention::BROUILLON.limite(now);
    site.db.write(async |tx| store::oublier_vieux_brouillons(tx, brouillons).await).await?;
    let inactifs = retention::effacer_echus(site, &retention::CANDIDAT).await?;
    Ok(inactifs + retention::effacer_echus(site, &retention::NON_CONFIRMEE).await?)
}
