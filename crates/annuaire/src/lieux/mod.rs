//! Lieux: places where people are helped with digital tools. The 32 fields of the national standard,
//! the import of files that producers deliver, and the export.

pub mod communes;
pub mod horaires;
pub mod lecture;
pub mod migration;
pub mod normalisation;
pub mod rapport;
pub mod reparations;
pub mod standard;

pub use communes::{CommuneVue, Communes};
pub use kernel::ids::LieuId;
pub use standard::{Champ, Fiche};
