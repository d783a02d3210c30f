//! Mandats that pass from one organisation to another: who asks, which ones, each in its own transaction, with a signed act
//! beside the mandat (`docs/mandats/mandats.md`).

mod actions;
mod jobs;
pub(crate) mod migration;
mod model;
mod pages;
pub(crate) mod store;
#[cfg(test)]
mod tests;

pub use actions::{actes, fichier};
pub(crate) use jobs::register;
pub use model::{EtatLigne, Filtre, Lot};
pub(crate) use pages::routes;
