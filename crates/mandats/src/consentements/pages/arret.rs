//! The page where a person says that they want no more messages, from the link of any of them.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use identity::secrets::link::Secret;
use platform::web::{Formulaire, PageError, PageResult, Shell, page_with, see_other};

use super::super::arret::{self, Lien};
use crate::Mandats;
use crate::discret::discret;

#[derive(Template)]
#[template(path = "consentements/pages/arret.html")]
struct Arret {
    shell: Shell,
    lien: Lien,
    adresse: String,
}

fn montre(shell: Shell, lien: Lien, secret: Option<&Secret>) -> PageResult {
    let status = if lien == Lien::Mort { StatusCode::NOT_FOUND } else { StatusCode::OK };
    let adresse = secret.map(arret::chemin).unwrap_or_default();
    page_with(status, &Arret { shell, lien, adresse }).map(discret)
}

/// Reading changes nothing: programs that scan messages follow links.
pub(super) async fn lire(State(m): State<Mandats>, shell: Shell, Path(secret): Path<String>) -> PageResult {
    let secret = Secret::parse(&secret);
    let lien = match &secret {
        Some(secret) => arret::du_lien(&m, secret).await?,
        None => Lien::Mort,
    };
    montre(shell, lien, secret.as_ref())
}

/// The button; or the one that a mail program shows, which sends this very form and follows no other answer (RFC 8058).
pub(super) async fn arreter(
    State(m): State<Mandats>,
    shell: Shell,
    Path(secret): Path<String>,
    Formulaire(form): Formulaire,
) -> PageResult {
    let Some(secret) = Secret::parse(&secret) else { return Err(PageError::not_found()) };
    let lien = arret::par_lien(&m, &secret).await?;
    if form.get("List-Unsubscribe") == "One-Click" {
        return montre(shell, lien, Some(&secret));
    }
    Ok(discret(see_other(&arret::chemin(&secret))))
}
