//! The mandats of a transfer are moved one by one, while the page of the transfer shows how far it is.

use platform::jobs::{self, Job, Registry};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::model::EtatLigne;
use super::{actions, store};
use crate::{Failure, Mandats};

/// Moved in one turn: then other jobs have theirs.
const PAR_TOUR: i64 = 200;

/// Moves what waits of a transfer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Transferer {
    /// The transfer.
    pub(super) lot: Uuid,
}

impl Job for Transferer {
    const KIND: &'static str = "mandats.transferer";
}

/// Says who does it.
pub(crate) fn register(m: &Mandats, registry: &mut Registry) {
    let m = m.clone();
    registry.on(move |_, job: Transferer| {
        let m = m.clone();
        async move { tour(&m, job.lot).await }
    });
}

/// One turn. Killed in the middle, it is done again: what was moved is not moved twice.
pub(super) async fn tour(m: &Mandats, lot: Uuid) -> Result<(), Failure> {
    let Some(lot) = store::lot(m.site.db.read(), lot).await? else { return Ok(()) };
    for mandat in store::lignes(m.site.db.read(), lot.id, EtatLigne::Attente, PAR_TOUR).await? {
        actions::passer(m, &lot, mandat).await?;
    }
    let site = &m.site;
    site.db
        .write(async |tx| {
            let reste = !store::lignes(tx, lot.id, EtatLigne::Attente, 1).await?.is_empty();
            if reste {
                jobs::enqueue(site, tx, &Transferer { lot: lot.id }).await?;
            } else {
                store::clore(tx, lot.id, site.clock.now()).await?;
            }
            Ok(())
        })
        .await
}
