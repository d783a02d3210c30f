//! Accounts that nobody opens: told, then put to sleep; their owner wakes them with a strong proof.

use chrono::TimeDelta;
use kernel::{Actor, Refusal};
use platform::jobs::{Job, Registry};

use super::model::{Aidant, EtatAidant};
use super::regles::{self, Parcours, Sommeil};
use super::vie::INACTIVITE;
use super::{mails, registre, store, vie};
use crate::ids::AidantId;
use crate::{Failure, Mandats};

/// People looked at in one go.
const LOT: i64 = 200;

/// Looks at the accounts that nobody opens, once a day.
#[derive(Clone, Copy, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct Veiller {}

impl Job for Veiller {
    const KIND: &'static str = "mandats.aidants.veiller";

    fn dedup_key(&self) -> Option<String> {
        Some(String::new())
    }
}

/// Says who does the job, and when.
pub(crate) fn register(m: &Mandats, registry: &mut Registry) {
    let m = m.clone();
    registry.on(move |_, Veiller {}| {
        let m = m.clone();
        async move { tour(&m).await.map(|_| ()) }
    });
    registry.every("mandats.aidants.veiller", TimeDelta::days(1), Veiller {});
}

/// One round; returns how many were told and how many were put to sleep.
pub(crate) async fn tour(m: &Mandats) -> Result<(usize, usize), Failure> {
    let Some(regle) = regles::dormance(m.jour()) else { return Ok((0, 0)) };
    let (now, conn) = (m.site.clock.now(), m.site.db.read());
    let (mut apres, mut dits, mut endormis) = (None, 0, 0);
    loop {
        let lot = registre::actifs_apres(conn, apres, LOT).await?;
        let Some(dernier) = lot.last() else { return Ok((dits, endormis)) };
        apres = Some(dernier.id);
        let comptes: Vec<_> = lot.iter().filter_map(|a| a.compte).collect();
        let vus = identity::vus(conn, &comptes).await?;
        for a in &lot {
            let vu = a.compte.and_then(|c| vus.get(&c)).copied().unwrap_or(a.etat_le).max(a.etat_le);
            let parcours = registre::parcours(conn, a.id).await?;
            match regles::sommeil(vu, parcours.averti_le, now, regle) {
                Sommeil::Rien => {}
                quoi => match un(m, a, &parcours, quoi).await? {
                    Sommeil::Avertir => dits += 1,
                    Sommeil::Endormir => endormis += 1,
                    _ => {}
                },
            }
        }
    }
}

/// One account; what was read is read again once it is held.
async fn un(m: &Mandats, a: &Aidant, lu: &Parcours, quoi: Sommeil) -> Result<Sommeil, Failure> {
    m.site
        .db
        .write(async |tx| {
            let tenu = vie::tenir(tx, a.id).await?;
            let parcours = registre::parcours(tx, a.id).await?;
            if tenu.etat != EtatAidant::Actif || parcours != *lu {
                return Ok(Sommeil::Rien);
            }
            match quoi {
                Sommeil::Avertir => {
                    let averti_le = Some(m.site.clock.now());
                    registre::ecrire_parcours(tx, a.id, &Parcours { averti_le, ..parcours }).await?;
                    mails::averti(m, tx, &tenu).await?;
                }
                Sommeil::Oublier => {
                    registre::ecrire_parcours(tx, a.id, &Parcours { averti_le: None, ..parcours }).await?;
                }
                Sommeil::Endormir => {
                    vie::changer(m, tx, a.id, EtatAidant::Dormant, INACTIVITE, None).await?;
                }
                Sommeil::Rien => {}
            }
            Ok(quoi)
        })
        .await
}

/// Whether the account of a sleeping professional sleeps by itself, so that its owner may wake it.
///
/// # Errors
/// The database.
pub(crate) async fn endormi_seul(m: &Mandats, id: AidantId) -> Result<bool, Failure> {
    let histoire = registre::histoire(m.site.db.read(), id).await?;
    Ok(histoire.first().is_some_and(|e| e.motif == INACTIVITE && e.par.is_none()))
}

/// Wakes one's own account. The page asks for a strong proof before.
///
/// # Errors
/// A refusal when somebody else put it to sleep.
pub(crate) async fn reveiller(m: &Mandats, actor: &Actor) -> Result<(), Failure> {
    let a = store::du_compte(m.site.db.read(), actor.compte).await?.ok_or(Refusal::NotFound)?;
    if !endormi_seul(m, a.id).await? {
        return Err(Refusal::forbidden(
            "Votre compte a été désactivé par une personne. Demandez à votre référent de le réactiver.",
        )
        .into());
    }
    m.site
        .db
        .write(async |tx| vie::changer(m, tx, a.id, EtatAidant::Actif, "", Some(actor)).await.map(drop))
        .await
}
