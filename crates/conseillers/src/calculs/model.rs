//! A computation that is kept.

use std::fmt::Debug;

use chrono::{DateTime, NaiveDate, Utc};
use kernel::CodeRegion;
use kernel::actor::Cible;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

pub use crate::ids::CalculId;
use crate::ids::SeanceId;

/// A kind of computation. What it holds is JSON in its row.
pub trait Genre: Clone + PartialEq + Debug + Send + Sync + 'static {
    /// Its key in the database.
    const CLE: &'static str;
    /// What was asked.
    type Parametres: Serialize + DeserializeOwned + Clone + PartialEq + Debug + Send + Sync;
    /// What was found, in short.
    type Bilan: Serialize + DeserializeOwned + Clone + PartialEq + Debug + Send + Sync;
    /// What was found, line by line.
    type Ligne: Serialize + DeserializeOwned + Clone + PartialEq + Debug + Send + Sync;
}

/// Where a computation stands.
#[derive(Clone, PartialEq, Debug)]
pub enum Etat<B> {
    /// Its job waits or runs.
    EnCalcul,
    /// It is done.
    Calcule {
        /// When.
        le: DateTime<Utc>,
        /// How long it took, from the reading of the database to the last line, seconds.
        secondes: f64,
        /// What was found.
        bilan: Box<B>,
    },
    /// It cannot be done.
    Refuse {
        /// Why, and what to do.
        message: String,
    },
}

/// The keys of the states.
pub(super) const CLES: [&str; 3] = ["en_calcul", "calcule", "refuse"];

impl<B> Etat<B> {
    /// In words.
    pub fn nom(&self) -> &'static str {
        match self {
            Self::EnCalcul => "En calcul",
            Self::Calcule { .. } => "Calculé",
            Self::Refuse { .. } => "Impossible",
        }
    }
}

/// A computation.
#[derive(Clone, PartialEq, Debug)]
pub struct Calcul<G: Genre> {
    /// Its identifier.
    pub id: CalculId,
    /// Its name.
    pub nom: String,
    /// The région that it is about; none for the nation.
    pub region: Option<CodeRegion>,
    /// The session that it is about, if it is about one.
    pub seance: Option<SeanceId>,
    /// What was asked.
    pub parametres: G::Parametres,
    /// Where it stands.
    pub etat: Etat<G::Bilan>,
    /// Its job.
    pub tache: Option<Uuid>,
    /// When it was asked for.
    pub cree_le: DateTime<Utc>,
}

impl<G: Genre> Calcul<G> {
    /// Where it stands, to be compared with a scope.
    pub fn cible(&self) -> Cible {
        Cible { region: self.region.clone(), ..Cible::default() }
    }

    /// What was found, once it is done.
    pub fn bilan(&self) -> Option<&G::Bilan> {
        match &self.etat {
            Etat::Calcule { bilan, .. } => Some(bilan),
            _ => None,
        }
    }

    /// Whether its job waits or runs.
    pub fn en_calcul(&self) -> bool {
        matches!(self.etat, Etat::EnCalcul)
    }

    /// The day it was asked for.
    pub fn jour(&self) -> NaiveDate {
        kernel::calendrier::jour(&self.cree_le)
    }
}
