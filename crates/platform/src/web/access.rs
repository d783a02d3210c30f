//! Every route declares who may come; one guard holds them all, one test walks them all.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::Method;
use axum::http::header::REFERER;
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{Portee, Refusal, Verb};

use super::error::PageError;
use super::saisie;
use super::shell::Viewer;

/// Who may come through a route.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// Anybody.
    Public,
    /// Whoever is signed in.
    SignedIn,
    /// Whoever is signed in, even while seeing as another person: leaving, signing out.
    EvenSeeingAs,
    /// Whoever acts in a role that has the verb; the action then checks the scope.
    May(Verb),
    /// A program with a personal token that allows this, made in a role that has the verb: a session opens nothing here.
    Jeton(Verb, Portee),
}

/// The page where somebody who is signed in proves again who they are. `identity` serves it.
pub const PREUVE: &str = "/compte/preuve";

/// Lets through whoever gave a strong proof of who they are less than `age_max` ago; sends the others to the page that asks
/// for one, which leads back to `retour`, a path of this site. What a POST typed is kept meanwhile ([`super::saisie`]), and the
/// person then sends it in one gesture.
///
/// # Errors
/// [`PageError::Preuve`], a 303.
pub fn exige_preuve(
    viewer: &Viewer,
    now: DateTime<Utc>,
    age_max: TimeDelta,
    retour: &str,
) -> Result<(), PageError> {
    if viewer.prouve_le.is_some_and(|le| now - le < age_max) {
        return Ok(());
    }
    Err(PageError::Preuve(vers_preuve(retour)))
}

/// The same for a POST that has kept by itself what was typed: the person comes back to `retour` and reads it again there.
///
/// # Errors
/// [`PageError::Ailleurs`], a 303.
pub fn exige_preuve_puis_relire(
    viewer: &Viewer,
    now: DateTime<Utc>,
    age_max: TimeDelta,
    retour: &str,
) -> Result<(), PageError> {
    exige_preuve(viewer, now, age_max, retour).map_err(|_| PageError::Ailleurs(vers_preuve(retour)))
}

/// The page of proofs, which leads back to that path of this site.
pub fn vers_preuve(retour: &str) -> String {
    let retour = percent_encoding::utf8_percent_encode(retour, percent_encoding::NON_ALPHANUMERIC);
    format!("{PREUVE}?retour={retour}")
}

/// The personal token of a request, and what it allows. Put among its extensions by `identity`, with the viewer that its
/// owner is; nothing but public routes and those of [`Access::Jeton`] opens to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ParJeton {
    /// The token.
    pub id: uuid::Uuid,
    /// The role that it was made in, of its owner.
    pub attribution: uuid::Uuid,
    /// What it allows.
    pub portees: Vec<Portee>,
}

/// A route, for the test of refusals and for the documentation.
#[derive(Clone, Debug)]
pub struct RouteInfo {
    /// Method, as `GET`.
    pub method: Method,
    /// Path with its parameters, as `/structures/{id}`.
    pub path: String,
    /// Who may come.
    pub access: Access,
}

/// Lets the request through, or answers: to the sign-in page, 401, or 403.
pub(super) async fn guard(access: Access, request: Request, next: Next) -> Response {
    if access == Access::Public {
        return next.run(request).await;
    }
    let (request, tenue) = match saisie::tenir(request).await {
        Ok(held) => held,
        Err(e) => return e.into_response(),
    };
    let response = match decide(access, &request) {
        Ok(()) => next.run(request).await,
        Err(response) => *response,
    };
    saisie::rendre(tenue, response).await
}

/// Among the extensions of a request: its page is about people.
#[derive(Clone, Copy, Debug)]
struct SurDesPersonnes;

/// Marks the requests to pages about people, under these paths.
pub(super) async fn sur_des_personnes(
    State(racines): State<Arc<[&'static str]>>,
    mut request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    let under = |r: &str| path.strip_prefix(r).is_some_and(|p| p.is_empty() || p.starts_with('/'));
    if racines.iter().any(|r| under(r)) {
        request.extensions_mut().insert(SurDesPersonnes);
    }
    next.run(request).await
}

/// Asks who is there after a long silence, before a page about people; it leads back to that page, or to the one that the
/// form was on.
fn apres_silence(viewer: &Viewer, request: &Request) -> Result<(), PageError> {
    if !viewer.apres_silence || request.extensions().get::<SurDesPersonnes>().is_none() {
        return Ok(());
    }
    if viewer.actor.vu_par.is_some() {
        let sentence = "Le site n’a pas servi depuis longtemps. Quittez cette vue avec le bandeau en haut de la page, puis \
                        prouvez que c’est bien vous.";
        return Err(Refusal::forbidden(sentence).into());
    }
    let ici = request.uri().path_and_query().map_or("/", |p| p.as_str());
    let venu =
        request.headers().get(REFERER).and_then(|v| v.to_str().ok()).and_then(|v| url::Url::parse(v).ok());
    let retour = match (request.method(), venu) {
        (&Method::GET | &Method::HEAD, _) => ici.to_owned(),
        (_, Some(page)) => page[url::Position::BeforePath..url::Position::AfterQuery].to_owned(),
        (_, None) => "/".to_owned(),
    };
    Err(PageError::Preuve(vers_preuve(&retour)))
}

fn decide(access: Access, request: &Request) -> Result<(), Box<Response>> {
    let Some(viewer) = request.extensions().get::<Viewer>() else {
        return Err(Box::new(sign_in(request)));
    };
    apres_silence(viewer, request).map_err(|e| Box::new(e.into_response()))?;
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if viewer.actor.vu_par.is_some() && !reads && access != Access::EvenSeeingAs {
        let sentence = "Vous regardez le site comme une autre personne : vous pouvez lire, pas modifier. \
                        Quittez cette vue avec le bandeau en haut de la page.";
        return Err(Box::new(PageError::from(Refusal::forbidden(sentence)).into_response()));
    }
    let refuse = |r: Refusal| Box::new(PageError::from(r).into_response());
    match (access, request.extensions().get::<ParJeton>()) {
        (Access::Jeton(verb, portee), Some(jeton)) => {
            if !jeton.portees.contains(&portee) {
                let phrase = format!("Ce jeton n’a pas la portée « {} ».", portee.key());
                return Err(refuse(Refusal::forbidden(phrase)));
            }
            viewer.actor.may(verb).map_err(refuse)
        }
        (Access::Jeton(..), None) => Err(Box::new(PageError::SignIn.into_response())),
        (_, Some(_)) => Err(refuse(Refusal::forbidden("Un jeton n’ouvre pas cette adresse."))),
        (Access::May(verb), None) => viewer.actor.may(verb).map_err(refuse),
        (Access::Public | Access::SignedIn | Access::EvenSeeingAs, None) => Ok(()),
    }
}

fn sign_in(request: &Request) -> Response {
    let path = request.uri().path_and_query().map_or("/", |p| p.as_str());
    if *request.method() == Method::GET && !path.starts_with("/api/") {
        let back: String =
            percent_encoding::utf8_percent_encode(path, percent_encoding::NON_ALPHANUMERIC).to_string();
        Redirect::to(&format!("/connexion?retour={back}")).into_response()
    } else {
        PageError::SignIn.into_response()
    }
}
