//! The queue of those who look after lieux.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use kernel::Verb;
use platform::web::{
    FormState, Formulaire, PageError, PageResult, Pagination, Requete, Shell, page, page_with,
    see_other_saying,
};

use super::actions::Maniere;
use super::model::{Etat, FERMETURE, Signalement, SignalementId};
use super::{BASE, actions};
use crate::Annuaire;
use crate::lieux::Lieu;
use crate::lieux::standard::Champ;

/// Reports on one page.
const PAR_PAGE: usize = 20;

/// Longest answer.
const REPONSE_MAX: usize = 1_000;

#[derive(Template)]
#[template(path = "lieux/signalements/file.html")]
struct PageFile {
    shell: Shell,
    form: FormState,
    signalements: Vec<Signalement>,
    pagination: Pagination,
}

impl PageFile {
    fn etats(&self) -> [(&'static str, &'static str); 3] {
        Etat::TOUS.map(|e| (e.cle(), e.libelle()))
    }
}

#[derive(Template)]
#[template(path = "lieux/signalements/un.html")]
struct PageUn {
    shell: Shell,
    form: FormState,
    s: Signalement,
    peut_decider: bool,
    /// What stands in the way of applying it as it is.
    obstacle: Option<String>,
    /// Lieux that the proposed one looks like.
    ressemblants: Vec<Lieu>,
}

fn le(instant: DateTime<Utc>) -> String {
    kernel::calendrier::en_lettres_avec_heure(&instant)
}

/// The title of a field of a report.
fn titre(champ: &str) -> String {
    match Champ::de_nom(champ) {
        Some(c) => kernel::text::majuscule(c.titre()),
        None if champ == FERMETURE => "Ouverture".to_owned(),
        None => champ.to_owned(),
    }
}

pub(super) async fn file(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Requete(requete): Requete,
) -> PageResult {
    let etat = Etat::de_cle(requete.get("etat")).unwrap_or(Etat::Recu);
    let mut tous = actions::file(&annuaire.site, shell.actor()?, etat).await?;
    let demandee = requete.get("page").parse().unwrap_or(1);
    let pagination = Pagination::new(tous.len(), PAR_PAGE, demandee, BASE, requete.values());
    let signalements = tous.drain(..).skip(pagination.offset(PAR_PAGE)).take(PAR_PAGE).collect();
    let form = FormState::filled([("etat", etat.cle())]);
    page(&PageFile { shell, form, signalements, pagination })
}

fn identifiant(texte: &str) -> Result<SignalementId, PageError> {
    texte.parse().map_err(|_| PageError::not_found())
}

pub(super) async fn un(State(annuaire): State<Annuaire>, shell: Shell, Path(id): Path<String>) -> PageResult {
    let s = actions::ouvrir(&annuaire.site, shell.actor()?, Verb::VoirLieux, identifiant(&id)?).await?;
    montre(StatusCode::OK, shell, FormState::default(), s, Vec::new())
}

fn montre(
    status: StatusCode,
    shell: Shell,
    form: FormState,
    s: Signalement,
    ressemblants: Vec<Lieu>,
) -> PageResult {
    let peut_decider = s.etat == Etat::Recu && shell.may(Verb::ModifierLieux);
    let obstacle = actions::obstacle(&s);
    page_with(status, &PageUn { shell, form, s, peut_decider, obstacle, ressemblants })
}

pub(super) async fn accepter(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Path(id): Path<String>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let id = identifiant(&id)?;
    let s = actions::ouvrir(&annuaire.site, shell.actor()?, Verb::ModifierLieux, id).await?;
    let Some(reponse) = form.text_opt("reponse", REPONSE_MAX) else {
        return montre(StatusCode::UNPROCESSABLE_ENTITY, shell, form, s, Vec::new());
    };
    let maniere = match (form.get("a_la_main"), form.get("autre")) {
        ("oui", _) => Maniere::DejaFait,
        (_, "oui") => Maniere::AutreLieu,
        _ => Maniere::Appliquer,
    };
    match actions::accepter(&annuaire, shell.actor()?, &s, maniere, &reponse.unwrap_or_default()).await {
        Ok(()) => Ok(see_other_saying(BASE, "Le signalement est accepté.")),
        Err(actions::Echec::Refus(refus)) => {
            form.refuse("reponse", refus.to_string());
            montre(StatusCode::UNPROCESSABLE_ENTITY, shell, form, s, Vec::new())
        }
        Err(actions::Echec::Ressemblants(lieux)) => {
            form.refuse("autre", "Ce lieu est peut-être déjà dans l’annuaire : comparez, puis choisissez.");
            montre(StatusCode::UNPROCESSABLE_ENTITY, shell, form, s, lieux)
        }
        Err(autre) => Err(autre.into()),
    }
}

pub(super) async fn refuser(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Path(id): Path<String>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let id = identifiant(&id)?;
    let s = actions::ouvrir(&annuaire.site, shell.actor()?, Verb::ModifierLieux, id).await?;
    let Some(reponse) = form.text_opt("reponse", REPONSE_MAX) else {
        return montre(StatusCode::UNPROCESSABLE_ENTITY, shell, form, s, Vec::new());
    };
    actions::decider(&annuaire.site, shell.actor()?, &s, Etat::Refuse, &reponse.unwrap_or_default()).await?;
    Ok(see_other_saying(BASE, "Le signalement est refusé."))
}
