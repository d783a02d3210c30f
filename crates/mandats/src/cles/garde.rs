//! Keys that are open, kept for a minute: opening one costs more than a signature.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use oidc::jose::{KeyRing, SigningKey};

/// A key is published for days before it signs and after: a minute late changes nothing.
const VIE: TimeDelta = TimeDelta::minutes(1);

/// What was open last.
#[derive(Clone, Debug)]
pub(super) struct Ouvertes {
    pub(super) lues: DateTime<Utc>,
    pub(super) mandat: Arc<SigningKey>,
    pub(super) jeton: Arc<SigningKey>,
    pub(super) anneau: Arc<KeyRing>,
}

/// The set that was published at that instant.
type Publie = (DateTime<Utc>, Arc<str>);

/// The keys of this instance, once open, and the set that is published.
#[derive(Clone, Debug, Default)]
pub struct Garde(Arc<Mutex<Option<Ouvertes>>>, Arc<Mutex<Option<Publie>>>);

impl Garde {
    pub(super) fn prend(&self, maintenant: DateTime<Utc>) -> Option<Ouvertes> {
        let garde = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that went back reads them again too.
        garde.clone().filter(|o| (o.lues..o.lues + VIE).contains(&maintenant))
    }

    pub(super) fn pose(&self, ouvertes: Ouvertes) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(ouvertes);
    }

    pub(super) fn oublie(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
        *self.1.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The set that was published last, as text.
    pub(super) fn jeu(&self, maintenant: DateTime<Utc>) -> Option<Arc<str>> {
        let jeu = self.1.lock().unwrap_or_else(PoisonError::into_inner);
        jeu.as_ref().filter(|(lu, _)| (*lu..*lu + VIE).contains(&maintenant)).map(|(_, jeu)| jeu.clone())
    }

    pub(super) fn pose_jeu(&self, maintenant: DateTime<Utc>, jeu: Arc<str>) {
        *self.1.lock().unwrap_or_else(PoisonError::into_inner) = Some((maintenant, jeu));
    }
}
