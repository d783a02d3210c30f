//! The public reference data of the programme: territories, structures, lieux, and how far lieux are from people.

pub mod lieux;
pub mod maillage;
pub mod structures;
pub mod territoires;

use std::sync::Arc;

use platform::Site;
use platform::db::Migrations;
use platform::web::Routes;

/// What the pages and the actions of the directory are given: the instance, and the territory held in memory.
#[derive(Clone, Debug)]
pub struct Annuaire {
    /// The instance.
    pub site: Site,
    /// Every territory of France: one value for the whole process.
    pub territoires: Arc<territoires::Territoires>,
}

impl Annuaire {
    /// Puts the directory together.
    pub fn new(site: Site, territoires: Arc<territoires::Territoires>) -> Self {
        Self { site, territoires }
    }
}

/// Every page of the directory.
pub fn routes(annuaire: &Annuaire) -> Routes<()> {
    structures::routes(annuaire.clone())
}

/// Migrations of the directory, in order; those of the platform come before them.
pub fn migrations() -> Migrations {
    structures::migrations()
}
