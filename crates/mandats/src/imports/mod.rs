//! Lists that the staff brings from elsewhere: organisations, aidants, old requests, days of training
//! (`docs/mandats/imports.md`). A file is read and compared; nothing is written before somebody confirms what it would do; then
//! each line is written in its own transaction, once, by a job that shows how far it is. The same file again changes nothing.

mod actions;
mod aidants;
mod cellules;
mod demandes;
mod formations;
mod jobs;
mod migration;
pub mod model;
mod organisations;
mod pages;
mod store;
#[cfg(test)]
pub(crate) mod tests;

use chrono::TimeDelta;
use platform::tableur::lecture::Limites;

pub use actions::{Fait, par_commande, rapport, titres_du_rapport};
pub(crate) use jobs::register;
pub(crate) use migration::Mandats0130;
pub(crate) use pages::routes;

/// Most that is read of a file.
pub const LIMITES: Limites = Limites::NATIONALES;
/// How long a file and its report are kept: they hold what it said of people.
pub(crate) const GARDE: TimeDelta = TimeDelta::days(30);
