//! What is done with workshops: one function a verb, within the scope of the lieu.

use chrono::NaiveDate;
use kernel::ids::LieuId;
use kernel::{Actor, Refusal, Verb};
use platform::Tx;
use platform::journal::{self, Entry};
use serde_json::json;

use super::model::{Atelier, AtelierId, Contenu};
use super::store;
use crate::Annuaire;
use crate::lieux::gestion::actions::Failure;
use crate::lieux::gestion::lecture;

/// Workshops of one lieu, beyond which a mistake is more likely than a wish.
const PAR_LIEU: usize = 200;

/// The workshop of that lieu, not stopped.
async fn ouvert(tx: &Tx, lieu: LieuId, id: AtelierId) -> Result<Atelier, Failure> {
    let a = store::un(tx, id).await?.filter(|a| a.lieu == lieu && a.arrete_le.is_none());
    Ok(a.ok_or(Refusal::NotFound)?)
}

fn perime() -> Failure {
    Refusal::conflict(
        "Cet atelier vient d’être modifié par une autre personne. Rechargez la page, puis recommencez.",
    )
    .into()
}

/// Adds a workshop to a lieu.
///
/// # Errors
/// A conflict when the lieu is closed, or has too many; refusals of the scope.
pub(super) async fn creer(
    annuaire: &Annuaire,
    actor: &Actor,
    lieu: LieuId,
    contenu: Contenu,
) -> Result<AtelierId, Failure> {
    let site = &annuaire.site;
    let id = AtelierId::new(&site.clock, &site.chance);
    let modifie_le = site.clock.now();
    let a = Atelier { id, lieu, contenu, annulees: Vec::new(), version: 1, modifie_le, arrete_le: None };
    site.db
        .write(async |tx| {
            lecture::ouvert_a(annuaire, tx, actor, lieu).await?;
            if store::du_lieu(tx, lieu).await?.len() >= PAR_LIEU {
                let phrase = format!("Ce lieu a déjà {PAR_LIEU} ateliers. Retirez-en un avant d’en ajouter.");
                return Err(Refusal::conflict(phrase).into());
            }
            store::inscrit(tx, &a).await?;
            let ligne =
                Entry::by(actor, "atelier.creer", "lieu", lieu).with(json!({ "atelier": id.to_string() }));
            journal::write(site, tx, ligne).await?;
            Ok(id)
        })
        .await
}

/// Changes a workshop that was read in that version.
///
/// # Errors
/// A conflict when somebody changed it meanwhile; refusals of the scope.
pub(super) async fn modifier(
    annuaire: &Annuaire,
    actor: &Actor,
    (lieu, id): (LieuId, AtelierId),
    version: i64,
    contenu: Contenu,
) -> Result<(), Failure> {
    change(annuaire, actor, (lieu, id), "atelier.modifier", |a| {
        (a.version == version).then(|| a.contenu = contenu)
    })
    .await
}

/// Calls a session off, or on again.
///
/// # Errors
/// Not found when there is no session on that day; refusals of the scope.
pub(super) async fn annuler(
    annuaire: &Annuaire,
    actor: &Actor,
    (lieu, id): (LieuId, AtelierId),
    jour: NaiveDate,
    annulee: bool,
) -> Result<(), Failure> {
    let verbe = if annulee { "atelier.annuler_seance" } else { "atelier.retablir_seance" };
    let site = &annuaire.site;
    let connue =
        store::un(site.db.read(), id).await?.is_some_and(|a| a.contenu.rythme.jours(jour, jour) == [jour]);
    if !connue {
        actor.may(Verb::ModifierLieux)?;
        return Err(Refusal::NotFound.into());
    }
    change(annuaire, actor, (lieu, id), verbe, |a| {
        a.annulees.retain(|j| *j != jour);
        if annulee {
            a.annulees.push(jour);
            a.annulees.sort_unstable();
        }
        Some(())
    })
    .await
}

/// Takes a workshop away for good: it is shown no more.
///
/// # Errors
/// Refusals of the scope.
pub(super) async fn arreter(
    annuaire: &Annuaire,
    actor: &Actor,
    (lieu, id): (LieuId, AtelierId),
) -> Result<(), Failure> {
    let maintenant = annuaire.site.clock.now();
    change(annuaire, actor, (lieu, id), "atelier.arreter", |a| {
        a.arrete_le = Some(maintenant);
        Some(())
    })
    .await
}

/// Reads, changes, writes and journals in one transaction; `None` says that what was shown is out of date.
async fn change(
    annuaire: &Annuaire,
    actor: &Actor,
    (lieu, id): (LieuId, AtelierId),
    verbe: &'static str,
    quoi: impl FnOnce(&mut Atelier) -> Option<()> + Send,
) -> Result<(), Failure> {
    let site = &annuaire.site;
    let mut quoi = Some(quoi);
    site.db
        .write(async |tx| {
            lecture::ouvert_a(annuaire, tx, actor, lieu).await?;
            let mut a = ouvert(tx, lieu, id).await?;
            let quoi = quoi.take().ok_or_else(perime)?;
            quoi(&mut a).ok_or_else(perime)?;
            a.modifie_le = site.clock.now();
            if !store::remplace(tx, &a).await? {
                return Err(perime());
            }
            let ligne = Entry::by(actor, verbe, "lieu", lieu).with(json!({ "atelier": id.to_string() }));
            journal::write(site, tx, ligne).await?;
            Ok(())
        })
        .await
}
