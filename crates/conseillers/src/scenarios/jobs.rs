//! The job that solves a scenario.

use platform::jobs::{Job, Registry};
use serde::{Deserialize, Serialize};

use super::calcul::{Lu, lire};
use super::model::Repartition;
use crate::Conseillers;
use crate::calculs::jouer;
use crate::calculs::model::CalculId;

/// Solves a scenario and keeps what was found.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Resoudre {
    pub(super) scenario: CalculId,
}

impl Job for Resoudre {
    const KIND: &'static str = "conseillers.resoudre_scenario";
    const MAX_ATTEMPTS: i64 = 3;

    fn dedup_key(&self) -> Option<String> {
        Some(self.scenario.to_string())
    }
}

/// Says who does it.
pub(crate) fn register(c: &Conseillers, registry: &mut Registry) {
    let c = c.clone();
    registry.on(move |tache, job: Resoudre| {
        let c = c.clone();
        async move {
            let lecture = async |c: &Conseillers, s: &_| lire(c, s, None).await;
            jouer::<Repartition, Lu>(&c, tache, job.scenario, lecture, |lu| lu.resoudre()).await
        }
    });
}
