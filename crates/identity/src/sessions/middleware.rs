//! Finds who is behind each request.

use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use kernel::ids::CompteId;
use kernel::{Perimetre, Role};
use platform::web::saisie::AvecGardien;
use platform::web::{PageError, Viewer};

use super::cookies::Biscuit;
use super::model::Present;
use super::{actions, rules};
use crate::comptes::model::AttributionId;
use crate::saisies::actions::Garde;
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
    let eteinte = match &secret {
        Some(secret) if present.is_none() => match actions::eteinte(&id.site, secret).await {
            Ok(eteinte) => eteinte,
            Err(e) => return PageError::from(e).into_response(),
        },
        _ => None,
    };
    if let Some(gardien) = gardien(&id, &parts, present.as_ref(), eteinte) {
        parts.extensions.insert(gardien);
    }
    let known = present.is_some();
    if let Some(present) = present {
        if let Some(viewer) = viewer(&id, &present).await {
            parts.extensions.insert(viewer);
        }
        parts.extensions.insert(present);
    }
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if known {
        response.headers_mut().entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    } else if secret.is_some() && eteinte.is_none() && !sets_session(&id, &response) {
        // The cookie opens nothing any more: the browser may forget it. One that only time has ended still tells whose form
        // another tab may send.
        id.biscuits().clear(&mut response, Biscuit::Session);
    }
    response
}

/// Who keeps what the request typed, if it must wait: for the account signed in, or for the one that was.
fn gardien(
    id: &Identity,
    parts: &Parts,
    present: Option<&Present>,
    eteinte: Option<(CompteId, Option<AttributionId>)>,
) -> Option<AvecGardien> {
    let (compte, attribution) = match present {
        Some(p) if p.vue.is_none() => (p.compte.id, p.attribution),
        Some(_) => return None,
        None => eteinte?,
    };
    let garde = Garde {
        site: id.site.clone(),
        compte,
        attribution,
        reference: id.biscuits().read(parts, Biscuit::Saisie),
        vivante: present.is_some(),
    };
    (parts.method == Method::POST).then(|| AvecGardien(Arc::new(garde)))
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

/// The role as people read it: one that names an organisation in whose name mandats are made names it in words.
pub(crate) async fn libelle(id: &Identity, role: Role, perimetre: &Perimetre) -> String {
    let nomme = matches!(role, Role::Aidant | Role::Referent | Role::AidantReferent)
        && matches!(perimetre, Perimetre::Structures(ids) if ids.len() == 1);
    if let Some(repertoire) = id.repertoire.as_deref().filter(|_| nomme)
        // The directory away, the role is shown without its name.
        && let Ok(noms) = repertoire.abrege(perimetre).await
        && let Some((_, nom)) = noms.first()
    {
        return labels::role_nomme(role, nom);
    }
    labels::role(role, perimetre)
}

async fn viewer(id: &Identity, p: &Present) -> Option<Viewer> {
    let actor = p.actor.clone()?;
    let role = libelle(id, actor.role, &actor.perimetre).await;
    let others = if p.vue.is_some() { &[][..] } else { &p.roles[..] };
    let mut autres_roles = Vec::new();
    for r in others.iter().filter(|r| Some(r.id) != p.attribution) {
        autres_roles.push((r.id.to_string(), libelle(id, r.role, &r.perimetre).await));
    }
    Some(Viewer {
        nom: p.compte.nom.clone(),
        role,
        autres_roles,
        vu_comme: p.vue.as_ref().map(|r| r.vu.nom.clone()),
        apres_silence: p.session.reprise_le.is_some(),
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
