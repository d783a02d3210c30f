//! Pages of the way to ProConnect and back.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::header::{HeaderName, REFERRER_POLICY};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use platform::web::{Access, PageError, PageResult, Requete, Routes, Shell};
use platform::web::{page, page_with, see_other, see_other_saying};

use super::actions::{self, But, Fin, Parametres, Retour};
use super::client::Echec;
use crate::Identity;
use crate::comptes::pages::{own, renewed};
use crate::connexion::liens;
use crate::connexion::pages::{no_store, signed_in};
use crate::connexion::store::Genre;
use crate::secrets::link::Secret;
use crate::sessions::actions::place_jeton;
use crate::sessions::cookies::{Biscuit, Navigateur};
use crate::sessions::model::{Present, Session};
use crate::sessions::rules::suite_locale;

pub(crate) fn routes() -> Routes<Identity> {
    use Access::{Public, SignedIn};
    Routes::new()
        .get("/compte/preuve/proconnect", SignedIn, depart_preuve)
        .get("/connexion/proconnect", Public, depart)
        .get("/connexion/retour", Public, retour)
        .get("/invitation/{jeton}/proconnect", Public, depart_invitation)
        .get("/deconnexion/retour", Public, sorti)
        .get("/connexion/proconnect/jwks", Public, jwks)
}

/// The public key with which we prove to ProConnect who we are, for its team to read.
async fn jwks(State(id): State<Identity>) -> PageResult {
    let cles = id.proconnect.as_ref().and_then(|c| c.cles_publiques()).ok_or_else(PageError::not_found)?;
    Ok(([(axum::http::header::CACHE_CONTROL, "public, max-age=300")], axum::Json(cles)).into_response())
}

#[derive(Template)]
#[template(path = "proconnect/pages/echec.html")]
struct EchecPage {
    shell: Shell,
    titre: &'static str,
    phrase: &'static str,
}

/// What went wrong, for the person: what it is, and what to do.
fn words(r: &Retour) -> (StatusCode, &'static str, &'static str) {
    match r {
        Retour::Inconnu => (
            StatusCode::BAD_REQUEST,
            "Connexion interrompue",
            "Cette connexion est trop ancienne, a déjà servi, ou a été commencée dans un autre navigateur. Recommencez depuis le début.",
        ),
        Retour::SansCompte => (
            StatusCode::FORBIDDEN,
            "Aucun compte pour cette identité",
            "Votre identité ProConnect n’est liée à aucun compte ouvert ici. Si vous avez reçu une invitation, ouvrez son lien et choisissez ProConnect ; sinon, demandez une invitation à la personne qui administre votre structure ou votre territoire.",
        ),
        Retour::AutreAdresse => (
            StatusCode::FORBIDDEN,
            "Autre adresse que celle de l’invitation",
            "L’adresse que donne ProConnect n’est pas celle de l’invitation. Choisissez un mot de passe ou une clé d’accès, ou demandez une invitation à votre adresse professionnelle.",
        ),
        Retour::DejaLiee => (
            StatusCode::CONFLICT,
            "Identité déjà liée",
            "Cette identité ProConnect ouvre déjà un autre compte. Connectez-vous avec elle, ou choisissez un autre moyen pour cette invitation.",
        ),
        Retour::AutrePersonne => (
            StatusCode::FORBIDDEN,
            "Ce n’est pas votre identité",
            "L’identité que donne ProConnect n’est pas celle qui est liée à votre compte : elle ne prouve pas que c’est bien vous. Recommencez avec la vôtre.",
        ),
        Retour::Echec(Echec::Ancienne) => (
            StatusCode::FORBIDDEN,
            "ProConnect ne vous a pas demandé de vous identifier de nouveau",
            "Sa réponse ne montre pas que vous venez de vous identifier : elle ne peut pas servir de preuve. Recommencez ; si cela dure, déconnectez-vous, puis reconnectez-vous.",
        ),
        Retour::Echec(Echec::Niveau) => (
            StatusCode::FORBIDDEN,
            "Connexion à deux facteurs nécessaire",
            "Votre fournisseur d’identité ne vous a pas demandé de second facteur. Activez la double authentification auprès de lui, ou utilisez un mot de passe et une application de codes.",
        ),
        Retour::Echec(Echec::Refuse(why)) if why == "access_denied" => (
            StatusCode::FORBIDDEN,
            "ProConnect n’a pas abouti",
            "Vous avez renoncé, ou votre fournisseur d’identité ne permet pas la connexion à deux facteurs que nous demandons. Recommencez, ou choisissez un autre moyen de connexion.",
        ),
        Retour::Echec(Echec::Injoignable(_)) => (
            StatusCode::BAD_GATEWAY,
            "ProConnect ne répond pas",
            "Le service ProConnect ne répond pas en ce moment. Réessayez dans quelques minutes, ou choisissez un autre moyen de connexion.",
        ),
        Retour::Echec(Echec::Reglages(_)) => (
            StatusCode::BAD_GATEWAY,
            "ProConnect et ce site ne sont pas réglés de la même façon",
            "La connexion par ProConnect ne peut pas se faire. Prévenez la personne qui tient ce site : elle doit revoir ses réglages « proconnect ». En attendant, choisissez un autre moyen de connexion.",
        ),
        Retour::Echec(_) | Retour::Nous(_) => (
            StatusCode::BAD_REQUEST,
            "Connexion refusée",
            "La réponse reçue n’a pas passé nos vérifications : par prudence, personne n’est connecté. Recommencez ; si cela dure, prévenez-nous.",
        ),
    }
}

fn failed(shell: Shell, error: Retour) -> PageResult {
    if let Retour::Nous(e) = error {
        return Err(PageError::from(e));
    }
    tracing::warn!(reason = %error, "a sign-in at ProConnect failed");
    let (status, titre, phrase) = words(&error);
    page_with(status, &EchecPage { shell, titre, phrase })
}

async fn depart(
    State(id): State<Identity>,
    shell: Shell,
    nav: Navigateur,
    Requete(query): Requete,
) -> PageResult {
    let suite = suite_locale(Some(query.get("retour")));
    leave(&id, shell, &nav, &suite, But::Entrer).await
}

/// A fresh proof of who is signed in: who has no other factor has this one.
async fn depart_preuve(
    State(id): State<Identity>,
    shell: Shell,
    present: Present,
    nav: Navigateur,
    Requete(query): Requete,
) -> PageResult {
    own(&present)?;
    let suite = suite_locale(Some(query.get("retour")));
    leave(&id, shell, &nav, &suite, But::Prouver(present.session.id)).await
}

async fn depart_invitation(
    State(id): State<Identity>,
    shell: Shell,
    nav: Navigateur,
    Path(jeton): Path<String>,
) -> PageResult {
    let (lien, _) = liens::find(&id.site, Genre::Invitation, &jeton).await?;
    leave(&id, shell, &nav, "/compte", But::Lier(lien.id)).await
}

async fn leave(id: &Identity, shell: Shell, nav: &Navigateur, suite: &str, but: But) -> PageResult {
    match actions::begin(id, nav, suite, but).await {
        Ok((url, browser)) => {
            let mut response = see_other(url.as_str());
            id.biscuits().set(&mut response, Biscuit::ProConnect, &browser);
            Ok(no_referrer(response))
        }
        Err(e) => failed(shell, e),
    }
}

async fn retour(
    State(id): State<Identity>,
    shell: Shell,
    nav: Navigateur,
    present: Option<axum::Extension<Present>>,
    Requete(query): Requete,
) -> PageResult {
    let one = |name: &str| {
        let mut all = query.values().iter().filter(|(k, _)| k == name).map(|(_, v)| v.clone());
        let first = all.next();
        (first, all.next().is_some())
    };
    let ((state, s), (code, c), (iss, i), (error, e)) = (one("state"), one("code"), one("iss"), one("error"));
    if s || c || i || e {
        // A parameter given twice is somebody's game.
        return failed(shell, Retour::Inconnu).map(no_referrer);
    }
    let present = present.as_deref();
    match actions::finish(&id, &nav, present, &Parametres { state, code, iss, error }).await {
        Ok((Fin::Entree(ouverture), suite)) => Ok(no_referrer(signed_in(&id, see_other(&suite), &ouverture))),
        Ok((Fin::Preuve(secret), suite)) => Ok(no_referrer(renewed(&id, &suite, &secret))),
        Err(e) => failed(shell, e).map(no_referrer),
    }
}

/// The address of the return holds a code: no other page is told of it.
fn no_referrer(mut response: Response) -> Response {
    let name: HeaderName = REFERRER_POLICY;
    response.headers_mut().insert(name, HeaderValue::from_static("no-referrer"));
    no_store(response)
}

#[derive(Template)]
#[template(path = "proconnect/pages/sortie.html")]
struct Sortie {
    shell: Shell,
    url: String,
}

/// After our own session is closed: the page that goes on to ProConnect, so that the session there
/// closes too. A page and not a redirection: browsers hold the targets of a form to our own site.
pub(crate) async fn sortie(id: &Identity, shell: Shell, session: &Session) -> PageResult {
    let bye = || Ok(see_other_saying("/", "Vous êtes déconnecté."));
    let (Some(client), Some(sealed)) = (&id.proconnect, &session.jeton) else { return bye() };
    let Ok(jeton) = id.site.secrets.open(&place_jeton(session.id), sealed) else { return bye() };
    let state = Secret::new(&id.site.chance);
    match client.logout(&String::from_utf8_lossy(&jeton), state.expose()).await {
        Some(url) => {
            // The person is no longer signed in: the page must not show them as if they were.
            let mut shell = shell;
            shell.viewer = None;
            page(&Sortie { shell, url: url.to_string() }).map(no_referrer)
        }
        None => bye(),
    }
}

/// Where ProConnect sends the browser back to: nothing is done here, so nothing can be forged.
async fn sorti() -> Response {
    see_other_saying("/", "Vous êtes déconnecté, de ProConnect aussi.")
}
