//! Who was there: the sheet on paper, the same on the screen.

use std::collections::HashSet;

use annuaire::structures::Ids;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use platform::documents;
use platform::web::{FormState, Formulaire, PageResult, Shell, page_with, see_other_saying};

use super::{BASE, saisie};
use crate::Mandats;
use crate::reunions::model::{Invite, InviteId, Reunion, ReunionId};
use crate::reunions::{actions, feuille, regles, store};

pub(super) async fn feuille(State(m): State<Mandats>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    let conn = m.site.db.read();
    let r = actions::la_sienne(conn, shell.actor()?, ReunionId(id)).await?;
    let invites = store::invites(conn, r.id).await?;
    let octets = documents::pdf(feuille::document(&m, &r, &invites), m.site.clock.now()).await?;
    Ok(documents::reponse("feuille-de-presence", octets))
}

#[derive(Template)]
#[template(path = "reunions/pages/presences.html")]
struct Page {
    shell: Shell,
    form: FormState,
    r: Reunion,
    attendus: Vec<Invite>,
}

impl Page {
    fn cases(&self) -> Vec<(String, String)> {
        let ligne = |i: &Invite| (i.id.to_string(), format!("{}, {}", i.qui(), i.organisme));
        self.attendus.iter().map(ligne).collect()
    }
}

async fn montrer(
    m: &Mandats,
    shell: Shell,
    (code, form): (StatusCode, FormState),
    id: uuid::Uuid,
) -> PageResult {
    let conn = m.site.db.read();
    let r = actions::la_sienne(conn, shell.actor()?, ReunionId(id)).await?;
    regles::presence(&r, m.site.clock.now())?;
    let mut attendus = store::invites(conn, r.id).await?;
    attendus.retain(regles::attendu);
    attendus.sort_by_key(|i| (kernel::text::fold(&i.qui()), i.id.0));
    let mut form = form;
    if code == StatusCode::OK {
        form = FormState::filled(
            attendus.iter().filter(|i| i.present == Some(true)).map(|i| ("present", i.id.to_string())),
        );
    }
    page_with(code, &Page { shell, form, r, attendus })
}

pub(super) async fn presences(State(m): State<Mandats>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    montrer(&m, shell, (StatusCode::OK, FormState::default()), id).await
}

pub(super) async fn pointer(
    State(m): State<Mandats>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(form): Formulaire,
) -> PageResult {
    let presents: HashSet<InviteId> =
        form.all("present").take(5_000).filter_map(|i| i.parse().ok()).collect();
    let n = actions::pointer(&m, shell.actor()?, ReunionId(id), &presents).await?;
    let dit = crate::habilitations::compte(n, "personne présente", "personnes présentes");
    Ok(see_other_saying(&format!("{BASE}/{id}"), &format!("C’est noté : {dit}.")))
}

pub(super) async fn ajouter(
    State(m): State<Mandats>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let prenom = form.text("prenom", regles::TEXTE_MAX);
    let nom = form.text("nom", regles::TEXTE_MAX);
    let organisme = form.text("organisme", regles::TEXTE_MAX);
    let pivot = saisie::pivot(&mut form);
    let (Some(prenom), Some(nom), Some(organisme), Some(pivot)) = (prenom, nom, organisme, pivot) else {
        return montrer(&m, shell, (StatusCode::UNPROCESSABLE_ENTITY, form), id).await;
    };
    actions::ajouter(&m, shell.actor()?, ReunionId(id), (organisme, pivot, prenom, nom)).await?;
    Ok(see_other_saying(&format!("{BASE}/{id}/presences"), "La personne est ajoutée, présente."))
}
