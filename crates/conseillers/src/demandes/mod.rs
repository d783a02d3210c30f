//! Demandes: what structures ask of the programme (first posts, a coordinateur, more posts, posts given back, a transfer),
//! from the public form to the decision. The opinion and the decision are taken in [`crate::selection`].

pub mod actions;
mod brouillons;
pub(crate) mod mails;
mod migration;
pub mod model;
mod pages;
pub mod reference;
pub mod rules;
pub mod store;
pub(crate) mod suivi;
#[cfg(test)]
pub(crate) mod tests;

pub(crate) use mails::COURRIELS;
pub(crate) use migration::{Demandes0020, Demandes0060};
pub use model::{Demande, Etat, Genre, Objet};
pub(crate) use pages::espace::{attendu, espace};
pub(crate) use pages::{BASE, adresse, routes};

pub(crate) use brouillons::register;
