//! The page of the answer: the link shows it, only its buttons answer, since programs that read mail open links.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::Refusal;
use platform::web::{Access, Formulaire, PageError, PageResult, Routes, Shell, page, page_with};

use crate::Conseillers;
use crate::Failure;

const CHEMIN: &str = "/candidature/toujours/{secret}";

/// Every page, with its access.
pub(in crate::candidats) fn routes(conseillers: Conseillers) -> Routes<()> {
    Routes::new()
        .get(CHEMIN, Access::Public, question)
        .post(CHEMIN, Access::Public, reponse)
        .with_state(conseillers)
}

#[derive(Template)]
#[template(path = "candidats/relances/page.html")]
struct Page {
    shell: Shell,
    etape: Etape,
}

enum Etape {
    Question(String),
    Merci(bool),
    Finie,
}

fn finie(shell: Shell) -> PageResult {
    page_with(StatusCode::NOT_FOUND, &Page { shell, etape: Etape::Finie })
}

async fn question(
    State(conseillers): State<Conseillers>,
    shell: Shell,
    Path(recu): Path<String>,
) -> PageResult {
    match super::interroge(&conseillers.site, &recu).await {
        Ok(c) => page(&Page { shell, etape: Etape::Question(c.reference()) }),
        Err(Failure::Refusal(Refusal::NotFound)) => finie(shell),
        Err(autre) => Err(autre.into()),
    }
}

async fn reponse(
    State(conseillers): State<Conseillers>,
    shell: Shell,
    Path(recu): Path<String>,
    Formulaire(form): Formulaire,
) -> PageResult {
    let oui = match form.get("cherche") {
        "oui" => true,
        "non" => false,
        _ => return Err(PageError::BadRequest("Répondez oui ou non.".to_owned())),
    };
    match super::repondre(&conseillers.site, &recu, oui).await {
        Ok(()) => page(&Page { shell, etape: Etape::Merci(oui) }),
        Err(Failure::Refusal(Refusal::NotFound)) => finie(shell),
        Err(autre) => Err(autre.into()),
    }
}
