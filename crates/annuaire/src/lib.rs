//! The public reference data of the programme: territories, structures, lieux, and how far lieux are from people.

pub mod lieux;
pub mod maillage;
pub mod territoires;
