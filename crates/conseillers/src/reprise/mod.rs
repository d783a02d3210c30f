//! Taking over data that exists elsewhere: candidats and structures as CSV (or JSON), with the report of the house. Nothing is
//! lost silently: every line is taken, known already, or refused with its reason. The same file twice changes nothing.
//!
//! `docs/conseillers/reprise.md` gives the columns and what becomes of a line.

mod actions;
mod candidats;
mod lecture;
pub mod model;
mod pages;
mod structures;
#[cfg(test)]
mod tests;

use platform::web::Routes;

pub use actions::{Echec, Reprise, reprendre};
pub use pages::csv;

use crate::Conseillers;

/// Pages of the room.
pub(crate) fn routes(c: Conseillers) -> Routes<()> {
    pages::routes(c)
}
