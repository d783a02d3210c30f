//! What partners of the programme read by a program, with a personal token: organisations with their référents, aidants with
//! their figures (`docs/mandats/echanges.md`).

mod api;
mod store;
#[cfg(test)]
mod tests;

pub(crate) use api::{OPENAPI, routes};
