//! The browser of a request: a secret in a cookie, its print in the row.

use axum::http::request::Parts;
use axum::response::Response;
use platform::web::shell::{append_cookie, cookie};

use super::Fournisseur;

const BISCUIT: &str = "maillage-fournisseur";
/// As long as a request may wait, and a little more; given anew to each request.
const BISCUIT_S: i64 = 3600;

fn nom_du_biscuit(f: &Fournisseur) -> String {
    let https = f.m.site.config.serveur.origine.starts_with("https:");
    if https { format!("__Host-{BISCUIT}") } else { BISCUIT.to_owned() }
}

/// The secret of this browser, and whether it was just made.
pub(super) fn navigateur(f: &Fournisseur, parts: &Parts) -> (String, bool) {
    match cookie(parts, &nom_du_biscuit(f)).filter(|v| v.len() == 64) {
        Some(secret) => (secret.to_owned(), false),
        None => (f.m.site.chance.secret(), true),
    }
}

/// What is stored of the secret of a request that came as a form, until its browser is known.
pub(super) fn relais(f: &Fournisseur, secret: &str) -> String {
    f.m.site.secrets.fingerprint("fournisseur.relais", secret)
}

/// What is stored of it.
pub(super) fn empreinte(f: &Fournisseur, secret: &str) -> String {
    f.m.site.secrets.fingerprint("fournisseur.navigateur", secret)
}

/// Gives the browser its secret.
pub(super) fn pose(f: &Fournisseur, response: &mut Response, secret: &str) {
    let secure = if f.m.site.config.serveur.origine.starts_with("https:") { "; Secure" } else { "" };
    let nom = nom_du_biscuit(f);
    append_cookie(
        response,
        &format!("{nom}={secret}; Path=/; HttpOnly; SameSite=Lax; Max-Age={BISCUIT_S}{secure}"),
    );
}
