//! Pages of the way to FranceConnect and back.

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use platform::web::{Access, PageError, PageResult, Requete, Routes, Shell, page, page_with, see_other};
use uuid::Uuid;

use super::actions::{self, Echec};
use super::faux;
use super::model::Depart;
use super::navigateur::Navigateur;
use crate::Mandats;
use crate::discret::discret;

/// Every page, with its access: who comes back has no account.
pub fn routes(m: &Mandats) -> Routes<()> {
    use Access::Public;
    Routes::new()
        .get("/franceconnect/partir/{id}", Public, passage)
        .get("/franceconnect/retour", Public, retour)
        .get("/franceconnect/deconnexion/retour", Public, sorti)
        .get("/franceconnect/jwks", Public, jwks)
        .with_state(m.clone())
        .merge(faux::routes(m))
}

/// The public key with which we prove to FranceConnect who we are, for its team to read.
async fn jwks(State(m): State<Mandats>) -> PageResult {
    let cles = m.franceconnect.as_ref().and_then(|c| c.cles_publiques()).ok_or_else(PageError::not_found)?;
    Ok(([(CACHE_CONTROL, "public, max-age=300")], axum::Json(cles)).into_response())
}

/// Sends the person to FranceConnect, from a form or from a link; they come back to `depart.retour`. What prevents it is
/// told there too, as a `refus`.
///
/// # Errors
/// A failure of ours.
pub async fn partir(m: &Mandats, nav: &Navigateur, depart: Depart) -> PageResult {
    match actions::partir(m, nav, &depart).await {
        Ok((id, secret)) => {
            // By a page of ours: browsers hold the targets of a form, and of what it is redirected to, to our own site.
            let mut response = see_other(&format!("/franceconnect/partir/{id}"));
            Navigateur::pose(&m.site, &mut response, &secret);
            Ok(response)
        }
        Err(Echec::Refuse(refused)) => {
            tracing::warn!(reason = %refused, "nobody could be sent to FranceConnect");
            let mut response = see_other(&actions::avec(&depart.retour, "refus", actions::cle(&refused)));
            // The page that shows it may ask for the browser that was to leave.
            if let Some(secret) = nav.secret() {
                Navigateur::pose(&m.site, &mut response, secret);
            }
            Ok(response)
        }
        Err(Echec::Nous(failure)) => Err(failure.into()),
    }
}

#[derive(Template)]
#[template(path = "franceconnect/passage.html")]
struct Passage {
    shell: Shell,
    adresse: String,
    retour: String,
}

#[derive(Template)]
#[template(path = "franceconnect/echec.html")]
struct EchecPage {
    shell: Shell,
    conseil: String,
}

fn echec(shell: Shell, e: Echec) -> PageResult {
    match e {
        Echec::Nous(failure) => Err(failure.into()),
        Echec::Refuse(refused) => {
            tracing::warn!(reason = %refused, "a return from FranceConnect is not awaited");
            let conseil = refused.conseil("FranceConnect");
            page_with(StatusCode::BAD_REQUEST, &EchecPage { shell, conseil }).map(discret)
        }
    }
}

async fn passage(
    State(m): State<Mandats>,
    shell: Shell,
    nav: Navigateur,
    Path(id): Path<String>,
) -> PageResult {
    let id = Uuid::parse_str(&id).map_err(|_| PageError::not_found())?;
    match actions::adresse(&m, &nav, id).await {
        Ok(Some((adresse, retour))) => {
            page(&Passage { shell, adresse: adresse.expose().to_owned(), retour }).map(discret)
        }
        Ok(None) => {
            echec(shell, Echec::Refuse(oidc::client::Refused::Return("no departure in this browser")))
        }
        Err(e) => echec(shell, e),
    }
}

async fn retour(
    State(m): State<Mandats>,
    shell: Shell,
    nav: Navigateur,
    RawQuery(query): RawQuery,
) -> PageResult {
    match actions::revenir(&m, &nav, query.as_deref().unwrap_or_default()).await {
        Ok(suite) => Ok(discret(see_other(&suite.adresse))),
        Err(e) => echec(shell, e),
    }
}

async fn sorti(
    State(m): State<Mandats>,
    shell: Shell,
    nav: Navigateur,
    Requete(query): Requete,
) -> PageResult {
    match actions::sortir(&m, &nav, query.get("state")).await {
        Ok(Some(adresse)) => Ok(discret(see_other(&adresse))),
        Ok(None) => {
            let conseil =
                "La session FranceConnect est fermée. Vous pouvez continuer sur la page où vous étiez.";
            page(&EchecPage { shell, conseil: conseil.to_owned() }).map(discret)
        }
        Err(e) => echec(shell, e),
    }
}
