//! Keeping lieux up to date by hand: lists, sheets, hours, closing, links with structures, freshness, completeness.
//!
//! A lieu comes from a source, or from a person. What a person typed is remembered field by field ([`model::ValeurSaisie`])
//! and wins over the next deliveries; see `docs/lieux/gestion.md`.

pub mod actions;
pub mod completude;
pub mod fraicheur;
mod jobs;
pub mod lecture;
pub mod model;
mod pages;
mod rappels;
pub mod rules;
pub mod saisie;
pub(in crate::lieux) mod tables;

use kernel::ids::LieuId;
use platform::Tx;
use sea_orm::DbErr;

use super::Fiche;
use super::standard::Champ;
use super::store::gestion as store;

pub(crate) use jobs::register;
pub use model::{Gere, Motif};
pub(crate) use pages::routes;
pub(crate) use rappels::FRAICHEUR;
pub use saisie::Valeurs;
pub use store::de_structures;
pub(crate) use store::{deplace, rend};

/// Puts the values that people typed over the sheets of a delivery, or of a merge; what the source says now of these
/// fields is remembered. The lieux are held until the end of the transaction.
pub(in crate::lieux) async fn garde_les_saisies(
    tx: &Tx,
    fiches: &mut [(LieuId, &mut Fiche)],
) -> Result<(), DbErr> {
    let lieux: Vec<LieuId> = fiches.iter().map(|(id, _)| *id).collect();
    tables::tient(tx, &lieux).await?;
    let saisies = store::saisies(tx, &lieux).await?;
    for (lieu, fiche) in fiches {
        let Some(tenues) = saisies.get(lieu) else { continue };
        for s in tenues {
            let dit = fiche.valeur(s.champ);
            if dit != s.source {
                store::source_dit(tx, *lieu, s.champ, &dit).await?;
            }
        }
        let valeurs: Vec<(Champ, &str)> = tenues.iter().map(|s| (s.champ, s.valeur.as_str())).collect();
        **fiche = saisie::sous_les_saisies(fiche, &valeurs);
    }
    Ok(())
}

/// Links the lieux that bear this number to the structure that does, when there is exactly one.
///
/// # Errors
/// The database.
pub(crate) async fn rattache_par_numero(tx: &Tx, pivot: &str) -> Result<(), DbErr> {
    store::rattache_par_numero(tx, Some(pivot)).await
}

#[cfg(test)]
pub(in crate::lieux) mod tests;
