//! One contract: what it is, what can be done to it, what happened.

use annuaire::structures::Ids;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::NaiveDate;
use kernel::{Refusal, Verb};
use platform::web::{FormState, Formulaire, PageResult, Shell, page_with, see_other_saying};

use super::{BASE, ESPACE, adresse};
use crate::Conseillers;
use crate::Failure;
use crate::contrats::actions;
use crate::contrats::lecture::{self, Dossier};
use crate::contrats::model::{Etat, Situation};
use crate::contrats::rules;
use crate::dire::EnLettres;
use crate::historique::{self, Groupe};
use crate::ids::ContratId;

#[derive(Template)]
#[template(path = "contrats/pages/fiche.html")]
struct Page {
    shell: Shell,
    d: Dossier,
    situation: Situation,
    histoire: Vec<Groupe>,
    form: FormState,
    employeur: bool,
    administration: bool,
    /// Whether the reader may know the pay.
    paie: bool,
    jour: NaiveDate,
}

impl Page {
    /// From that day on, a later end may be asked.
    fn prolongeable(&self) -> bool {
        self.d.contrat.prolongation.is_none()
            && self.d.contrat.termes.fin.is_some_and(|fin| (fin - self.jour).num_days() <= 30)
    }

    fn incomplet(&self) -> bool {
        self.d.contrat.etat.rupture().is_some_and(|r| r.dossier_incomplet)
    }

    fn renouvelable(&self) -> bool {
        self.d.contrat.termes.fin.is_some()
            && self.d.contrat.prolongation.is_none()
            && !self.d.suites.iter().any(|s| s.etat == Etat::Saisi || s.engage())
    }
}

async fn montrer(cx: &Conseillers, shell: Shell, id: ContratId, form: FormState) -> PageResult {
    let d = lecture::ouvrir(cx, shell.actor()?, Verb::VoirPostes, id).await?;
    let status = if form.is_valid() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let paie = super::liste::voit_la_paie(shell.actor()?);
    let mut histoire = lecture::histoire(cx.site.db.read(), id).await?;
    histoire.retain(|h| paie || !h.ecrit.quoi.starts_with("Salaire"));
    page_with(
        status,
        &Page {
            situation: rules::situation(&d.contrat, cx.jour()),
            paie,
            histoire: historique::grouper(histoire),
            employeur: shell.may(Verb::Recruter),
            administration: shell.may(Verb::ValiderContrats),
            jour: cx.jour(),
            form,
            shell,
            d,
        },
    )
}

pub(super) async fn fiche(State(cx): State<Conseillers>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    montrer(&cx, shell, ContratId(id), FormState::default()).await
}

/// After an action: back to the sheet with a sentence, or the sheet with what was wrong.
async fn repondre(
    cx: &Conseillers,
    shell: Shell,
    id: ContratId,
    mut form: FormState,
    (fait, phrase): (Result<(), Failure>, &str),
) -> PageResult {
    match fait {
        Ok(()) => Ok(see_other_saying(&adresse(id), phrase)),
        Err(Failure::Refusal(refus @ Refusal::Fields(_))) => {
            form.take(refus)?;
            montrer(cx, shell, id, form).await
        }
        Err(autre) => Err(autre.into()),
    }
}

pub(super) async fn retirer(State(cx): State<Conseillers>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    actions::retirer(&cx, shell.actor()?, ContratId(id)).await?;
    Ok(see_other_saying(&adresse(ContratId(id)), "Le contrat est retiré."))
}

pub(super) async fn valider(State(cx): State<Conseillers>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    let debut = actions::valider(&cx, shell.actor()?, ContratId(id)).await?;
    let phrase = if debut > cx.jour() {
        format!("Le contrat est validé : la personne occupera le poste à partir du {}.", debut.en_lettres())
    } else {
        "Le contrat est validé : la personne occupe le poste.".to_owned()
    };
    Ok(see_other_saying(&adresse(ContratId(id)), &phrase))
}

pub(super) async fn refuser(
    State(cx): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(form): Formulaire,
) -> PageResult {
    let fait = actions::refuser(&cx, shell.actor()?, ContratId(id), form.get("motif")).await;
    repondre(&cx, shell, ContratId(id), form, (fait, "Le contrat est refusé. La structure lit la raison."))
        .await
}

pub(super) async fn retirer_prolongation(
    State(cx): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
) -> PageResult {
    actions::retirer_prolongation(&cx, shell.actor()?, ContratId(id)).await?;
    Ok(see_other_saying(&adresse(ContratId(id)), "La demande de prolongation est retirée."))
}

pub(super) async fn accorder_prolongation(
    State(cx): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
) -> PageResult {
    actions::accorder_prolongation(&cx, shell.actor()?, ContratId(id)).await?;
    Ok(see_other_saying(&adresse(ContratId(id)), "La prolongation est accordée."))
}

pub(super) async fn refuser_prolongation(
    State(cx): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(form): Formulaire,
) -> PageResult {
    let fait = actions::refuser_prolongation(&cx, shell.actor()?, ContratId(id), form.get("motif")).await;
    repondre(&cx, shell, ContratId(id), form, (fait, "La prolongation est refusée.")).await
}

pub(super) async fn annuler_rupture(
    State(cx): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
) -> PageResult {
    actions::annuler_rupture(&cx, shell.actor()?, ContratId(id)).await?;
    Ok(see_other_saying(&adresse(ContratId(id)), "La rupture est annulée : le contrat continue."))
}

pub(super) async fn dossier(
    State(cx): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(form): Formulaire,
) -> PageResult {
    let incomplet = form.get("incomplet") == "oui";
    actions::signaler_dossier(&cx, shell.actor()?, ContratId(id), incomplet).await?;
    let phrase = if incomplet {
        "Le dossier est noté incomplet ; la structure est prévenue."
    } else {
        "Le dossier est noté complet."
    };
    Ok(see_other_saying(&adresse(ContratId(id)), phrase))
}

pub(super) async fn valider_rupture(
    State(cx): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
) -> PageResult {
    actions::valider_rupture(&cx, shell.actor()?, ContratId(id)).await?;
    Ok(see_other_saying(&adresse(ContratId(id)), "La rupture est validée : le poste est vacant."))
}
