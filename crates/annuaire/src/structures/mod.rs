//! Structures: the organisations that host conseillers and run lieux.

pub mod actions;
pub mod doublons;
pub mod lecture;
mod migration;
pub mod model;
mod pages;
pub mod rules;
mod sirene;
mod store;
#[cfg(test)]
mod tests;

use platform::db::Migrations;
use platform::web::Routes;

pub use lecture::{StructureVue, find, search};
pub use model::StructureId;
pub use store::{Filtre, FiltreEtat, FusionRow, Ligne};

use crate::Annuaire;

/// Pages of the slice.
pub fn routes(annuaire: Annuaire) -> Routes<()> {
    pages::routes(annuaire)
}

/// Tables of the slice.
pub fn migrations() -> Migrations {
    vec![Box::new(migration::Annuaire0010)]
}
