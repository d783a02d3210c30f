//! The web, set up once: routes with their access, pages with their layout, forms, errors as
//! pages, security headers, files.

pub mod access;
pub mod assets;
mod attente;
mod cadre;
pub mod error;
pub mod export;
pub mod fichier;
pub mod form;
pub mod freins;
mod headers;
mod host;
pub mod observe;
pub mod pagination;
mod patience;
pub mod qr;
mod routes;
pub mod saisie;
mod serve;
pub mod shell;
mod typographie;

pub use access::{Access, PREUVE, ParJeton, RouteInfo, exige_preuve, exige_preuve_puis_relire, vers_preuve};
pub use attente::Attente;
pub use error::{PageError, PageResult};
pub use export::{Exports, LOT, Liste, Lot};
pub use form::{FormState, Formulaire, Requete};
pub use headers::{Framing, SendsTo};
pub use pagination::Pagination;
pub use routes::Routes;
pub use serve::{Stack, finish, serve};
pub use shell::{NavEntry, Shell, Viewer};

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};

/// A page, 200.
///
/// # Errors
/// When the template fails, which is a defect.
pub fn page(template: &impl Template) -> PageResult {
    page_with(StatusCode::OK, template)
}

/// A page with that status: 422 for a form that is shown again.
///
/// # Errors
/// When the template fails, which is a defect.
pub fn page_with(status: StatusCode, template: &impl Template) -> PageResult {
    let html = typographie::insecables(form::names_fields(template.render().map_err(PageError::internal)?));
    Ok((status, Html(html)).into_response())
}

/// After a change: 303 to a page that shows it.
pub fn see_other(path: &str) -> Response {
    Redirect::to(path).into_response()
}

/// After a change: 303, with a sentence that the next page shows once.
pub fn see_other_saying(path: &str, sentence: &str) -> Response {
    saying(path, &shell::Flash::Done(sentence.to_owned()))
}

/// The same when nothing was done: the next page shows the sentence as a warning.
pub fn see_other_warning(path: &str, sentence: &str) -> Response {
    saying(path, &shell::Flash::Warning(sentence.to_owned()))
}

fn saying(path: &str, flash: &shell::Flash) -> Response {
    let mut response = see_other(path);
    shell::set_flash(&mut response, flash);
    response
}
