//! Organisations habilitées. Each is a structure of the directory: one place where people are received, with its own
//! number of habilitation and its own perimeter of démarches. Name, number of company and address are the directory's.

mod actions;
mod model;
mod pages;
pub mod store;
#[cfg(test)]
mod tests;

pub use model::{Demarches, Organisation};
pub(crate) use pages::routes;
