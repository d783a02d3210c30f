//! The keys with which this site signs: mandats, and the tokens of the identity provider.
//!
//! Private halves are sealed rows; what a key is for follows from the day on which it begins to sign
//! (`oidc::jose::Rotation`). A key that signs mandats is published for ever: a mandat is verified years later. One that
//! signs tokens is published a little longer than what it signed is read, at an address of its own.

mod actions;
mod garde;
mod jobs;
pub(crate) mod migration;
mod model;
mod pages;
mod store;
#[cfg(test)]
mod tests;

pub use actions::{anneau, avancer, jeu, jeu_des_jetons, liste, preparer, publiees, signataire};
pub use garde::Garde;
pub(crate) use jobs::register;
pub use model::{Cle, Usage};
pub use pages::MANDATS;
pub(crate) use pages::routes;
