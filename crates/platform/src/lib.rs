//! What every context stands on, set up once: database, web, jobs, mail, journal, configuration,
//! telemetry, limits, documents. Contexts meet axum, askama, SeaORM, lettre and typst through these rooms only.

pub mod config;
pub mod db;
pub mod documents;
pub mod jobs;
pub mod journal;
pub mod limits;
pub mod mail;
pub mod outside;
pub mod secrets;
pub mod sms;
pub mod tableur;
pub mod telemetry;
pub mod web;
pub mod webhooks;

mod migrations;
mod site;

pub use config::Config;
pub use db::{Db, Tx};
pub use migrations::migrations;
pub use site::{Mode, Site};
