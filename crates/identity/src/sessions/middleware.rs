//! Finds who is behind each request.

use axum::Router;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::HeaderValue;
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL};
use axum::http::request::Parts;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use platform::web::{PageError, Viewer};

use super::cookies::Biscuit;
use super::model::Present;
use super::{actions, rules};
use crate::{Identity, jetons, labels};

impl Identity {
    /// The layer that `web::finish` puts around the routes: it finds the session of the cookie and
    /// gives the request its [`Present`] and, when the person has a role, its [`Viewer`].
    pub fn layer(&self) -> impl FnOnce(Router) -> Router {
        let identity = self.clone();
        move |router| router.layer(from_fn_with_state(identity, find))
    }
}

async fn find(State(id): State<Identity>, request: Request, next: Next) -> Response {
    if request.uri().path().starts_with("/assets/") {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    // A program shows a token; its cookies, if it has any, count for nothing.
    if let Some(montre) = porteur(&parts) {
        return match jetons::actions::porteur(&id.site, montre).await {
            Ok(Some((viewer, jeton))) => {
                if !id.site.limits.admit_token(jeton.id) {
                    return PageError::TooMany.into_response();
                }
                parts.extensions.insert(viewer);
                parts.extensions.insert(jeton);
                let mut response = next.run(Request::from_parts(parts, body)).await;
                response.headers_mut().entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
                response
            }
            Ok(None) => PageError::SignIn.into_response(),
            Err(e) => PageError::from(e).into_response(),
        };
    }
    let secret = id.biscuits().read(&parts, Biscuit::Session);
    let present = match &secret {
        Some(secret) => match actions::present(&id.site, secret).await {
            Ok(present) => present,
            Err(e) => return PageError::from(e).into_response(),
        },
        None => None,
    };
    let known = present.is_some();
    if let Some(present) = present {
        if let Some(viewer) = viewer(&id, &present) {
            parts.extensions.insert(viewer);
        }
        parts.extensions.insert(present);
    }
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if known {
        response.headers_mut().entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    } else if secret.is_some() && !sets_session(&id, &response) {
        // The cookie opens nothing any more: the browser may forget it.
        id.biscuits().clear(&mut response, Biscuit::Session);
    }
    response
}

/// What the request shows as a token, on the addresses of the API.
fn porteur(parts: &Parts) -> Option<&str> {
    let montre = parts.headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (genre, jeton) = montre.split_once(' ')?;
    (parts.uri.path().starts_with("/api/") && genre.eq_ignore_ascii_case("bearer")).then(|| jeton.trim())
}

fn sets_session(id: &Identity, response: &Response) -> bool {
    id.biscuits().is_set(response, Biscuit::Session)
}

fn viewer(id: &Identity, p: &Present) -> Option<Viewer> {
    let actor = p.actor.clone()?;
    let role = labels::role(actor.role, &actor.perimetre);
    let others = if p.vue.is_some() { &[][..] } else { &p.roles[..] };
    Some(Viewer {
        nom: p.compte.nom.clone(),
        role,
        autres_roles: others
            .iter()
            .filter(|r| Some(r.id) != p.attribution)
            .map(|r| (r.id.to_string(), labels::role(r.role, &r.perimetre)))
            .collect(),
        vu_comme: p.vue.as_ref().map(|r| r.vu.nom.clone()),
        prouve_le: match p.vue {
            Some(_) => None,
            None => rules::prouve_le(&p.session, id.proconnect.as_ref().is_some_and(|c| c.mfa())),
        },
        actor,
    })
}

impl<S: Sync> FromRequestParts<S> for Present {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, PageError> {
        parts.extensions.get::<Self>().cloned().ok_or(PageError::SignIn)
    }
}

impl From<crate::Error> for PageError {
    fn from(error: crate::Error) -> Self {
        match error {
            crate::Error::Refused(r) => Self::Refusal(r),
            crate::Error::Db(e) => e.into(),
            crate::Error::Busy(_) => Self::Unavailable,
            crate::Error::Seal(e) => {
                tracing::error!(error = %e, "a secret cannot be sealed or opened");
                Self::Refusal(kernel::Refusal::conflict(
                    "Ce site n’est pas encore réglé pour garder vos moyens de connexion. Prévenez la personne qui \
                     l’exploite : la clé « cles.secret » de la configuration manque, ou elle a changé.",
                ))
            }
        }
    }
}
