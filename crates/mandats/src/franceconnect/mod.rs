//! The client of FranceConnect (`docs/mandats/espace.md`): a person proves who they are, in front of an aidant or for
//! their own space.
//!
//! A page calls [`partir`]; the person comes back to the page that was named, with `?identification=` or `?refus=`; the
//! page takes the identity once with [`prendre`], in the transaction that uses it, or shows [`conseil`].
//!
//! The protocol is `oidc::client`; this room holds rows, routes and the way out.

mod actions;
mod client;
pub mod faux;
mod jobs;
mod migration;
mod model;
mod navigateur;
mod pages;
mod porteur;
mod store;

pub use actions::{conseil, prendre};
pub use client::Client;
pub use jobs::register;
pub(crate) use migration::Mandats0040;
pub use model::{But, Depart, Identifie};
pub use navigateur::Navigateur;
pub use pages::{partir, routes};

#[cfg(test)]
pub(crate) mod tests;
