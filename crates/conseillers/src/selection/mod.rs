//! Selection: what préfectures think of demandes, and what the committee decides.

mod actes;
pub mod avis;
pub mod besoins;
pub mod classeur;
pub mod decisions;
pub mod imports;
mod jobs;
mod lettres;
mod migration;
pub mod model;
mod mouvements;
pub(crate) mod pages;
pub mod seances;
pub(crate) mod store;
#[cfg(test)]
mod tests;

pub(crate) use jobs::{COURRIELS, register};
pub(crate) use migration::{Decision0022, Selection0021};
pub(crate) use mouvements::{rendre_aux_enveloppes, tenir_enveloppes};
pub(crate) use pages::{montrer_fiche, routes};

/// How many sessions of the committee are open within a scope: decisions are being taken.
///
/// # Errors
/// The database.
pub(crate) async fn ouvertes(
    conn: &impl sea_orm::ConnectionTrait,
    perimetre: &kernel::Perimetre,
) -> Result<usize, sea_orm::DbErr> {
    let toutes = store::seances(conn, perimetre).await?;
    Ok(toutes.iter().filter(|s| matches!(s.etat, model::EtatSeance::Ouverte { .. })).count())
}
