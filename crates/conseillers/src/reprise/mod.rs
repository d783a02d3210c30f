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

use chrono::TimeDelta;
use platform::web::Routes;

pub use actions::{Echec, Reprise, reprendre};
pub use pages::csv;

use crate::Conseillers;
use crate::calculs::model::Genre;

/// How long a report is kept: it holds what the file said of people.
pub(crate) const GARDE: (&str, TimeDelta) = (model::Rapport::CLE, TimeDelta::days(30));

/// Pages of the room.
pub(crate) fn routes(c: Conseillers) -> Routes<()> {
    pages::routes(c)
}
