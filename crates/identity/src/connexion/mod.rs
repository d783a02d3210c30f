//! Signing in: password and one-time code, recovery code, passkey; links sent by mail; tries that
//! fail, counted in the database.

pub(crate) mod actions;
pub mod cartes;
pub(crate) mod cles;
pub(crate) mod essais;
pub(crate) mod liens;
pub(crate) mod pages;
pub(crate) mod preuve;
pub(crate) mod store;
