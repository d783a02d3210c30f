//! The public reference data of the programme: territories, structures, lieux.

pub mod lieux;
