//! What the browser sees of it: the choice of a person, and the end of the session.

use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use oidc::client::Request;
use oidc::provider::{LogoutReceived, Received, Refusal};
use platform::web::{Access, Formulaire, PageError, PageResult, Requete, Routes, Shell, page, see_other};

use super::Faux;
use super::personnes::{PERSONNES, Personne, REFUS};
use crate::Mandats;

/// What the real one takes; anything else is a page with a code, and no return.
const CONNUS: [&str; 11] = [
    "client_id",
    "acr_values",
    "claims",
    "response_type",
    "nonce",
    "state",
    "redirect_uri",
    "scope",
    "prompt",
    "idp_hint",
    "ui_locales",
];

/// Its routes; none outside the demonstration.
pub(in crate::franceconnect) fn routes(m: &Mandats) -> Routes<()> {
    use Access::Public;
    let Some(faux) = m.franceconnect.as_ref().and_then(|c| c.faux().cloned()) else { return Routes::new() };
    Routes::new()
        .get("/faux-franceconnect/authorize", Public, choix)
        .post("/faux-franceconnect/choix", Public, choisir)
        .get("/faux-franceconnect/session/end", Public, sortie)
        .get("/faux-franceconnect/.well-known/openid-configuration", Public, document)
        .get("/faux-franceconnect/jwks", Public, cles)
        .with_state(faux)
}

#[derive(Template)]
#[template(path = "franceconnect/faux/choix.html")]
struct Choix {
    shell: Shell,
    demande: String,
    personnes: &'static [Personne],
    refus: Vec<(&'static str, &'static str)>,
}

#[derive(Template)]
#[template(path = "franceconnect/faux/refus.html")]
struct Refuse {
    shell: Shell,
    code: &'static str,
}

fn refuse(shell: Shell, code: &'static str) -> PageResult {
    platform::web::page_with(StatusCode::BAD_REQUEST, &Refuse { shell, code })
}

async fn choix(
    State(faux): State<Arc<Faux>>,
    shell: Shell,
    RawQuery(query): RawQuery,
    Requete(champs): Requete,
) -> PageResult {
    if champs.values().iter().any(|(nom, _)| !CONNUS.contains(&nom.as_str())) {
        return refuse(shell, "Y030007");
    }
    let Ok(recue) = Received::read(query.as_deref().unwrap_or_default()) else {
        return refuse(shell, "Y030007");
    };
    let client = recue.client_id().filter(|id| *id == faux.client.client_id).map(|_| &faux.client);
    match recue.check(&faux.provider, client, faux.clock.now()) {
        Ok(demande) => {
            let demande = faux.demander(demande);
            let refus = REFUS.iter().map(|(cle, mots, ..)| (*cle, *mots)).collect();
            page(&Choix { shell, demande, personnes: PERSONNES, refus })
        }
        Err(Refusal::Page(_)) => refuse(shell, "Y04C013C"),
        Err(Refusal::Redirect(redirect)) => Ok(see_other(&redirect.location)),
    }
}

async fn choisir(State(faux): State<Arc<Faux>>, shell: Shell, Formulaire(form): Formulaire) -> PageResult {
    match faux.choisir(form.get("demande"), form.get("personne")) {
        Some(Ok(location)) => Ok(see_other(location.expose())),
        Some(Err(redirect)) => Ok(see_other(&redirect.location)),
        None => refuse(shell, "Y190004"),
    }
}

async fn sortie(State(faux): State<Arc<Faux>>, shell: Shell, RawQuery(query): RawQuery) -> PageResult {
    let received = LogoutReceived::read(query.as_deref().unwrap_or_default());
    let Ok(received) = received else { return refuse(shell, "Y030111") };
    let client = received.client_id().filter(|id| *id == faux.client.client_id).map(|_| &faux.client);
    match received.check(&faux.provider, client, &faux.ring) {
        Ok(logout) => Ok(see_other(logout.location.as_deref().unwrap_or("/"))),
        Err(_) => refuse(shell, "Y030111"),
    }
}

fn publie(faux: &Faux, path: &str) -> Result<Response, PageError> {
    let url = format!("{}{path}", faux.emetteur());
    let answer = faux.repond(&Request { method: "GET", url, headers: Vec::new(), body: None });
    Ok(([(header::CONTENT_TYPE, "application/json")], answer.body).into_response())
}

async fn document(State(faux): State<Arc<Faux>>) -> PageResult {
    publie(&faux, "/.well-known/openid-configuration")
}

async fn cles(State(faux): State<Arc<Faux>>) -> PageResult {
    publie(&faux, "/jwks")
}
