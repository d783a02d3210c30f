//! Messages that leave after an application, and what is forgotten.

use chrono::TimeDelta;
use platform::Site;
use platform::jobs::{Job, Registry};
use serde::{Deserialize, Serialize};

use super::super::model::CandidatId;
use super::actions;

/// Sends the link that proves the address of an application.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ConfirmerAdresse {
    pub(super) candidat: CandidatId,
}

impl Job for ConfirmerAdresse {
    const KIND: &'static str = "conseillers.confirmer_adresse";

    fn dedup_key(&self) -> Option<String> {
        Some(self.candidat.to_string())
    }
}

/// Tells an address that its application is there already.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct DejaLa {
    pub(super) candidat: CandidatId,
}

impl Job for DejaLa {
    const KIND: &'static str = "conseillers.deja_candidat";

    fn dedup_key(&self) -> Option<String> {
        Some(self.candidat.to_string())
    }
}

/// Forgets drafts and applications that nobody came back to.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct OublierDepots {}

impl Job for OublierDepots {
    const KIND: &'static str = "conseillers.oublier_depots";

    fn dedup_key(&self) -> Option<String> {
        Some(String::new())
    }
}

/// Says who does it.
pub(crate) fn register(site: &Site, registry: &mut Registry) {
    let s = site.clone();
    registry.on(move |_, job: ConfirmerAdresse| {
        let site = s.clone();
        async move { actions::ecrire_confirmation(&site, job.candidat).await }
    });
    let s = site.clone();
    registry.on(move |_, job: DejaLa| {
        let site = s.clone();
        async move { actions::ecrire_deja_la(&site, job.candidat).await }
    });
    let s = site.clone();
    registry.on(move |_, _: OublierDepots| {
        let site = s.clone();
        async move { actions::oublier(&site).await.map(|_| ()) }
    });
    registry.every("conseillers.oublier_depots", TimeDelta::days(1), OublierDepots {});
}
