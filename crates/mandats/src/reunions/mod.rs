//! Meetings that present Aidants Connect in a département: whom they invite, who comes, what came of it
//! (`docs/mandats/reunions.md`).

mod actions;
pub(crate) mod courriels;
pub mod demonstration;
mod feuille;
mod jobs;
mod migration;
pub mod model;
mod pages;
pub mod regles;
mod reponses;
mod store;
#[cfg(test)]
mod tests;

use chrono::TimeDelta;

pub(crate) use jobs::register;
pub(crate) use migration::Mandats0100;
pub(crate) use pages::routes;

/// How long after a meeting the names and addresses of who was invited are kept; what came of it by organisation stays.
pub const CONSERVATION: TimeDelta = TimeDelta::days(180);
