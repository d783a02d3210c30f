//! The desk: what waits for who signed in, in the role they act in, and where their pages are.

use annuaire::Annuaire;
use askama::Template;
use axum::extract::State;
use chrono::NaiveDate;
use conseillers::Conseillers;
use kernel::Verb;
use mandats::Mandats;
use platform::web::{Access, Attente, PageResult, Routes, Shell, page, see_other};

/// What the desk asks.
#[derive(Clone)]
struct Contextes {
    annuaire: Annuaire,
    conseillers: Conseillers,
    mandats: Mandats,
}

pub(crate) fn routes(annuaire: &Annuaire, conseillers: &Conseillers, mandats: &Mandats) -> Routes<()> {
    let contextes =
        Contextes { annuaire: annuaire.clone(), conseillers: conseillers.clone(), mandats: mandats.clone() };
    Routes::new()
        .get("/bureau", Access::SignedIn, bureau)
        // The beginning of many addresses: whoever cuts one there finds what they may do.
        .get("/gestion", Access::SignedIn, || async { see_other("/bureau") })
        .with_state(contextes)
}

#[derive(Template)]
#[template(path = "pages/bureau.html")]
struct Bureau {
    shell: Shell,
    attentes: Vec<Attente>,
}

impl Bureau {
    /// « 19 février ».
    fn jour(jour: &NaiveDate) -> String {
        kernel::calendrier::jour_en_lettres(*jour)
    }
}

async fn bureau(State(c): State<Contextes>, shell: Shell) -> PageResult {
    let actor = shell.actor()?;
    let mut attentes = conseillers::attente(&c.conseillers, actor).await?;
    attentes.extend(annuaire::lieux::attente(&c.annuaire, actor).await?);
    attentes.extend(mandats::attente(&c.mandats, actor).await?);
    if actor.role.has(Verb::GererTaches) {
        let bloquees = platform::jobs::stuck(c.annuaire.site.db.read()).await?;
        attentes.extend(Attente::de(
            bloquees,
            "tâche de fond est bloquée",
            "tâches de fond sont bloquées",
            "/gestion/taches",
        ));
    }
    page(&Bureau { shell, attentes })
}
