//! What can be read of lieux that one keeps, within the scope of who reads.

use kernel::{Actor, Refusal, Verb};
use sea_orm::{ConnectionTrait, DbErr};

use super::actions::Failure;
use super::model::{Gere, Trace, ValeurSaisie};
use super::rules;
use crate::Annuaire;
use crate::lieux::store::gestion as store;
use crate::lieux::{Etat, LieuId};
use crate::territoires::Territoires;

pub(in crate::lieux) use store::{Filtre, Ligne, Tri};

/// A lieu, if the actor may do that to it.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none, or out of scope.
pub async fn ouvrir(annuaire: &Annuaire, actor: &Actor, verb: Verb, id: LieuId) -> Result<Gere, Failure> {
    actor.may(verb)?;
    let g = charge(annuaire.site.db.read(), &annuaire.territoires(), id).await?.ok_or(Refusal::NotFound)?;
    rules::may(actor, verb, &g)?;
    Ok(g)
}

/// Refuses to write about a lieu that the actor may not change, or that is closed: read in the transaction that writes.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none, or out of scope; a conflict when it is closed.
pub(in crate::lieux) async fn ouvert_a(
    annuaire: &Annuaire,
    tx: &platform::Tx,
    actor: &Actor,
    id: LieuId,
) -> Result<(), Failure> {
    actor.may(Verb::ModifierLieux)?;
    let g = charge(tx, &annuaire.territoires(), id).await?.ok_or(Refusal::NotFound)?;
    rules::may(actor, Verb::ModifierLieux, &g)?;
    match g.lieu.etat {
        Etat::Ouvert => Ok(()),
        _ => Err(Refusal::conflict("Ce lieu est fermé : rouvrez-le d’abord.").into()),
    }
}

/// A lieu with where it stands and what its structure was before merges.
pub(in crate::lieux) async fn charge(
    conn: &impl ConnectionTrait,
    t: &Territoires,
    id: LieuId,
) -> Result<Option<Gere>, DbErr> {
    let Some(mut g) = store::geres(conn, &[id]).await?.pop() else { return Ok(None) };
    let mut reseau = None;
    if let Some(structure) = g.structure
        && let Some(vue) = crate::structures::find(conn, structure).await?
    {
        g.structure = Some(vue.id);
        g.alias = vue.identites;
        reseau = vue.reseau;
    }
    g.cible = rules::cible(t, g.lieu.fiche.code_insee.as_ref(), g.structure, Some(id));
    g.cible.reseau = reseau;
    Ok(Some(g))
}

/// A page of the list.
pub(in crate::lieux) async fn lister(
    annuaire: &Annuaire,
    actor: &Actor,
    filtre: &Filtre,
    page: (usize, usize),
) -> Result<Vec<Ligne>, Failure> {
    actor.may(Verb::VoirLieux)?;
    let (t, aujourdhui) = (annuaire.territoires(), kernel::calendrier::jour(&annuaire.site.clock.now()));
    Ok(store::lister(annuaire.site.db.read(), &actor.perimetre, filtre, (&t, aujourdhui), page).await?)
}

/// How many lieux the list has.
pub(in crate::lieux) async fn compter(
    annuaire: &Annuaire,
    actor: &Actor,
    filtre: &Filtre,
) -> Result<usize, Failure> {
    actor.may(Verb::VoirLieux)?;
    let (t, aujourdhui) = (annuaire.territoires(), kernel::calendrier::jour(&annuaire.site.clock.now()));
    Ok(store::compter(annuaire.site.db.read(), &actor.perimetre, filtre, &t, aujourdhui).await?)
}

/// What each source is worth within the list: name, lieux, average of points, fresh ones, stale ones.
pub(in crate::lieux) async fn par_source(
    annuaire: &Annuaire,
    actor: &Actor,
    filtre: &Filtre,
) -> Result<Vec<(String, i64, i64, i64, i64)>, Failure> {
    actor.may(Verb::VoirLieux)?;
    let (t, aujourdhui) = (annuaire.territoires(), kernel::calendrier::jour(&annuaire.site.clock.now()));
    Ok(store::par_source(annuaire.site.db.read(), &actor.perimetre, filtre, &t, aujourdhui).await?)
}

/// A page of the history of a lieu, newest first.
pub(in crate::lieux) async fn historique(
    annuaire: &Annuaire,
    id: LieuId,
    (offset, limit): (usize, usize),
) -> Result<Vec<Trace>, DbErr> {
    store::historique(annuaire.site.db.read(), id, offset, limit).await
}

/// How many lines the history has.
pub(in crate::lieux) async fn longueur_historique(annuaire: &Annuaire, id: LieuId) -> Result<usize, DbErr> {
    store::longueur_historique(annuaire.site.db.read(), id).await
}

/// Values that people typed over those of the source.
pub(in crate::lieux) async fn saisies(annuaire: &Annuaire, id: LieuId) -> Result<Vec<ValeurSaisie>, DbErr> {
    Ok(store::saisies(annuaire.site.db.read(), &[id]).await?.remove(&id).unwrap_or_default())
}
