//! How many aidants and organisations are wanted in each département, by when, and how far each is: counted, never typed
//! (`docs/mandats/reunions.md`).

pub mod actions;
pub mod demonstration;
mod migration;
pub mod model;
mod pages;
mod store;
#[cfg(test)]
mod tests;

pub(crate) use migration::Mandats0101;
pub(crate) use pages::routes;
