//! The territory and its coverage, kept in memory by each instance and read again when the database says that they
//! changed.
//!
//! Every page needs them, nobody changes them in place: an import writes rows and raises a number
//! (`territoire_version`), and each instance looks at the numbers every two seconds at most.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use kernel::calendrier::jour;
use platform::Site;
use platform::db::is_unavailable;
use sea_orm::DbErr;

use crate::maillage::{Couverture, MesureLieu};
use crate::territoires::store::{self, Versions};
use crate::territoires::{Territoires, Zonages};

/// How long numbers are trusted before they are read again.
const CONFIANCE: TimeDelta = TimeDelta::seconds(2);

/// The lieux to measure, as the slice of lieux gives them.
pub type SourceLieux =
    Arc<dyn Fn(Site) -> Pin<Box<dyn Future<Output = Result<Vec<MesureLieu>, DbErr>> + Send>> + Send + Sync>;

/// A coverage and the instant of its measure.
#[derive(Debug)]
pub struct Mesure {
    /// The coverage.
    pub couverture: Couverture,
    /// When it was measured.
    pub faite_a: DateTime<Utc>,
    /// How long the measure itself took, lieux being read.
    pub duree: Duration,
    /// The territory that it was measured on.
    pub territoires: Arc<Territoires>,
}

struct Etat {
    versions: Versions,
    lues_a: DateTime<Utc>,
    territoires: Arc<Territoires>,
    zonages: Arc<Zonages>,
    /// The day that they are in force on.
    jour: NaiveDate,
    /// The measure, with the numbers it was made from.
    mesure: Option<(Versions, Arc<Mesure>)>,
}

struct Interieur {
    site: Site,
    source: SourceLieux,
    etat: RwLock<Etat>,
    /// One reading or measure at a time.
    tour: tokio::sync::Mutex<()>,
}

/// The territory and its coverage in memory; cheap to clone.
#[derive(Clone)]
pub struct Atlas(Arc<Interieur>);

impl std::fmt::Debug for Atlas {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Atlas({:?})", self.territoires())
    }
}

/// Builds the territory off the threads that serve pages.
async fn territoires(site: &Site) -> Result<Arc<Territoires>, DbErr> {
    let centres = store::centres(site.db.read()).await?;
    tokio::task::spawn_blocking(move || Territoires::new(&centres))
        .await
        .map_err(|e| DbErr::Custom(e.to_string()))?
        .map(Arc::new)
        .map_err(|e| DbErr::Custom(e.to_string()))
}

impl Atlas {
    /// Reads the territory, with the centres and zonages of the database. The coverage waits for its first reader.
    ///
    /// # Errors
    /// When the database refuses, or an embedded table is damaged.
    pub async fn load(site: &Site, source: SourceLieux) -> Result<Self, DbErr> {
        let versions = store::versions(site.db.read()).await?;
        let now = site.clock.now();
        let zonages = Arc::new(store::zonages(site.db.read(), jour(&now)).await?);
        let territoires = territoires(site).await?;
        let etat =
            RwLock::new(Etat { versions, lues_a: now, territoires, zonages, jour: jour(&now), mesure: None });
        let tour = tokio::sync::Mutex::new(());
        Ok(Self(Arc::new(Interieur { site: site.clone(), source, etat, tour })))
    }

    /// The instance that this atlas belongs to.
    pub fn site(&self) -> &Site {
        &self.0.site
    }

    fn etat<T>(&self, read: impl FnOnce(&Etat) -> T) -> T {
        read(&self.0.etat.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn change(&self, write: impl FnOnce(&mut Etat)) {
        write(&mut self.0.etat.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// The territory, as last read.
    pub fn territoires(&self) -> Arc<Territoires> {
        self.etat(|e| e.territoires.clone())
    }

    /// The zonages in force, as last read.
    pub fn zonages(&self) -> Arc<Zonages> {
        self.etat(|e| e.zonages.clone())
    }

    /// Looks at the numbers, unless they were just looked at, and reads again what changed. A database that is away
    /// leaves everything as it was: the territory can still be read.
    ///
    /// # Errors
    /// When the database refuses for another reason.
    pub async fn a_jour(&self) -> Result<(), DbErr> {
        if self.fraiches() {
            return Ok(());
        }
        let _tour = self.0.tour.lock().await;
        // Another request may have looked while this one waited.
        if self.fraiches() { Ok(()) } else { self.relit_ou_garde().await }
    }

    fn fraiches(&self) -> bool {
        self.0.site.clock.now() - self.etat(|e| e.lues_a) < CONFIANCE
    }

    /// Looks at the numbers and reads again what changed, now.
    ///
    /// # Errors
    /// When the database refuses for another reason than being away.
    pub async fn relit(&self) -> Result<(), DbErr> {
        let _tour = self.0.tour.lock().await;
        self.relit_ou_garde().await
    }

    async fn relit_ou_garde(&self) -> Result<(), DbErr> {
        match self.relit_seul().await {
            Err(error) if is_unavailable(&error) => {
                // Those who wait their turn are not made to wait for the same answer.
                let now = self.0.site.clock.now();
                self.change(|e| e.lues_a = now);
                Ok(())
            }
            other => other,
        }
    }

    async fn relit_seul(&self) -> Result<(), DbErr> {
        let site = &self.0.site;
        let now = site.clock.now();
        let (avant, en_vigueur) = self.etat(|e| (e.versions, e.jour));
        let versions = store::versions(site.db.read()).await?;
        let fresh = match versions.centres == avant.centres {
            true => None,
            false => Some(territoires(site).await?),
        };
        // A list may come into force at midnight, without any import.
        let zonages = match versions.zonages == avant.zonages && en_vigueur == jour(&now) {
            true => None,
            false => Some(Arc::new(store::zonages(site.db.read(), jour(&now)).await?)),
        };
        self.change(|e| {
            (e.versions, e.lues_a) = (versions, now);
            if let Some(territoires) = fresh {
                e.territoires = territoires;
            }
            if let Some(zonages) = zonages {
                e.zonages = zonages;
                e.jour = jour(&now);
            }
        });
        Ok(())
    }

    /// The coverage, measured again if lieux or centres changed since the last time.
    ///
    /// # Errors
    /// When the database refuses; an older measure is given rather than none while it is away.
    pub async fn mesure(&self) -> Result<Arc<Mesure>, DbErr> {
        self.a_jour().await?;
        if let Some(mesure) = self.mesure_fraiche() {
            return Ok(mesure);
        }
        let _tour = self.0.tour.lock().await;
        // Another request may have measured while this one waited.
        if let Some(mesure) = self.mesure_fraiche() {
            return Ok(mesure);
        }
        match self.mesure_seul().await {
            Err(error) if is_unavailable(&error) => {
                self.etat(|e| e.mesure.as_ref().map(|(_, m)| m.clone())).ok_or(error)
            }
            other => other,
        }
    }

    /// The coverage for a page: the last one at once, while a newer one is measured aside; only the very first reader
    /// waits.
    ///
    /// # Errors
    /// When there is none yet and the database refuses.
    pub async fn mesure_connue(&self) -> Result<Arc<Mesure>, DbErr> {
        let Some(connue) = self.etat(|e| e.mesure.as_ref().map(|(_, m)| m.clone())) else {
            return self.mesure().await;
        };
        self.a_jour().await?;
        if let Some(fraiche) = self.mesure_fraiche() {
            return Ok(fraiche);
        }
        // One at a time: who finds the turn taken knows that somebody measures.
        if self.0.tour.try_lock().is_ok() {
            let atlas = self.clone();
            tokio::spawn(async move {
                if let Err(error) = atlas.mesure().await {
                    tracing::warn!(error = %error, "the coverage could not be measured");
                }
            });
        }
        Ok(connue)
    }

    /// The measure, if neither lieux nor centres changed since, and if it is of today: opening hours are those of the
    /// weeks to come.
    fn mesure_fraiche(&self) -> Option<Arc<Mesure>> {
        let today = jour(&self.0.site.clock.now());
        self.etat(|e| {
            let (versions, mesure) = e.mesure.as_ref()?;
            let same = (versions.lieux, versions.centres) == (e.versions.lieux, e.versions.centres);
            (same && jour(&mesure.faite_a) == today).then(|| mesure.clone())
        })
    }

    async fn mesure_seul(&self) -> Result<Arc<Mesure>, DbErr> {
        let (versions, territoires) = self.etat(|e| (e.versions, e.territoires.clone()));
        let lieux = (self.0.source)(self.0.site.clone()).await?;
        let t = territoires.clone();
        let measured = tokio::task::spawn_blocking(move || {
            let start = Instant::now();
            (Couverture::calcule(&t, &lieux), start.elapsed())
        });
        let (couverture, duree) = measured.await.map_err(|e| DbErr::Custom(e.to_string()))?;
        let mesure = Arc::new(Mesure { couverture, faite_a: self.0.site.clock.now(), duree, territoires });
        self.change(|e| e.mesure = Some((versions, mesure.clone())));
        Ok(mesure)
    }
}
