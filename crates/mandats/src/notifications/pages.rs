//! Pages of notifications: the team writes them, aidants and référents read them.

use annuaire::structures::Ids;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::NaiveDate;
use kernel::{Email, Verb};
use platform::web::{
    Access, FormState, Formulaire, PageError, PageResult, Routes, Shell, page, page_with, see_other_saying,
};

use super::actions::{self, Dite, Qui};
use super::model::{Genre, Notification, NotificationId, Public, Recue, TEXTE_MAX, TITRE_MAX};
use super::store;
use crate::aidants::{self, Aidant};
use crate::{Failure, Mandats};

/// Where the team writes.
const BASE: &str = "/gestion/notifications";
/// Where people read.
pub(super) const SIENNES: &str = "/aidant/notifications";

pub(crate) fn routes(m: &Mandats) -> Routes<()> {
    let equipe = Access::May(Verb::InstruireHabilitations);
    Routes::new()
        .get(BASE, equipe, toutes)
        .post(BASE, equipe, dire)
        .post(&format!("{BASE}/{{notification}}/retirer"), equipe, retirer)
        .get(SIENNES, Access::SignedIn, siennes)
        .get(&format!("{SIENNES}/{{notification}}"), Access::SignedIn, une)
        .post(&format!("{SIENNES}/{{notification}}"), Access::SignedIn, noter)
        .with_state(m.clone())
}

const PUBLICS: [(&str, &str); 4] = [
    ("tous", "Tous les aidants et référents"),
    ("referents", "Tous les référents"),
    ("aidants", "Tous les aidants"),
    ("personne", "Une personne"),
];

#[derive(Template)]
#[template(path = "notifications/equipe.html")]
struct PageEquipe {
    shell: Shell,
    form: FormState,
    genres: Vec<(String, String)>,
    lignes: Vec<(Notification, i64)>,
    jour: NaiveDate,
}

async fn montrer(m: &Mandats, shell: Shell, (code, form): (StatusCode, FormState)) -> PageResult {
    let conn = m.site.db.read();
    let lecteurs = store::lecteurs(conn).await?;
    let lignes = store::toutes(conn, &shell.actor()?.perimetre)
        .await?
        .into_iter()
        .map(|n| {
            let lues = lecteurs.get(&n.id.0).copied().unwrap_or(0);
            (n, lues)
        })
        .collect();
    let genres = Genre::TOUS
        .map(|g| {
            let nom = if g == Genre::Nouveaute { "Nouveauté, aussi envoyée par courriel" } else { g.nom() };
            (g.cle().to_owned(), nom.to_owned())
        })
        .to_vec();
    page_with(code, &PageEquipe { shell, form, genres, lignes, jour: m.jour() })
}

async fn toutes(State(m): State<Mandats>, shell: Shell) -> PageResult {
    montrer(&m, shell, (StatusCode::OK, FormState::default())).await
}

fn lire(form: &mut FormState) -> Option<Dite> {
    let genre = form.parse("genre", |v| Genre::from_cle(v).ok_or("Choisissez un genre."));
    let qui = match form.get("public") {
        "tous" => Some(Qui::Beaucoup(Public::Tous)),
        "referents" => Some(Qui::Beaucoup(Public::Referents)),
        "aidants" => Some(Qui::Beaucoup(Public::Aidants)),
        "personne" => form.parse("courriel", Email::parse).map(Qui::Adresse),
        _ => {
            form.refuse("public", "Choisissez pour qui est la notification.");
            None
        }
    };
    let titre = form.text("titre", TITRE_MAX);
    let texte: String =
        form.raw("texte").chars().filter(|c| *c == '\n' || !c.is_control()).take(TEXTE_MAX).collect();
    let texte = texte.trim().to_owned();
    if texte.is_empty() {
        form.refuse("texte", "Écrivez le texte de la notification.");
    }
    let jusqu_au =
        form.parse("jusqu_au", |v| crate::jours::lire(v).ok_or("Écrivez une date, comme 31/12/2027."));
    let dite = Dite { genre: genre?, qui: qui?, titre: titre?, texte, jusqu_au: jusqu_au? };
    Some(dite).filter(|d| !d.texte.is_empty())
}

async fn dire(State(m): State<Mandats>, shell: Shell, Formulaire(mut form): Formulaire) -> PageResult {
    if let Some(dite) = lire(&mut form) {
        match actions::dire(&m, shell.actor()?, &dite).await {
            Ok(_) => return Ok(see_other_saying(BASE, "La notification est en ligne.")),
            Err(Failure::Refusal(r)) => form.take(r)?,
            Err(e) => return Err(e.into()),
        }
    }
    montrer(&m, shell, (StatusCode::UNPROCESSABLE_ENTITY, form)).await
}

async fn retirer(State(m): State<Mandats>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    actions::retirer(&m, shell.actor()?, NotificationId(id)).await?;
    Ok(see_other_saying(BASE, "La notification est retirée."))
}

async fn lecteur(m: &Mandats, shell: &Shell) -> Result<Aidant, PageError> {
    let compte = shell.actor()?.compte;
    aidants::store::du_compte(m.site.db.read(), compte).await?.ok_or_else(PageError::not_found)
}

#[derive(Template)]
#[template(path = "notifications/liste.html")]
struct PageListe {
    shell: Shell,
    /// Those of one kind together, kinds in their order.
    genres: Vec<(Genre, Vec<Recue>)>,
}

async fn siennes(State(m): State<Mandats>, shell: Shell) -> PageResult {
    let a = lecteur(&m, &shell).await?;
    let mut toutes = store::de_aidant(m.site.db.read(), &a, m.jour()).await?;
    let mut genres = Vec::new();
    for genre in [Genre::Alerte, Genre::Nouveaute, Genre::Information] {
        let (ici, reste): (Vec<Recue>, Vec<Recue>) = toutes.into_iter().partition(|n| n.genre == genre);
        toutes = reste;
        if !ici.is_empty() {
            genres.push((genre, ici));
        }
    }
    page(&PageListe { shell, genres })
}

#[derive(Template)]
#[template(path = "notifications/une.html")]
struct PageUne {
    shell: Shell,
    n: Recue,
}

async fn une(State(m): State<Mandats>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    let a = lecteur(&m, &shell).await?;
    let n = actions::recue(&m, m.site.db.read(), &a, NotificationId(id)).await?;
    page(&PageUne { shell, n })
}

async fn noter(
    State(m): State<Mandats>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(form): Formulaire,
) -> PageResult {
    let lue = match form.get("geste") {
        "lue" => true,
        "non_lue" => false,
        _ => return Err(PageError::not_found()),
    };
    actions::noter(&m, shell.actor()?, NotificationId(id), lue).await?;
    // Back to where the button was: one of three known pages, never an address that the form names.
    let retour = match form.get("retour") {
        "aidant" => "/aidant",
        "referent" => "/referent",
        _ => SIENNES,
    };
    let dit = if lue {
        "La notification est marquée comme lue."
    } else {
        "La notification est marquée comme non lue."
    };
    Ok(see_other_saying(retour, dit))
}
