//! Who meets whom: the list of a structure, in an explained order; the contact that both agree to; the interview.
//!
//! - [`ordre`]: points of each line, pure;
//! - [`model`], [`rules`]: what a relation is and becomes, pure;
//! - [`store`], [`actions`]: rows, and one function a verb.

pub mod actions;
mod migration;
pub mod model;
pub mod ordre;
mod pages;
pub mod rules;
pub mod store;
#[cfg(test)]
mod tests;

use annuaire::structures::StructureVue;
use chrono::TimeDelta;
use kernel::Refusal;
use platform::jobs::{Job, Registry};
use sea_orm::{ConnectionTrait, DbErr};

use crate::Conseillers;
use crate::Failure;
use crate::ids::CandidatId;

pub use actions::candidat_parti;
pub(crate) use migration::Relations0031;
pub use model::{Etat, Origine, Relation};
pub(crate) use pages::routes;
pub use store::de_candidat;

/// Closes the questions that nobody answered in time.
#[derive(Clone, Copy, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct Relever {}

impl Job for Relever {
    const KIND: &'static str = "conseillers.relever_contacts";
    fn dedup_key(&self) -> Option<String> {
        Some(String::new())
    }
}

/// Says who does the job, and when.
pub(crate) fn register(cx: &Conseillers, registry: &mut Registry) {
    let c = cx.clone();
    registry.on(move |_, Relever {}| {
        let cx = c.clone();
        async move { actions::relever(&cx).await.map(|_| ()) }
    });
    registry.every("conseillers.relever_contacts", TimeDelta::hours(6), Relever {});
}

/// Whether that candidat agreed to be contacted by that structure: the guard of a contract.
///
/// # Errors
/// A sentence when they did not; the database.
pub(crate) async fn accord(
    conn: &impl ConnectionTrait,
    s: &StructureVue,
    id: CandidatId,
) -> Result<(), Failure> {
    let relations = store::de_candidat(conn, id).await?;
    if relations.iter().any(|r| r.devoilee() && s.identites.contains(&r.structure)) {
        return Ok(());
    }
    Err(Refusal::field("candidat", "Choisissez une personne qui a accepté votre contact.").into())
}

/// People whom the structure may enter a contract for: (identifier, name).
///
/// # Errors
/// The database.
pub(crate) async fn recrutables(cx: &Conseillers, s: &StructureVue) -> Result<Vec<(String, String)>, DbErr> {
    let conn = cx.site.db.read();
    let mut out = Vec::new();
    for r in store::de_structure(conn, &s.identites).await?.into_iter().filter(Relation::devoilee) {
        out.push((r.candidat.to_string(), crate::contrats::lecture::nom(conn, r.candidat).await?));
    }
    Ok(out)
}
