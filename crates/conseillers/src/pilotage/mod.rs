//! How far the programme is: posts and people by territory, milestones with their forecast and what came, states of
//! progress frozen at a day.

mod actions;
mod chiffres;
mod dessin;
mod lecture;
mod migration;
pub mod model;
mod pages;
mod store;
#[cfg(test)]
mod tests;

use platform::web::Routes;

pub(crate) use migration::Pilotage0050;

use crate::Conseillers;

/// Pages of the room.
pub(crate) fn routes(conseillers: Conseillers) -> Routes<()> {
    pages::routes(conseillers)
}
