//! Who did what, how to be told, what to take away.

use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use kernel::Refusal;
use platform::web::{
    FormState, Formulaire, PageError, PageResult, Shell, page, page_with, see_other_saying, see_other_warning,
};

use super::super::actions::{self, Trace};
use super::super::biscuits::Chez;
use super::super::model::{GENRES, Voie, par_defaut, possibles};
use super::super::{donnees as lecture, store};
use super::prive;
use crate::consentements::{self, Adresse, Canal};
use crate::{Failure, Mandats};

const PREFERENCES: &str = "/mes-mandats/preferences";

#[derive(Template)]
#[template(path = "espace/pages/journal.html")]
struct Journal {
    shell: Shell,
    traces: Vec<Trace>,
}

pub(super) async fn journal(State(m): State<Mandats>, shell: Shell, chez: Chez) -> PageResult {
    let traces = actions::traces(&m, &chez.usager).await?;
    page(&Journal { shell, traces }).map(prive)
}

#[derive(Template)]
#[template(path = "espace/pages/preferences.html")]
struct Preferences {
    shell: Shell,
    form: FormState,
    genres: [(&'static str, &'static str); 5],
    voies: Vec<(&'static str, &'static str)>,
    courriel: Option<String>,
    telephone: Option<String>,
    /// Where they want no more messages, and whether it is proved theirs.
    arretees: Vec<(Adresse, bool)>,
}

async fn formulaire(
    m: &Mandats,
    shell: Shell,
    form: FormState,
    chez: &Chez,
) -> Result<Preferences, PageError> {
    let contact = &chez.usager.contact;
    let arretees = consentements::arretees(&m.site, m.site.db.read(), &chez.usager).await?;
    let ecrite = |canal: Canal| !arretees.iter().any(|(a, _)| a.canal() == canal);
    let (par_courriel, par_sms) = (ecrite(Canal::Courriel), ecrite(Canal::Sms));
    Ok(Preferences {
        arretees,
        shell,
        form,
        genres: GENRES,
        voies: possibles(contact).into_iter().map(|v| (v.cle(), v.libelle())).collect(),
        courriel: contact.courriel.as_ref().filter(|_| par_courriel).map(|c| c.as_str().to_owned()),
        telephone: contact.telephone.as_ref().filter(|_| par_sms).map(kernel::Telephone::lisible),
    })
}

pub(super) async fn preferences(State(m): State<Mandats>, shell: Shell, chez: Chez) -> PageResult {
    let choisies = store::preferences(m.site.db.read(), chez.usager.id).await?;
    let possibles = possibles(&chez.usager.contact);
    let valeurs = GENRES.map(|(genre, _)| {
        let choisie = choisies.iter().find(|(g, v)| g == genre && possibles.contains(v)).map(|(_, v)| *v);
        (genre, choisie.unwrap_or_else(|| par_defaut(genre, &chez.usager.contact)).cle())
    });
    page(&formulaire(&m, shell, FormState::filled(valeurs), &chez).await?).map(prive)
}

pub(super) async fn preferer(
    State(m): State<Mandats>,
    shell: Shell,
    chez: Chez,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let possibles = possibles(&chez.usager.contact);
    let mut choix = Vec::new();
    for (genre, _) in GENRES {
        match Voie::from_cle(form.get(genre)).filter(|v| possibles.contains(v)) {
            Some(voie) => choix.push((genre, voie)),
            None => form.refuse(genre, "Choisissez une des réponses proposées."),
        }
    }
    if !form.is_valid() {
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &formulaire(&m, shell, form, &chez).await?)
            .map(prive);
    }
    actions::preferer(&m, &chez.usager, &choix).await?;
    Ok(see_other_saying(PREFERENCES, "C’est noté : vous serez prévenu comme vous l’avez choisi."))
}

/// After a STOP: messages are wanted again, at an address or a number proved theirs.
pub(super) async fn reprendre(
    State(m): State<Mandats>,
    chez: Chez,
    Formulaire(form): Formulaire,
) -> PageResult {
    let canal = [Canal::Courriel, Canal::Sms].into_iter().find(|c| c.cle() == form.get("canal"));
    let canal = canal.ok_or_else(PageError::not_found)?;
    Ok(match consentements::reprendre(&m, chez.usager.id, canal).await {
        Ok(()) => see_other_saying(PREFERENCES, "C’est noté : vous recevrez de nouveau des messages."),
        Err(Failure::Refusal(Refusal::Conflict(phrase))) => see_other_warning(PREFERENCES, &phrase),
        Err(autre) => return Err(autre.into()),
    })
}

#[derive(Template)]
#[template(path = "espace/pages/donnees.html")]
struct Donnees {
    shell: Shell,
}

pub(super) async fn donnees(shell: Shell, _: Chez) -> PageResult {
    page(&Donnees { shell }).map(prive)
}

fn fichier(kind: &'static str, nom: &str, corps: String) -> Response {
    let nom = format!("attachment; filename=\"{nom}\"");
    prive(
        ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, nom)], corps)
            .into_response(),
    )
}

pub(super) async fn json(State(m): State<Mandats>, chez: Chez) -> PageResult {
    let donnees = actions::emporter(&m, &chez.usager).await?;
    let corps = serde_json::to_string_pretty(&donnees).map_err(PageError::internal)?;
    Ok(fichier("application/json", "mes-mandats.json", corps))
}

pub(super) async fn texte(State(m): State<Mandats>, chez: Chez) -> PageResult {
    let donnees = actions::emporter(&m, &chez.usager).await?;
    Ok(fichier("text/plain; charset=utf-8", "mes-mandats.txt", lecture::texte(&donnees)))
}
