//! The person's own space, `/mes-mandats` (`docs/mandats/espace.md`): what was allowed, what was done, how to end it, how
//! to be told of it, and everything to take away.
//!
//! A person has no account: they come by FranceConnect, or by a code sent to the address that their mandat bears, and
//! have a short session of this room. They read and end their own only; no identifier of a person stands in an address.

mod actions;
mod biscuits;
mod codes;
mod coordonnees;
pub(crate) mod courriels;
mod donnees;
mod jobs;
pub(crate) mod migration;
mod model;
mod nouvelles;
mod pages;
mod store;

#[cfg(test)]
pub(crate) use actions::connait;
pub use coordonnees::{prevenir_anciennes, prevenir_du_compte, prevenir_prouvee};
pub use jobs::register;
pub use model::{Moyen, Voie};
pub use nouvelles::{Nouvelle, prevenir};
pub use pages::routes;

#[cfg(test)]
pub(crate) mod tests;
