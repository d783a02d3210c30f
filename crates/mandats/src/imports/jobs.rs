//! What goes through the lines of imports, and forgets them.

use chrono::TimeDelta;
use platform::jobs::{self, Job, Registry};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::model::Etat;
use super::{GARDE, actions, store};
use crate::{Failure, Mandats};

/// Compares, or writes, some lines more of an import.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Avancer {
    /// The import.
    pub(super) import: Uuid,
}

impl Job for Avancer {
    const KIND: &'static str = "mandats.importer";
}

/// Forgets imports of before.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Oublier {}

impl Job for Oublier {
    const KIND: &'static str = "mandats.imports.oublier";

    fn dedup_key(&self) -> Option<String> {
        Some(String::new())
    }
}

/// Says who does it.
pub(crate) fn register(m: &Mandats, registry: &mut Registry) {
    let un = m.clone();
    registry.on(move |_, job: Avancer| {
        let m = un.clone();
        async move { tour(&m, job.import).await }
    });
    let m = m.clone();
    registry.on(move |_, _: Oublier| {
        let m = m.clone();
        async move { oublier(&m).await.map(drop) }
    });
    registry.every(Oublier::KIND, TimeDelta::days(1), Oublier {});
}

/// One turn.
pub(super) async fn tour(m: &Mandats, import: Uuid) -> Result<(), Failure> {
    let Some(i) = store::lire(m.site.db.read(), import).await? else { return Ok(()) };
    if !matches!(i.etat, Etat::Examen | Etat::EnCours) {
        return Ok(());
    }
    let Some(actor) = actions::acteur(m, &i).await? else { return actions::arreter(m, &i).await };
    let reste = match i.etat {
        Etat::Examen => actions::examiner(m, &actor, &i).await?,
        _ => actions::avancer(m, &actor, &i).await?,
    };
    if reste {
        let site = &m.site;
        site.db.write(async |tx| jobs::enqueue(site, tx, &Avancer { import }).await).await?;
    }
    Ok(())
}

/// Erases what files said of people, once their time is over; says how many.
pub(super) async fn oublier(m: &Mandats) -> Result<u64, Failure> {
    let avant = m.site.clock.now() - GARDE;
    Ok(m.site.db.write(async |tx| store::oublier(tx, avant).await).await?)
}
