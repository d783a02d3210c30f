//! Retention: the coordinates of people do not stay in the history for ever.

use chrono::TimeDelta;
use platform::Site;
use platform::jobs::{Job, Registry};
use serde::{Deserialize, Serialize};

use super::store;

/// How long the history tells the coordinates of a contact: the time of a yearly review of the list.
const CONTACTS: TimeDelta = TimeDelta::days(365);

/// Takes the coordinates of contacts out of the lines of the history that are more than a year old. That a
/// contact came or went, when, and by whom, stays.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct OublierContacts {}

impl Job for OublierContacts {
    const KIND: &'static str = "annuaire.oublier_contacts";

    fn dedup_key(&self) -> Option<String> {
        Some(String::new())
    }
}

/// Says who forgets, and how often.
pub(crate) fn register(site: &Site, registry: &mut Registry) {
    let s = site.clone();
    registry.on(move |_, _: OublierContacts| {
        let site = s.clone();
        async move {
            let avant = site.clock.now() - CONTACTS;
            site.db.write(async |tx| store::oublier_contacts(tx, avant).await).await
        }
    });
    registry.every("annuaire.oublier_contacts", TimeDelta::days(1), OublierContacts {});
}
