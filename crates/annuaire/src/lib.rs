//! The public reference data of the programme: territories, structures, lieux, and how far lieux are from people.

pub mod api;
pub mod atlas;
mod colonnes;
pub mod demonstration;
pub mod lieux;
pub mod maillage;
pub mod structures;
pub mod territoires;

use std::sync::Arc;

use platform::Site;
use platform::db::Migrations;
use platform::jobs::Registry;
use platform::web::Routes;

pub use atlas::Atlas;

/// What the pages and the actions of the directory are given: the instance, and the territory held in memory.
#[derive(Clone, Debug)]
pub struct Annuaire {
    /// The instance.
    pub site: Site,
    /// The territory and its coverage: one value for the whole process.
    pub atlas: Atlas,
    /// The published lieux, ready to be searched.
    pub lieux: lieux::recherche::Vivants,
}

impl Annuaire {
    /// Reads from a migrated database what the directory keeps in memory.
    ///
    /// # Errors
    /// When the database refuses, or an embedded table is damaged.
    pub async fn load(site: &Site) -> Result<Self, sea_orm::DbErr> {
        let source: atlas::SourceLieux =
            Arc::new(|site| Box::pin(async move { maillage::source::lieux(&site).await }));
        Ok(Self::new(Atlas::load(site, source).await?))
    }

    /// The same, for an instance that serves pages: the lieux are read meanwhile, and indexed for the first visitor.
    ///
    /// # Errors
    /// When the database refuses, or an embedded table is damaged.
    pub async fn load_with_lieux(site: &Site) -> Result<Self, sea_orm::DbErr> {
        let lieux = lieux::recherche::Vivants::default();
        let (annuaire, lus) = tokio::join!(Self::load(site), lieux.avance(site));
        lus?;
        Ok(Self { lieux, ..annuaire? })
    }

    /// Puts the directory together; the atlas was loaded by [`Atlas::load`].
    pub fn new(atlas: Atlas) -> Self {
        Self { site: atlas.site().clone(), atlas, lieux: lieux::recherche::Vivants::default() }
    }

    /// Every territory of France, as last read.
    pub fn territoires(&self) -> Arc<territoires::Territoires> {
        self.atlas.territoires()
    }

    /// The published lieux, as last read.
    ///
    /// # Errors
    /// When they were never read and the database does not answer.
    pub async fn index(&self) -> Result<Arc<lieux::recherche::IndexLieux>, sea_orm::DbErr> {
        self.lieux.index(&self.site, &self.territoires()).await
    }

    /// Reads the published lieux again if they changed, now: after an import.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn relit_les_lieux(&self) -> Result<(), sea_orm::DbErr> {
        self.lieux.relit(&self.site, &self.territoires()).await.map(|_| ())
    }
}

/// Every page of the directory.
pub fn routes(annuaire: &Annuaire) -> Routes<()> {
    routes_joining(annuaire, &[])
}

/// The same; the one document of the API tells the addresses of other rooms too ([`api::joined`]).
pub fn routes_joining(annuaire: &Annuaire, others: &[(&str, &str)]) -> Routes<()> {
    structures::routes(annuaire.clone())
        .merge(territoires::pages::routes(annuaire.clone()))
        .merge(territoires::api::routes(annuaire.clone()))
        .merge(maillage::pages::routes(annuaire.clone()))
        .merge(lieux::pages::routes(annuaire.clone()))
        .merge(lieux::imports::routes(annuaire.clone()))
        .merge(lieux::gestion::routes(annuaire.clone()))
        .merge(lieux::signalements::routes(annuaire.clone()))
        .merge(lieux::doublons::routes(annuaire.clone()))
        .merge(lieux::abonnements::routes(annuaire.clone()))
        .merge(lieux::ateliers::routes(annuaire.clone()))
        .merge(lieux::tournees::routes(annuaire.clone()))
        .merge(lieux::presences::routes(annuaire.clone()))
        .merge(lieux::vacances::routes(annuaire.clone()))
        .merge(api::routes(annuaire.clone(), others))
}

/// The kinds of message of the directory.
pub fn courriels() -> Vec<&'static platform::mail::Genre> {
    vec![&lieux::gestion::FRAICHEUR, &lieux::signalements::REPONSE]
}

/// Says who does the jobs of the directory.
pub fn register(annuaire: &Annuaire, registry: &mut Registry) {
    maillage::jobs::register(&annuaire.atlas, registry);
    lieux::imports::register(annuaire, registry);
    lieux::gestion::register(annuaire, registry);
    lieux::signalements::register(annuaire, registry);
    structures::register(&annuaire.site, registry);
    lieux::doublons::register(annuaire, registry);
    lieux::abonnements::register(annuaire, registry);
}

/// Migrations of the directory, in order; those of the platform come before them.
pub fn migrations() -> Migrations {
    let mut all: Migrations = vec![Box::new(territoires::migration::Territoires0001)];
    all.extend(structures::migrations());
    all.extend(lieux::migrations());
    all
}
