//! What the team of the habilitations sees of professionals, and does for them.

pub(super) mod pages;

use kernel::ids::StructureId;
use kernel::{Actor, Perimetre, Refusal};
use sea_orm::{ConnectionTrait, DbErr};

use super::store;
use crate::Failure;
use crate::ids::AidantId;
use crate::organisations::{self, Organisation};

/// The part of the country that somebody of the team sees; none: all of it.
pub(super) fn part(actor: &Actor) -> Option<(Vec<String>, Vec<String>)> {
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
