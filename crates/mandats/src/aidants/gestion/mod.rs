//! What the team of the habilitations sees of professionals, and does for them.

pub(super) mod pages;
mod voie;

use kernel::ids::StructureId;
use kernel::{Actor, Perimetre, Refusal};
use sea_orm::{ConnectionTrait, DbErr};

use super::demandes::{self, Demande};
use super::secours::{self, Secours};
use super::store;
use crate::ids::AidantId;
use crate::organisations::{self, Organisation};
use crate::{Failure, Mandats};

/// The part of the country that somebody of the team sees; none: all of it.
pub(crate) fn part(actor: &Actor) -> Option<(Vec<String>, Vec<String>)> {
    match &actor.perimetre {
        Perimetre::National => None,
        Perimetre::Regions(r) => Some((r.iter().map(ToString::to_string).collect(), Vec::new())),
        Perimetre::Departements(d) => Some((Vec::new(), d.iter().map(ToString::to_string).collect())),
        _ => Some((Vec::new(), Vec::new())),
    }
}

/// That organisation, if it lies within the scope of the actor.
///
/// # Errors
/// [`Refusal::NotFound`].
pub(super) async fn organisation_visible(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    structure: StructureId,
) -> Result<Organisation, Failure> {
    let o = organisations::store::lire(conn, structure).await?.ok_or(Refusal::NotFound)?;
    if actor.perimetre.couvre(&o.cible()) { Ok(o) } else { Err(Refusal::NotFound.into()) }
}

/// Whether one of the organisations of that professional, past or present, lies within the scope of the actor.
pub(crate) async fn voit(conn: &impl ConnectionTrait, actor: &Actor, id: AidantId) -> Result<bool, DbErr> {
    if actor.perimetre == Perimetre::National {
        return Ok(true);
    }
    for a in store::appartenances(conn, id).await? {
        if let Some(o) = organisations::store::lire(conn, a.structure).await?
            && actor.perimetre.couvre(&o.cible())
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Requests of référents that wait, within the scope.
pub(super) async fn demandes_visibles(m: &Mandats, actor: &Actor) -> Result<Vec<Demande>, Failure> {
    let conn = m.site.db.read();
    let mut out = Vec::new();
    for d in demandes::en_attente(conn).await? {
        match organisation_visible(conn, actor, d.structure()).await {
            Ok(_) => out.push(d),
            Err(Failure::Refusal(_)) => {}
            Err(e) => return Err(e),
        }
    }
    Ok(out)
}

/// Recoveries that wait for a second person, within the scope.
pub(super) async fn secours_visibles(m: &Mandats, actor: &Actor) -> Result<Vec<Secours>, Failure> {
    let conn = m.site.db.read();
    let mut out = Vec::new();
    for s in secours::en_attente(conn, m.site.clock.now()).await? {
        if voit(conn, actor, AidantId(s.aidant_id)).await? {
            out.push(s);
        }
    }
    Ok(out)
}

/// How many lines the page of requests has for that person of the team.
///
/// # Errors
/// The database.
pub(crate) async fn demandes_en_attente(m: &Mandats, actor: &Actor) -> Result<usize, Failure> {
    Ok(demandes_visibles(m, actor).await?.len() + secours_visibles(m, actor).await?.len())
}
