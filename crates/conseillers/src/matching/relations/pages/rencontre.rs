//! The link that somebody met elsewhere received.

use annuaire::structures::{Ids, StructureId};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::{Email, Refusal};
use platform::web::{Formulaire, PageResult, Shell, page, page_with, see_other_saying};

use super::{LISTE, MIENS, liste};
use crate::matching::relations::rencontre;
use crate::{Conseillers, Failure};

#[derive(Template)]
#[template(path = "matching/relations/pages/rencontre.html")]
struct Page {
    shell: Shell,
    /// The structure that asks; none when the link is over, or somebody else's.
    structure: Option<String>,
    adresse: String,
}

pub(super) async fn question(
    State(cx): State<Conseillers>,
    shell: Shell,
    Path(recu): Path<String>,
) -> PageResult {
    let conn = cx.site.db.read();
    let adresse = shell.path.clone();
    match rencontre::ouvrir(conn, shell.actor()?, &recu, cx.site.clock.now()).await {
        Ok((_, structure)) => {
            let s = annuaire::structures::find(conn, structure).await?;
            page(&Page { shell, structure: s.map(|s| format!("{}, {}", s.nom, s.commune.nom)), adresse })
        }
        Err(Failure::Refusal(Refusal::NotFound)) => {
            page_with(StatusCode::NOT_FOUND, &Page { shell, structure: None, adresse })
        }
        Err(autre) => Err(autre.into()),
    }
}

pub(super) async fn accepter(
    State(cx): State<Conseillers>,
    shell: Shell,
    Path(recu): Path<String>,
) -> PageResult {
    rencontre::accepter(&cx, shell.actor()?, &recu).await?;
    Ok(see_other_saying(
        MIENS,
        "Vous avez accepté. La structure voit votre nom, vos coordonnées et votre CV.",
    ))
}

pub(super) async fn inviter(
    State(cx): State<Conseillers>,
    shell: Shell,
    Ids([structure]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    if form.get("courriel").is_empty() {
        form.refuse("courriel", "Écrivez l’adresse électronique de la personne.");
    }
    if let Some(courriel) = form.parse("courriel", Email::parse) {
        match rencontre::inviter(&cx, shell.actor()?, StructureId(structure), &courriel).await {
            Ok(()) => {
                return Ok(see_other_saying(
                    &format!("{LISTE}?structure={structure}"),
                    "Si une personne disponible a déposé sa candidature avec cette adresse, elle reçoit un lien. Vous serez prévenu \
                     si elle accepte.",
                ));
            }
            Err(Failure::Refusal(refus @ Refusal::Fields(_))) => form.take(refus)?,
            Err(autre) => return Err(autre.into()),
        }
    }
    form.set("structure", structure.to_string());
    liste::montrer(&cx, shell, form).await
}
