//! Posts: each exists, is attached to a structure, is assigned to a person: three dated things. Occupied, vacant and given
//! back are computed for a day, never typed.

pub(crate) mod abandon;
pub mod actions;
pub mod en_poste;
pub mod lecture;
mod migration;
pub mod model;
mod pages;
pub mod rules;
pub mod store;
#[cfg(test)]
mod tests;

pub(crate) use migration::Postes0002;
pub use model::{Acte, Affectation, Etat, MotifRendu, Place, Poste, Rattachement, Typologie};
pub(crate) use pages::routes;

/// Kinds of message of this room.
pub(crate) const COURRIELS: &[&platform::mail::Genre] = &[&actions::REPRIS, &abandon::SANS_POSTE];
