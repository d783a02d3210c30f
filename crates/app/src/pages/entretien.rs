//! Upkeep pages: the jobs.

use askama::Template;
use axum::extract::{Path, State};
use chrono::TimeDelta;
use kernel::{Actor, Refusal, Verb};
use platform::Site;
use platform::jobs::{self, Job, JobRow, Registry};
use platform::journal::{self, Entry};
use platform::web::{Access, PageResult, Routes, Shell, page, see_other_saying, see_other_warning};
use serde::{Deserialize, Serialize};

pub(super) fn routes(site: &Site) -> Routes<()> {
    Routes::new()
        .get("/gestion/journal", Access::May(Verb::VoirJournal), super::journal::journal_page)
        .get("/gestion/journal/extrait.jsonl", Access::May(Verb::VoirJournal), super::journal::extraire)
        .export("/gestion/journal", Access::May(Verb::VoirJournal), super::journal::exporter)
        .get("/gestion/taches", Access::May(Verb::GererTaches), taches)
        .post("/gestion/taches/{id}/relancer", Access::May(Verb::GererTaches), relancer)
        .with_state(site.clone())
}

#[derive(Template)]
#[template(path = "pages/taches.html")]
struct Taches {
    shell: Shell,
    groups: Vec<(&'static str, Vec<JobRow>)>,
}

/// What a job does, as people say it; its key for one that nobody named.
fn nom(kind: &str) -> &str {
    match kind {
        "annuaire.mesurer_couverture" => "Mesurer la couverture du territoire",
        "annuaire.oublier_adresses_signalements" => "Effacer les adresses laissées avec un signalement",
        "annuaire.oublier_contacts" => "Effacer les anciens contacts des structures",
        "annuaire.rappeler_fraicheur" => "Demander aux lieux de confirmer leur fiche",
        "identity.menage" => "Fermer les sessions et les liens périmés",
        "identity.saisies" => "Effacer les formulaires gardés depuis une heure",
        "conseillers.lettres" => "Écrire les lettres d’une séance",
        "lieux.chercher_doublons" => "Chercher les doublons de lieux",
        "lieux.import" => "Importer un fichier de lieux",
        "mandats.demonstration" => "Apporter les mandats fictifs de la démonstration",
        "mandats.statistiques" => "Compter ce qu’Aidants Connect a fait",
        "mail.grouper" => "Envoyer les courriels du jour, réunis",
        "mail.send" => "Envoyer un courriel",
        "sms.send" => "Envoyer un SMS",
        "mandats.espace.oublier" => "Oublier les codes et les sessions de l’espace personnel",
        "mandats.franceconnect.oublier" => "Oublier les passages par FranceConnect",
        "mandats.consentements.avancer" => "Faire expirer les consentements à distance",
        "platform.clean_up" => "Oublier les tâches faites et les courriels partis",
        other => other,
    }
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
    let id: uuid::Uuid = id.parse().map_err(|_| Refusal::NotFound)?;
    Ok(if relance(&site, shell.actor()?, id).await? {
        see_other_saying("/gestion/taches", "La tâche est relancée.")
    } else {
        see_other_warning("/gestion/taches", "Cette tâche n’était pas arrêtée.")
    })
}

/// Starts a stuck job again, and writes who did; false when it is not stuck.
async fn relance(site: &Site, actor: &Actor, id: uuid::Uuid) -> Result<bool, sea_orm::DbErr> {
    site.db
        .write(async |tx| {
            let done = jobs::restart(site, tx, id).await?;
            if done {
                journal::write(site, tx, Entry::by(actor, "tache.relancer", "tache", id)).await?;
            }
            Ok(done)
        })
        .await
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
            platform::sms::clean_up(&site).await?;
            platform::webhooks::clean_up(&site).await?;
            platform::documents::clean_up(&site).await?;
            jobs::clean_up(&site).await.map(|_| ())
        }
    });
    registry.every("platform.clean_up", TimeDelta::hours(1), CleanUp);
}
