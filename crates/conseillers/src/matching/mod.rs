//! Candidates and posts find each other.

pub mod assignment;
pub mod nation;
pub mod relations;
pub mod suivi;
