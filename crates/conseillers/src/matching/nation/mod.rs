//! The assignment of the nation on a page: who could take which open post, the best there is, proven. It informs; structures and
//! candidats choose each other.
//!
//! `docs/conseillers/matching.md` gives the model and the certificate; the engine is [`super::assignment`].

mod calcul;
mod model;
mod pages;
#[cfg(test)]
mod tests;

use chrono::TimeDelta;
use platform::jobs::{Job, Registry};
use platform::web::Routes;
use serde::{Deserialize, Serialize};

use crate::Conseillers;
use crate::calculs::jouer;
use crate::calculs::model::{CalculId, Genre};

/// How long an assignment is kept: it says who could take which post.
pub(crate) const GARDE: (&str, TimeDelta) = (model::Affectation::CLE, TimeDelta::days(90));

/// Works out an assignment and keeps it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Affecter {
    affectation: CalculId,
}

impl Job for Affecter {
    const KIND: &'static str = "conseillers.affecter";
    const MAX_ATTEMPTS: i64 = 3;

    fn dedup_key(&self) -> Option<String> {
        Some(self.affectation.to_string())
    }
}

/// Says who does the job.
pub(crate) fn register(c: &Conseillers, registry: &mut Registry) {
    let c = c.clone();
    registry.on(move |tache, job: Affecter| {
        let c = c.clone();
        async move {
            jouer::<model::Affectation, calcul::Lu>(&c, tache, job.affectation, calcul::lire, |lu| {
                lu.affecter()
            })
            .await
        }
    });
}

/// Pages of the room.
pub(crate) fn routes(c: Conseillers) -> Routes<()> {
    pages::routes(c)
}
