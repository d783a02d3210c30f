//! Contracts: entered by a structure, accepted by the administration, renewed, prolonged, broken, ended by themselves. The
//! post follows in the same transaction.
//!
//! - [`model`], [`smic`], [`rules`]: what a contract is and becomes, pure;
//! - [`store`], [`actions`]: rows, and one function a verb;
//! - [`alertes`]: what is said before an end.

pub mod actions;
pub mod alertes;
pub(crate) mod courriels;
pub mod lecture;
mod migration;
pub mod model;
mod pages;
pub mod rules;
mod ruptures;
pub mod smic;
pub mod store;
#[cfg(test)]
mod tests;

pub(crate) use migration::Contrats0030;
pub use model::{Contrat, Etat, Genre, Montant, MotifRupture, Phase, Rupture, Situation, Termes};
pub(crate) use pages::routes;
