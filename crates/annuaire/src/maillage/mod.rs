//! How far people are from help: for every commune the distance to the nearest lieu, for every larger territory the
//! inhabitants within reach, the communes beyond it, and whether départements are treated alike.
//!
//! Definitions, which every page that shows a figure repeats:
//! - a **distance** is a straight line between the main inhabited place of the commune and the lieu; it may cross an
//!   estuary, a mountain or an arm of the sea, so that the way to go is always longer, and on islands much longer;
//! - Paris, Lyon and Marseille are measured by municipal arrondissement, and their distance is the mean of those weighted
//!   by inhabitants;
//! - a **share** counts inhabitants, not communes: a commune lies within 10 km or it does not, with all its inhabitants;
//! - a commune whose position is estimated is counted, and the figure says how many inhabitants depend on estimates.

mod bilan;
mod calcul;
pub(crate) mod choix;
pub mod dessin;
mod equite;
mod export;
pub mod jobs;
mod model;
pub(crate) mod pages;
mod resume;
mod schema;
pub(crate) mod source;
mod vue;
mod zone;

pub use bilan::{Bilan, ZoneBlanche};
pub use calcul::{Couverture, OffreCommune};
pub use equite::{Equite, PartDepartement};
pub use model::{Critere, MesureLieu, SEUILS_M, Seuil};
pub use resume::{Resume, Sommes};
pub use zone::Zone;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_pages;
