//! What was typed in a form that cannot be taken yet: the session is over, or a fresh proof is asked for first. The guard of
//! the route holds the form until its answer is known, and then gives it to who keeps it, so that nobody types it twice.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use bytes::Bytes;

use super::PageError;
use super::access::PREUVE;

/// The longest form that is kept.
const LIMITE: usize = 64 * 1024;

/// Fields that prove who somebody is: never kept, whatever the form.
pub const SECRETS: [&str; 5] = ["mot_de_passe", "code", "secours", "suivant", "graine"];

/// A form that waits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Saisie {
    /// Where it was sent, with its query.
    pub chemin: String,
    /// What was typed, without the secrets.
    pub champs: Vec<(String, String)>,
    /// Whether a secret was typed too, to be typed again.
    pub sans_secret: bool,
}

/// What the form waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Attend {
    /// Somebody to sign in.
    Connexion,
    /// A fresh proof.
    Preuve,
}

/// What the keeper will answer: a response in place of the route's, or nothing.
pub type Gardee<'a> = Pin<Box<dyn Future<Output = Option<Response>> + Send + 'a>>;

/// Keeps forms of one browser. `identity` puts one among the extensions of the request, when it knows whose it is.
pub trait Gardien: Send + Sync {
    /// Keeps the form, and answers where to go; nothing when it is not to be kept.
    fn garder(&self, saisie: Saisie, attend: Attend) -> Gardee<'_>;
}

/// The keeper of a request.
#[derive(Clone)]
pub struct AvecGardien(pub Arc<dyn Gardien>);

/// Put among the extensions of an answer that asks for a proof before it takes a form.
#[derive(Clone, Copy, Debug)]
pub(super) struct PreuveDemandee;

/// A form held while its route answers.
pub(super) struct Tenue {
    gardien: Arc<dyn Gardien>,
    chemin: String,
    corps: Bytes,
}

/// Holds the form of the request, when somebody may keep it.
pub(super) async fn tenir(request: Request) -> Result<(Request, Option<Tenue>), PageError> {
    let gardien = request.extensions().get::<AvecGardien>().map(|g| g.0.clone());
    let Some(gardien) = gardien.filter(|_| ordinaire(&request)) else { return Ok((request, None)) };
    let (parts, body) = request.into_parts();
    let corps = to_bytes(body, LIMITE).await.map_err(|_| {
        PageError::BadRequest("Le formulaire n’a pas pu être lu en entier. Recommencez.".to_owned())
    })?;
    let chemin = parts.uri.path_and_query().map_or("/", |p| p.as_str()).to_owned();
    let tenue = Tenue { gardien, chemin, corps: corps.clone() };
    Ok((Request::from_parts(parts, Body::from(corps)), Some(tenue)))
}

/// Whether it is a form of a page, without a file, and short. The page of proofs asks for nothing but secrets.
fn ordinaire(request: &Request) -> bool {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    *request.method() == Method::POST
        && kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
        && request.body().size_hint().upper().is_some_and(|n| n <= LIMITE as u64)
        && request.uri().path() != PREUVE
}

/// The answer of the route, or that of the keeper when the form must wait.
pub(super) async fn rendre(tenue: Option<Tenue>, response: Response) -> Response {
    let attend = if response.extensions().get::<PreuveDemandee>().is_some() {
        Attend::Preuve
    } else if response.status() == StatusCode::UNAUTHORIZED {
        Attend::Connexion
    } else {
        return response;
    };
    let Some(tenue) = tenue else { return response };
    let (secrets, champs): (Vec<_>, Vec<_>) =
        super::form::champs(&tenue.corps).partition(|(nom, _)| SECRETS.contains(&nom.as_str()));
    let saisie = Saisie { chemin: tenue.chemin, champs, sans_secret: !secrets.is_empty() };
    tenue.gardien.garder(saisie, attend).await.unwrap_or(response)
}
