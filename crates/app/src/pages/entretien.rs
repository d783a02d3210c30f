//! Upkeep pages: the journal, the jobs.

use askama::Template;
use axum::extract::{Path, State};
use chrono::TimeDelta;
use kernel::{Refusal, Verb};
use platform::Site;
use platform::jobs::{self, Job, JobRow, Registry};
use platform::journal::{self, Entry, Line};
use platform::web::{Access, PageResult, Requete, Routes, Shell, page, see_other_saying};
use serde::{Deserialize, Serialize};

pub(super) fn routes(site: &Site) -> Routes<()> {
    Routes::new()
        .get("/gestion/journal", Access::May(Verb::VoirJournal), journal_page)
        .get("/gestion/taches", Access::May(Verb::GererTaches), taches)
        .post("/gestion/taches/{id}/relancer", Access::May(Verb::GererTaches), relancer)
        .with_state(site.clone())
}

#[derive(Template)]
#[template(path = "pages/journal.html")]
struct JournalPage {
    shell: Shell,
    lines: Vec<Line>,
    before: Option<i64>,
}

const LINES: u64 = 50;

async fn journal_page(State(site): State<Site>, shell: Shell, Requete(q): Requete) -> PageResult {
    let query = journal::Query {
        subject: Some(q.get("sujet").to_owned()),
        subject_id: Some(q.get("id").to_owned()),
        before: q.get("avant").parse().ok(),
        limit: LINES,
    };
    let lines = journal::page(site.db.read(), &query).await?;
    let full = u64::try_from(lines.len()).unwrap_or(0) == LINES;
    let before = lines.last().filter(|_| full).map(|l| l.seq);
    page(&JournalPage { shell, lines, before })
}

#[derive(Template)]
#[template(path = "pages/taches.html")]
struct Taches {
    shell: Shell,
    groups: Vec<(&'static str, Vec<JobRow>)>,
}

async fn taches(State(site): State<Site>, shell: Shell) -> PageResult {
    let mut groups = Vec::new();
    for (state, title) in [
        ("stuck", "Arrêtées : une personne doit regarder"),
        ("running", "En cours"),
        ("waiting", "En attente"),
        ("done", "Faites"),
    ] {
        groups.push((title, jobs::list(site.db.read(), state, 50).await?));
    }
    page(&Taches { shell, groups })
}

async fn relancer(State(site): State<Site>, shell: Shell, Path(id): Path<String>) -> PageResult {
    let actor = shell.actor()?;
    let id: uuid::Uuid = id.parse().map_err(|_| Refusal::NotFound)?;
    let done = site
        .db
        .write(async |tx| {
            let done = jobs::restart(&site, tx, id).await?;
            if done {
                journal::write(&site, tx, Entry::by(actor, "tache.relancer", "tache", id)).await?;
            }
            Ok::<_, sea_orm::DbErr>(done)
        })
        .await?;
    let sentence = if done { "La tâche est relancée." } else { "Cette tâche n’était pas arrêtée." };
    Ok(see_other_saying("/gestion/taches", sentence))
}

/// Forgets what is of no use any more: done jobs, messages gone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct CleanUp;

impl Job for CleanUp {
    const KIND: &'static str = "platform.clean_up";
    fn dedup_key(&self) -> Option<String> {
        Some(String::new())
    }
}

/// Says who cleans up, and how often.
pub(crate) fn register(site: &Site, registry: &mut Registry) {
    let s = site.clone();
    registry.on(move |_, _: CleanUp| {
        let site = s.clone();
        async move {
            platform::mail::clean_up(&site).await?;
            jobs::clean_up(&site).await.map(|_| ())
        }
    });
    registry.every("platform.clean_up", TimeDelta::hours(1), CleanUp);
}
