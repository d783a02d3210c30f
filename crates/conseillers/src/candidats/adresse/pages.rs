//! Pages of a change of address.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use kernel::{Email, Refusal, Verb};
use platform::web::{
    Access, FormState, Formulaire, PageResult, Routes, Shell, page, page_with, see_other_saying,
};

use super::super::espace::actions::la_mienne;
use crate::{Conseillers, Failure};

const BASE: &str = "/mon-espace/adresse";
const LIEN: &str = "/candidature/adresse/{secret}";
const MOI: Access = Access::May(Verb::TenirCandidature);

/// Every page, with its access.
pub(in crate::candidats) fn routes(conseillers: Conseillers) -> Routes<()> {
    Routes::new()
        .get(BASE, MOI, montrer)
        .post(BASE, MOI, demander)
        .post("/mon-espace/adresse/annuler", MOI, annuler)
        .get(LIEN, Access::Public, confirmation)
        .post(LIEN, Access::Public, confirmer)
        .with_state(conseillers)
}

#[derive(Template)]
#[template(path = "candidats/adresse/page.html")]
struct Page {
    shell: Shell,
    form: FormState,
    actuelle: String,
    attente: Option<(String, DateTime<Utc>)>,
}

async fn montre(cx: &Conseillers, status: StatusCode, shell: Shell, form: FormState) -> PageResult {
    let conn = cx.site.db.read();
    let c = la_mienne(conn, shell.actor()?).await?;
    let attente = super::en_attente(conn, c.id, cx.site.clock.now()).await?;
    page_with(status, &Page { shell, form, actuelle: c.fiche.courriel.to_string(), attente })
}

async fn montrer(State(cx): State<Conseillers>, shell: Shell) -> PageResult {
    montre(&cx, StatusCode::OK, shell, FormState::default()).await
}

async fn demander(
    State(cx): State<Conseillers>,
    shell: Shell,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let actor = shell.actor()?.clone();
    let c = la_mienne(cx.site.db.read(), &actor).await?;
    if form.get("courriel").is_empty() {
        form.refuse("courriel", "Écrivez votre nouvelle adresse électronique.");
    }
    if let Some(courriel) = form.parse("courriel", Email::parse) {
        match super::demander(&cx, &actor, &c, courriel).await {
            Ok(()) => {
                return Ok(see_other_saying(
                    BASE,
                    "Un message vient de partir à la nouvelle adresse. Ouvrez le lien qu’il contient pour confirmer.",
                ));
            }
            Err(Failure::Refusal(refus @ Refusal::Fields(_))) => form.take(refus)?,
            Err(autre) => return Err(autre.into()),
        }
    }
    montre(&cx, StatusCode::UNPROCESSABLE_ENTITY, shell, form).await
}

async fn annuler(State(cx): State<Conseillers>, shell: Shell) -> PageResult {
    let c = la_mienne(cx.site.db.read(), shell.actor()?).await?;
    super::annuler(&cx, shell.actor()?, &c).await?;
    Ok(see_other_saying(BASE, "Le changement d’adresse est annulé : le lien ne sert plus."))
}

#[derive(Template)]
#[template(path = "candidats/adresse/confirmer.html")]
struct Confirmer {
    shell: Shell,
    /// The reference and the new address; none when the link is over.
    changement: Option<(String, Email)>,
    adresse: String,
}

async fn confirmation(State(cx): State<Conseillers>, shell: Shell, Path(recu): Path<String>) -> PageResult {
    let adresse = shell.path.clone();
    match super::a_confirmer(&cx.site, &recu).await {
        Ok(changement) => page(&Confirmer { shell, changement: Some(changement), adresse }),
        Err(Failure::Refusal(Refusal::NotFound)) => {
            page_with(StatusCode::NOT_FOUND, &Confirmer { shell, changement: None, adresse })
        }
        Err(autre) => Err(autre.into()),
    }
}

async fn confirmer(State(cx): State<Conseillers>, Path(recu): Path<String>) -> PageResult {
    super::confirmer(&cx.site, &recu).await?;
    Ok(see_other_saying(
        "/mon-espace",
        "Votre adresse est changée, pour votre candidature et pour vous connecter.",
    ))
}
