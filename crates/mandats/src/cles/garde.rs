//! Keys that are open, kept for a minute: opening one costs more than a signature.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use oidc::jose::{KeyRing, SigningKey};

use super::model::Usage;

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

/// The sets that were published, and when: one for each usage.
type Publies = [Option<(DateTime<Utc>, Arc<str>)>; 2];

/// The keys of this instance, once open, and the sets that are published.
#[derive(Clone, Debug, Default)]
pub struct Garde(Arc<Mutex<Option<Ouvertes>>>, Arc<Mutex<Publies>>);

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
        *self.1.lock().unwrap_or_else(PoisonError::into_inner) = Publies::default();
    }

    /// The set of that usage that was published last, as text.
    pub(super) fn jeu(&self, usage: Usage, maintenant: DateTime<Utc>) -> Option<Arc<str>> {
        let jeux = self.1.lock().unwrap_or_else(PoisonError::into_inner);
        jeux[usage as usize]
            .as_ref()
            .filter(|(lu, _)| (*lu..*lu + VIE).contains(&maintenant))
            .map(|(_, jeu)| jeu.clone())
    }

    pub(super) fn pose_jeu(&self, usage: Usage, maintenant: DateTime<Utc>, jeu: Arc<str>) {
        self.1.lock().unwrap_or_else(PoisonError::into_inner)[usage as usize] = Some((maintenant, jeu));
    }
}
