//! The conseillers numériques: who meets whom, and where posts count most.
//!
//! For now the two engines, pure: no database, no clock, no chance. The same input gives the same
//! answer, to the last digit, whatever the order of its lines.

pub mod entree;
pub mod matching;
pub mod repartition;
pub mod sphere;

pub use entree::{Id, Refus};
