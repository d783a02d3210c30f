//! Clients of the identity provider, as data: nothing in the code tells the old FranceConnect from the new.

mod actions;
mod connus;
mod model;
mod pages;
mod saisie;
pub(super) mod store;

pub use actions::{enregistrer, nouveau_secret};
pub(super) use connus::{Connu, Connus};
pub use model::{Inscrit, Reglages};
pub(super) use pages::routes;
