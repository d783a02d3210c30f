//! Mandats: how they are made, listed, renewed, ended, printed and verified (`docs/mandats/mandats.md`).

pub(crate) mod migration;
mod model;
mod recherche;
pub mod store;

pub use model::{Auteur, Autorisation, EtatAutorisation, Fin, Mandat, Personne, Raison, Signature};
pub use recherche::Recherche;

#[cfg(test)]
mod tests;
