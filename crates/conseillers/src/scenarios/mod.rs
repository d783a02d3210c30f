//! Scenarios of the répartition: what the committee would grant under given rules, solved, explained and kept. A scenario
//! proposes; only a session decides.
//!
//! `docs/conseillers/scenarios.md` gives the data and its states; the engine is [`crate::repartition`].

mod actions;
mod besoin;
mod calcul;
mod jobs;
pub mod model;
mod pages;
#[cfg(test)]
mod tests;

use platform::web::Routes;

pub(crate) use actions::proposition;
pub(crate) use jobs::register;
pub(crate) use pages::BASE;

use crate::Conseillers;

/// Pages of the room.
pub(crate) fn routes(conseillers: Conseillers) -> Routes<()> {
    pages::routes(conseillers)
}
