//! Training: sessions and their seats, who follows them, what is certified, recognitions of experience.

pub mod actions;
pub(crate) mod demonstration;
pub(crate) mod fusion;
pub mod lecture;
mod mails;
mod migration;
pub mod model;
mod pages;
pub mod rules;
mod store;
#[cfg(test)]
mod tests;

use platform::web::Routes;

pub(crate) use mails::COURRIELS;
pub(crate) use migration::{Formation0040, Formation0041};
pub use model::{InscriptionId, SessionId};
pub use store::ayant;
pub(crate) use store::formes;

use crate::Conseillers;

/// Pages of the room.
pub(crate) fn routes(conseillers: Conseillers) -> Routes<()> {
    pages::routes(conseillers)
}
