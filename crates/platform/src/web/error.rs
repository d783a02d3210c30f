//! Errors as pages: a handler returns one with `?`, a layer dresses it with the layout, or as JSON
//! under `/api/`.

use askama::Template;
use axum::Json;
use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use kernel::Refusal;
use sea_orm::DbErr;
use tower_http::csrf::ProtectionError;

use super::shell::{self, Shell};

/// What a handler answers when it cannot answer a page.
#[derive(Debug)]
pub enum PageError {
    /// A rule said no.
    Refusal(Refusal),
    /// Nobody is signed in.
    SignIn,
    /// The request itself is wrong: 400 and a sentence.
    BadRequest(String),
    /// Another refusal of HTTP, with its status and a sentence: 412, 428…
    Http(StatusCode, String),
    /// Something else comes first, on that page of this site: 303.
    Ailleurs(String),
    /// A fresh proof comes first, on that page of this site: 303, and what a form holds is kept meanwhile.
    Preuve(String),
    /// Too many requests from one address.
    TooMany,
    /// The database, or a service that the page needs, is away.
    Unavailable,
    /// A defect: told to the operator, not to the visitor.
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

/// What handlers of pages return.
pub type PageResult = Result<Response, PageError>;

impl PageError {
    /// A defect.
    pub fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(error.into())
    }

    /// Nothing of that name.
    pub fn not_found() -> Self {
        Self::Refusal(Refusal::NotFound)
    }
}

impl From<Refusal> for PageError {
    fn from(refusal: Refusal) -> Self {
        Self::Refusal(refusal)
    }
}

impl From<DbErr> for PageError {
    fn from(error: DbErr) -> Self {
        if crate::db::is_unavailable(&error) { Self::Unavailable } else { Self::internal(error) }
    }
}

/// What the layer finds on a response that it must dress.
#[derive(Clone, Debug)]
struct Undressed {
    sentence: Option<String>,
    /// Fields that do not hold what they should, each with its sentence.
    fields: Vec<(String, String)>,
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let fields = match &self {
            Self::Refusal(Refusal::Fields(fields)) => fields.clone(),
            _ => Vec::new(),
        };
        let (status, sentence) = match self {
            Self::Ailleurs(path) => return super::see_other(&path),
            Self::Preuve(path) => {
                let mut response = super::see_other(&path);
                response.extensions_mut().insert(super::saisie::PreuveDemandee);
                return response;
            }
            Self::Refusal(Refusal::Forbidden(s)) => (StatusCode::FORBIDDEN, Some(s)),
            Self::Refusal(Refusal::NotFound) => (StatusCode::NOT_FOUND, None),
            Self::Refusal(r @ Refusal::Fields(_)) => (StatusCode::UNPROCESSABLE_ENTITY, Some(r.to_string())),
            Self::Refusal(Refusal::Conflict(s)) => (StatusCode::CONFLICT, Some(s)),
            Self::SignIn => (StatusCode::UNAUTHORIZED, None),
            Self::BadRequest(s) => (StatusCode::BAD_REQUEST, Some(s)),
            Self::Http(status, s) => (status, Some(s)),
            Self::TooMany => (StatusCode::TOO_MANY_REQUESTS, None),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, None),
            Self::Internal(error) => {
                tracing::error!(error = %error, "a page failed");
                (StatusCode::INTERNAL_SERVER_ERROR, None)
            }
        };
        let mut response = status.into_response();
        response.extensions_mut().insert(Undressed { sentence, fields });
        response
    }
}

#[derive(Template)]
#[template(path = "erreur.html")]
struct ErrorPage {
    shell: Shell,
    status: u16,
    titre: &'static str,
    sentence: String,
}

/// Title and sentence of each status, in plain French.
fn words(status: StatusCode) -> (&'static str, &'static str) {
    match status {
        StatusCode::BAD_REQUEST => (
            "Demande incomprise",
            "L’adresse ou le formulaire contient quelque chose que nous ne comprenons pas.",
        ),
        StatusCode::UNAUTHORIZED => (
            "Connexion nécessaire",
            "Connectez-vous, puis recommencez. Si vous veniez d’envoyer un formulaire, il n’a pas été enregistré : revenez en arrière pour recopier ce que vous aviez saisi, avant de vous connecter.",
        ),
        StatusCode::FORBIDDEN => ("Action non permise", "Votre rôle ne permet pas cette action."),
        StatusCode::NOT_FOUND => (
            "Page introuvable",
            "Cette page n’existe pas ou n’existe plus. Vérifiez l’adresse, ou repartez de l’accueil.",
        ),
        StatusCode::METHOD_NOT_ALLOWED => {
            ("Page introuvable", "Cette adresse ne se lit pas ainsi. Repartez de l’accueil.")
        }
        StatusCode::CONFLICT => {
            ("Impossible pour le moment", "Cette fiche a changé entre-temps. Rechargez la page.")
        }
        StatusCode::PRECONDITION_FAILED => {
            ("Fiche modifiée entre-temps", "Cette fiche a changé depuis votre lecture. Lisez-la de nouveau.")
        }
        StatusCode::PRECONDITION_REQUIRED => {
            ("Version attendue", "Donnez la version que vous avez lue, dans l’en-tête « If-Match ».")
        }
        StatusCode::PAYLOAD_TOO_LARGE => {
            ("Envoi trop lourd", "Ce que vous envoyez dépasse la taille permise.")
        }
        StatusCode::MISDIRECTED_REQUEST => {
            ("Adresse inconnue", "Ce site ne répond pas à l’adresse demandée.")
        }
        StatusCode::TOO_MANY_REQUESTS => {
            ("Trop de demandes", "Vous avez fait beaucoup de demandes en peu de temps. Attendez une minute.")
        }
        StatusCode::SERVICE_UNAVAILABLE => (
            "Service momentanément indisponible",
            "Le service ne peut pas répondre en ce moment. Réessayez dans une minute : rien de ce qui était enregistré n’est perdu.",
        ),
        s if s.is_client_error() => {
            ("Demande refusée", "Cette demande ne peut pas être traitée telle quelle.")
        }
        _ => (
            "Erreur de notre côté",
            "Quelque chose n’a pas fonctionné chez nous. Réessayez ; si cela dure, prévenez-nous.",
        ),
    }
}

/// Dresses every bare error: those of handlers, of extractors, of the router itself.
pub(super) async fn dress(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let shell = Shell::of(&parts);
    let said = shell::has_flash(&parts);
    let api = parts.uri.path().starts_with("/api/");
    let mut response = next.run(Request::from_parts(parts, body)).await;
    let status = response.status();
    if said && status.is_success() {
        shell::clear_flash(&mut response);
    }
    let undressed = response.extensions_mut().remove::<Undressed>();
    let already = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .is_some_and(|t| t.starts_with("text/html") || t.starts_with("application/"));
    if !(status.is_client_error() || status.is_server_error()) || (undressed.is_none() && already) {
        return response;
    }
    let foreign = response.extensions().get::<ProtectionError>().is_some();
    let (titre, default) = if foreign { AILLEURS } else { words(status) };
    let (sentence, fields) = undressed.map_or((None, Vec::new()), |u| (u.sentence, u.fields));
    let default = if api && status == StatusCode::UNAUTHORIZED { SANS_JETON } else { default };
    let sentence = sentence.unwrap_or_else(|| default.to_owned());
    let mut dressed = if api {
        problem(status, titre, &sentence, &fields)
    } else {
        match (ErrorPage { shell, status: status.as_u16(), titre, sentence }).render() {
            Ok(html) => (status, Html(super::typographie::insecables(html))).into_response(),
            Err(_) => (status, titre).into_response(),
        }
    };
    for (name, value) in response.headers() {
        if name != CONTENT_TYPE && name != axum::http::header::CONTENT_LENGTH {
            dressed.headers_mut().append(name, value.clone());
        }
    }
    if status == StatusCode::SERVICE_UNAVAILABLE || status == StatusCode::TOO_MANY_REQUESTS {
        dressed.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("30"));
    }
    dressed
}

/// What was sent by a page of another site, or by one of ours under another name.
const AILLEURS: (&str, &str) = (
    "Demande venue d’ailleurs",
    "Cette demande vient d’un autre site, ou d’une page ouverte à une autre adresse : rien n’a été enregistré. Revenez sur la \
     page, rechargez-la, puis recommencez.",
);

const SANS_JETON: &str = "Cette adresse demande un jeton personnel valable, dans l’en-tête « Authorization: Bearer ». On \
                          en crée dans son compte, à la page « Jetons »; il peut avoir expiré ou avoir été retiré.";

/// An error of the API, as RFC 9457 wants it.
fn problem(status: StatusCode, title: &str, detail: &str, fields: &[(String, String)]) -> Response {
    let mut body = serde_json::json!({
        "type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail,
    });
    if !fields.is_empty() {
        let fields =
            fields.iter().map(|(champ, phrase)| serde_json::json!({ "champ": champ, "detail": phrase }));
        body["champs"] = fields.collect();
    }
    let mut response = (status, Json(body)).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// The page of a panic: as any defect.
pub(super) fn panicked(_: Box<dyn std::any::Any + Send + 'static>) -> Response {
    PageError::internal("a handler panicked").into_response()
}
