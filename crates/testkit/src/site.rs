//! A site for a test: fixed clock, seeded chance, mail to a folder.

use chrono::{TimeZone, Utc};
use kernel::{Chance, Clock};
use platform::db::Migrations;
use platform::web::{NavEntry, Routes, Stack};
use platform::{Config, Mode, Site};
use tempfile::TempDir;

use crate::{Browser, Database};

/// A site and what goes with it.
#[derive(Debug)]
pub struct TestSite {
    /// The site.
    pub site: Site,
    /// Address of its database.
    pub url: String,
    /// Folder of the test, also of its mail (`courriels/`).
    pub folder: TempDir,
    _database: Database,
}

impl TestSite {
    /// On SQLite.
    pub async fn sqlite(migrations: Migrations) -> Self {
        Self::on(Database::sqlite(migrations).await)
    }

    /// On PostgreSQL, if there is a cluster.
    pub async fn postgres(migrations: Migrations) -> Option<Self> {
        Database::postgres(migrations).await.map(Self::on)
    }

    fn on(database: Database) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut config = Config::default();
        config.base.url.clone_from(&database.url);
        config.courriel.dossier = folder.path().join("courriels").display().to_string();
        config.cles.secret = Some("une clé de test, longue de plus de trente-deux signes".to_owned());
        config.limites.requetes_par_seconde = 0;
        // A Wednesday morning in Paris.
        let now = Utc.with_ymd_and_hms(2026, 3, 18, 9, 30, 0).single().expect("a date");
        let site = Site::new(database.db.clone(), Clock::fixed(now), Chance::seeded(1), config, Mode::Serve);
        Self { site, url: database.url.clone(), folder, _database: database }
    }

    /// A second client of the same database, as another instance would be: for races.
    pub async fn other_instance(&self) -> Site {
        let db = platform::Db::connect(&self.url, &platform::db::Options::default()).await.expect("it opens");
        Site::new(db, self.site.clock.clone(), Chance::System, (*self.site.config).clone(), self.site.mode)
    }

    /// A browser on these routes, with the layers of the platform and nobody signed in.
    pub fn browser(&self, routes: Routes<()>) -> Browser {
        let Stack { router, .. } = platform::web::finish(&self.site, routes, Vec::<NavEntry>::new(), |r| r);
        Browser::new(router)
    }
}
