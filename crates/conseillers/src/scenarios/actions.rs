//! What the committee does with scenarios: one function a verb.

use std::collections::HashMap;

use kernel::{Actor, CodeRegion, Perimetre, Refusal, Verb};
use platform::jobs;
use platform::journal::{self, Entry};
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::jobs::Resoudre;
use super::model::{Parametres, Repartition, Scenario};
use crate::Conseillers;
use crate::Failure;
use crate::calculs::model::{CalculId, Etat};
use crate::calculs::store;
use crate::ids::{DemandeId, SeanceId};

/// A scenario that the actor may read.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none, or out of scope.
pub(super) async fn ouvrir(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    id: CalculId,
) -> Result<Scenario, Failure> {
    let s = store::get(conn, id).await?.ok_or(Refusal::NotFound)?;
    actor.may_on(Verb::DeciderDemandes, &s.cible())?;
    Ok(s)
}

/// Asks for a scenario: it is written with its job.
///
/// # Errors
/// Without the verb; [`Refusal::NotFound`] when the session is out of scope; a field when the actor holds several régions
/// and names no session.
pub(super) async fn creer(
    c: &Conseillers,
    actor: &Actor,
    (nom, seance): (&str, Option<SeanceId>),
    parametres: &Parametres,
) -> Result<CalculId, Failure> {
    actor.may(Verb::DeciderDemandes)?;
    let site = &c.site;
    site.db
        .write(async |tx| {
            let region = match seance {
                Some(id) => crate::selection::seances::ouvrir(tx, actor, id).await?.region,
                None => region(&actor.perimetre)?,
            };
            let id = CalculId::new(&site.clock, &site.chance);
            let s = Scenario {
                id,
                nom: nom.to_owned(),
                region,
                seance,
                parametres: parametres.clone(),
                etat: Etat::EnCalcul,
                tache: Some(jobs::enqueue(site, tx, &Resoudre { scenario: id }).await?),
                cree_le: site.clock.now(),
            };
            actor.may_on(Verb::DeciderDemandes, &s.cible())?;
            store::inserer(tx, &s, actor.compte).await?;
            let line =
                Entry::by(actor, "scenario.creer", "scenario", id).with(json!({ "parametres": parametres }));
            journal::write(site, tx, line).await?;
            Ok(id)
        })
        .await
}

/// The territory of a committee that names no session.
fn region(perimetre: &Perimetre) -> Result<Option<CodeRegion>, Refusal> {
    match perimetre {
        Perimetre::National => Ok(None),
        Perimetre::Regions(codes) if codes.len() == 1 => Ok(codes.first().cloned()),
        _ => Err(Refusal::field("seance", "Choisissez la séance : elle dit de quelle région il s’agit.")),
    }
}

/// Removes a scenario. Nothing depends on it: what was decided stays.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none, or out of scope.
pub(super) async fn effacer(c: &Conseillers, actor: &Actor, id: CalculId) -> Result<(), Failure> {
    c.site
        .db
        .write(async |tx| {
            let s = ouvrir(tx, actor, id).await?;
            store::effacer(tx, s.id).await?;
            journal::write(&c.site, tx, Entry::by(actor, "scenario.effacer", "scenario", id)).await?;
            Ok(())
        })
        .await
}

/// What a scenario proposes, for the pages of a session: its name, and the posts of each demande that it grants.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none, or out of scope.
pub(crate) async fn proposition(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    id: CalculId,
) -> Result<(String, HashMap<DemandeId, u32>), Failure> {
    let s = ouvrir(conn, actor, id).await?;
    let lignes = store::lignes::<Repartition>(conn, id).await?;
    let proposees = lignes.into_iter().filter(|l| l.postes > 0).map(|l| (l.regardee.demande, l.postes));
    Ok((s.nom, proposees.collect()))
}
