//! The index that pages share, replaced when the directory changes.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use chrono::{DateTime, Utc};
use kernel::ids::LieuId;
use platform::Site;
use sea_orm::DbErr;

use super::{Constructeur, IndexLieux};
use crate::lieux::model::Etat;
use crate::lieux::ouverture::Scolaire;
use crate::lieux::{Fiche, parcours, vacances, version};
use crate::territoires::Territoires;

/// How long the number of the database is trusted, in milliseconds.
const CONFIANCE_MS: i64 = 1_000;

/// The published lieux, and the state of the directory that they were read in.
#[derive(Debug)]
struct Lus {
    version: i64,
    lieux: Vec<(LieuId, Fiche)>,
    scolaire: Scolaire,
}

#[derive(Debug, Default)]
struct Interieur {
    index: RwLock<Option<Arc<IndexLieux>>>,
    /// Read before the territory was there to index them with: see [`Vivants::avance`].
    d_avance: Mutex<Option<Lus>>,
    verifie_a: AtomicI64,
    verifie: AtomicBool,
    /// One reading at a time.
    tour: tokio::sync::Mutex<()>,
}

/// The published lieux in memory; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Vivants(Arc<Interieur>);

impl Vivants {
    fn lu(&self) -> Option<Arc<IndexLieux>> {
        self.0.index.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The index, as last read. Once a second, a look at the database starts beside the request, and builds the index
    /// again when the directory or the day changed; a request waits for it only when there is no index yet, or one so
    /// old that it does not know the hours of today.
    ///
    /// # Errors
    /// When the index was never read and the database does not answer.
    pub async fn index(&self, site: &Site, territoires: &Arc<Territoires>) -> Result<Arc<IndexLieux>, DbErr> {
        let Some(index) = self.lu() else { return self.relit(site, territoires).await };
        let maintenant = site.clock.now();
        if !index.tient(maintenant) {
            return self.relit(site, territoires).await.or_else(|error| {
                tracing::warn!(error = %error, "the index of lieux could not be built for today");
                Ok(index)
            });
        }
        let age = maintenant.timestamp_millis() - self.0.verifie_a.load(Ordering::Relaxed);
        if age >= CONFIANCE_MS && !self.0.verifie.swap(true, Ordering::AcqRel) {
            let (moi, site, territoires) = (self.clone(), site.clone(), territoires.clone());
            tokio::spawn(async move {
                // A database that is away leaves the lieux as they were: they can still be found.
                if let Err(error) = moi.relit(&site, &territoires).await {
                    tracing::warn!(error = %error, "the index of lieux could not be checked");
                }
                moi.0.verifie_a.store(site.clock.now().timestamp_millis(), Ordering::Relaxed);
                moi.0.verifie.store(false, Ordering::Release);
            });
        }
        Ok(index)
    }

    /// Reads the lieux while the territory is still being loaded: the first index is built from them.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn avance(&self, site: &Site) -> Result<(), DbErr> {
        let lus = lus(site, version(site.db.read()).await?).await?;
        *self.0.d_avance.lock().unwrap_or_else(PoisonError::into_inner) = Some(lus);
        Ok(())
    }

    /// Reads the directory again if it changed, or if the day did, now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn relit(&self, site: &Site, territoires: &Arc<Territoires>) -> Result<Arc<IndexLieux>, DbErr> {
        let _tour = self.0.tour.lock().await;
        let maintenant = site.clock.now();
        let version = version(site.db.read()).await?;
        if let Some(index) = self.lu().filter(|i| i.version() == version && i.a_jour(maintenant)) {
            return Ok(index);
        }
        let d_avance = self.0.d_avance.lock().unwrap_or_else(PoisonError::into_inner).take();
        let lus = match d_avance.filter(|l| l.version == version) {
            Some(lus) => lus,
            None => lus(site, version).await?,
        };
        let index = Arc::new(indexe(lus, territoires.clone(), maintenant, self.lu()).await?);
        *self.0.index.write().unwrap_or_else(PoisonError::into_inner) = Some(index.clone());
        self.0.verifie_a.store(maintenant.timestamp_millis(), Ordering::Relaxed);
        Ok(index)
    }
}

async fn lus(site: &Site, version: i64) -> Result<Lus, DbErr> {
    let mut lieux = Vec::new();
    parcours::<DbErr>(site.db.read(), |mut lieu| {
        if lieu.etat == Etat::Ouvert {
            if lieu.fiche.source.is_empty() {
                lieu.fiche.source = lieu.source.into();
            }
            lieux.push((lieu.id, lieu.fiche));
        }
        Ok(())
    })
    .await?;
    let scolaire = vacances::charges(site.db.read()).await?;
    Ok(Lus { version, lieux, scolaire })
}

async fn indexe(
    lus: Lus,
    territoires: Arc<Territoires>,
    maintenant: DateTime<Utc>,
    avant: Option<Arc<IndexLieux>>,
) -> Result<IndexLieux, DbErr> {
    tokio::task::spawn_blocking(move || {
        let mut constructeur =
            Constructeur::new(&territoires, maintenant, avant.as_deref()).avec_scolaire(lus.scolaire);
        lus.lieux.into_iter().for_each(|(id, fiche)| constructeur.ajoute(id, fiche));
        constructeur.finit(lus.version)
    })
    .await
    .map_err(|e| DbErr::Custom(e.to_string()))
}
