//! Candidates and posts find each other.

pub mod assignment;
pub mod relations;
