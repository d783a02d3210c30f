//! What is done with stops: one function a verb, within the scope of the lieu.

use kernel::ids::LieuId;
use kernel::{Actor, Refusal};
use platform::Tx;
use platform::journal::{self, Entry};
use serde_json::json;

use super::model::{Arret, ArretId, Contenu};
use super::store;
use crate::Annuaire;
use crate::lieux::gestion::actions::Failure;
use crate::lieux::gestion::lecture;

/// Stops of one lieu at most.
const PAR_LIEU: usize = 100;

/// The stops of the lieu, open and within the scope, in the transaction that writes.
async fn tenus(annuaire: &Annuaire, tx: &Tx, actor: &Actor, lieu: LieuId) -> Result<Vec<Arret>, Failure> {
    lecture::ouvert_a(annuaire, tx, actor, lieu).await?;
    Ok(store::du_lieu(tx, lieu).await?)
}

fn perime() -> Failure {
    Refusal::conflict(
        "Cet arrêt vient d’être modifié par une autre personne. Rechargez la page, puis recommencez.",
    )
    .into()
}

async fn note(
    annuaire: &Annuaire,
    tx: &Tx,
    actor: &Actor,
    verbe: &'static str,
    a: &Arret,
) -> Result<(), Failure> {
    let ligne = Entry::by(actor, verbe, "lieu", a.lieu).with(json!({ "arret": a.id.to_string() }));
    journal::write(&annuaire.site, tx, ligne).await?;
    Ok(())
}

/// Adds a stop at the end of the tour.
///
/// # Errors
/// A conflict when there are too many; refusals of the scope.
pub(super) async fn creer(
    annuaire: &Annuaire,
    actor: &Actor,
    lieu: LieuId,
    contenu: Contenu,
) -> Result<(), Failure> {
    let site = &annuaire.site;
    let id = ArretId::new(&site.clock, &site.chance);
    site.db
        .write(async |tx| {
            let arrets = tenus(annuaire, tx, actor, lieu).await?;
            if arrets.len() >= PAR_LIEU {
                return Err(Refusal::conflict(format!("Une tournée a {PAR_LIEU} arrêts au plus.")).into());
            }
            let rang = arrets.last().map_or(1, |a| a.rang + 1);
            let a = Arret { id, lieu, rang, contenu: contenu.clone(), version: 1 };
            store::inscrit(tx, &a, site.clock.now()).await?;
            note(annuaire, tx, actor, "arret.creer", &a).await
        })
        .await
}

/// Changes a stop that was read in that version.
///
/// # Errors
/// A conflict when somebody changed it meanwhile; refusals of the scope.
pub(super) async fn modifier(
    annuaire: &Annuaire,
    actor: &Actor,
    (lieu, id): (LieuId, ArretId),
    version: i64,
    contenu: Contenu,
) -> Result<(), Failure> {
    let site = &annuaire.site;
    site.db
        .write(async |tx| {
            let arrets = tenus(annuaire, tx, actor, lieu).await?;
            let lu = arrets.into_iter().find(|a| a.id == id).ok_or(Refusal::NotFound)?;
            let a = Arret { contenu: contenu.clone(), version, ..lu };
            if !store::remplace(tx, &a, site.clock.now()).await? {
                return Err(perime());
            }
            note(annuaire, tx, actor, "arret.modifier", &a).await
        })
        .await
}

/// Brings a stop one place forward in the tour.
///
/// # Errors
/// Refusals of the scope.
pub(super) async fn monter(
    annuaire: &Annuaire,
    actor: &Actor,
    (lieu, id): (LieuId, ArretId),
) -> Result<(), Failure> {
    let site = &annuaire.site;
    site.db
        .write(async |tx| {
            let mut arrets = tenus(annuaire, tx, actor, lieu).await?;
            let place = arrets.iter().position(|a| a.id == id).ok_or(Refusal::NotFound)?;
            arrets.swap(place, place.saturating_sub(1));
            // Ranks are written anew: two may be equal after a merge of lieux.
            for (rang, a) in (1..).zip(&mut arrets) {
                if a.rang != rang {
                    a.rang = rang;
                    if !store::remplace(tx, a, site.clock.now()).await? {
                        return Err(perime());
                    }
                }
            }
            let a = arrets.iter().find(|a| a.id == id).ok_or(Refusal::NotFound)?;
            note(annuaire, tx, actor, "arret.modifier", a).await
        })
        .await
}

/// Takes a stop away.
///
/// # Errors
/// Refusals of the scope.
pub(super) async fn retirer(
    annuaire: &Annuaire,
    actor: &Actor,
    (lieu, id): (LieuId, ArretId),
) -> Result<(), Failure> {
    annuaire
        .site
        .db
        .write(async |tx| {
            let arrets = tenus(annuaire, tx, actor, lieu).await?;
            let a = arrets.into_iter().find(|a| a.id == id).ok_or(Refusal::NotFound)?;
            store::efface(tx, id).await?;
            note(annuaire, tx, actor, "arret.retirer", &a).await
        })
        .await
}
