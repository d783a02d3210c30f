//! Mandats: how they are made, listed, renewed, ended, printed and verified (`docs/mandats/mandats.md`).

mod actions;
mod brouillon;
mod demonstration;
mod distance;
mod identification;
pub(crate) mod impression;
mod jobs;
pub(crate) mod migration;
mod model;
mod pages;
mod projet;
mod recherche;
mod regard;
pub mod retention;
pub mod rules;
pub mod store;
mod traces;

pub(crate) use actions::relire;
pub use actions::revoquer;
pub use brouillon::Choix;
pub use demonstration::semer;
pub(crate) use identification::arreter as arreter_liens;
pub(crate) use jobs::{COURRIELS, register};
pub use model::{Auteur, Autorisation, EtatAutorisation, Fin, Mandat, Personne, Raison, Signature};
pub(crate) use pages::routes;
pub(crate) use projet::fuseau;
pub use recherche::Recherche;
pub use regard::Regard;

#[cfg(test)]
pub(crate) mod tests;
