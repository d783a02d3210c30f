//! Habilitations: an organisation asks to be habilitée Aidants Connect, without an account; the staff studies, asks,
//! accepts or refuses; what is accepted is an organisation with its référent and the people to be trained
//! (`docs/mandats/habilitations.md`).

mod actions;
pub(crate) mod courriels;
pub mod demonstration;
mod jobs;
mod migration;
pub mod model;
mod pages;
pub mod reference;
pub mod rules;
mod saisie;
mod store;
#[cfg(test)]
pub(crate) mod tests;

use chrono::TimeDelta;

pub(crate) use jobs::{attente, register};
pub(crate) use migration::Habilitations0050;
pub(crate) use pages::{admis, choisi, compte, departements, routes, secrete};
pub(crate) use store::{allouer, etat_du_numero, lier_personne};

/// How long the link of a space serves; each message brings a new one.
pub(crate) const ESPACE_VIE: TimeDelta = TimeDelta::days(180);
