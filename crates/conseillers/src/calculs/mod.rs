//! Computations that are asked for, done by a job and kept: a scenario of the répartition, a national assignment. Each kind has
//! its rules, its answer and its lines; where they stand, how they are stored and how their job goes is the same.

mod jobs;
mod menage;
mod migration;
pub mod model;
pub(crate) mod store;

pub(crate) use jobs::jouer;
#[cfg(test)]
pub(crate) use menage::effacer;
pub(crate) use menage::register;
pub(crate) use migration::Calculs0061;
