//! Who meets whom: the list of a structure, in an explained order; the contact that both agree to; the interview.
//!
//! - [`ordre`]: points of each line, pure;
//! - [`model`], [`rules`]: what a relation is and becomes, pure;
//! - [`store`], [`actions`]: rows, and one function a verb;
//! - [`marques`]: what a structure keeps of its list, before any contact;
//! - [`fins`]: what ends a relation from outside;
//! - `fusion`: the contacts of two files of one person, made one.

pub mod actions;
mod courriels;
pub mod fins;
pub(crate) mod fusion;
pub mod marques;
mod migration;
pub mod model;
pub mod ordre;
mod pages;
pub mod rencontre;
pub mod rules;
pub mod store;
#[cfg(test)]
pub(crate) mod tests;

use annuaire::structures::StructureVue;
use chrono::TimeDelta;
use kernel::{Actor, Refusal};
use platform::jobs::{Job, Registry};
use sea_orm::{ConnectionTrait, DbErr};

use crate::Conseillers;
use crate::Failure;
use crate::candidats;
use crate::ids::CandidatId;

pub(crate) use courriels::COURRIELS;
pub use fins::candidat_parti;
pub(crate) use marques::Marques0032;
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
        async move { fins::relever(&cx).await.map(|_| ()) }
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

/// People whom the structure may enter a contract for, by name: (identifier, name).
///
/// # Errors
/// The database.
pub(crate) async fn recrutables(
    cx: &Conseillers,
    actor: &Actor,
    s: &StructureVue,
) -> Result<Vec<(String, String)>, DbErr> {
    let relations = store::de_structure(cx.site.db.read(), &s.identites).await?;
    let ids: Vec<CandidatId> = relations.into_iter().filter(Relation::devoilee).map(|r| r.candidat).collect();
    let lus = candidats::lire_coordonnees(&cx.site, actor, &ids).await?;
    let mut out: Vec<(String, String)> =
        lus.into_iter().map(|(id, qui)| (id.to_string(), qui.nom_complet())).collect();
    out.sort_by(|a, b| (&a.1, &a.0).cmp(&(&b.1, &b.0)));
    Ok(out)
}
