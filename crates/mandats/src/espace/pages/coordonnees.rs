//! Where the person is written to: read, changed with a code, taken away.

use std::sync::LazyLock;

use askama::Template;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use kernel::{Email, Refusal, Telephone};
use platform::web::freins::ParHeure;
use platform::web::observe::Source;
use platform::web::{
    FormState, Formulaire, PageError, PageResult, Shell, page_with, see_other, see_other_saying,
    see_other_warning,
};

use super::super::biscuits::Chez;
use super::super::codes::Adresse;
use super::super::coordonnees::{self, Essai};
use super::super::store::{self, Colonne};
use super::prive;
use crate::{Failure, Mandats};

/// Codes asked for and tried, by address of the Internet and hour.
static DEMANDES: LazyLock<ParHeure> = LazyLock::new(ParHeure::default);
const DEMANDES_PAR_HEURE: u32 = 30;

const ICI: &str = "/mes-mandats/coordonnees";
const CODE: &str = "/mes-mandats/coordonnees/code";

#[derive(Template)]
#[template(path = "espace/pages/coordonnees.html")]
struct Page {
    shell: Shell,
    form: FormState,
    courriel: Option<String>,
    telephone: Option<String>,
    /// Whether each is proved to be theirs.
    prouves: (bool, bool),
}

fn montre(status: StatusCode, shell: Shell, form: FormState, chez: &Chez) -> PageResult {
    let contact = &chez.usager.contact;
    let courriel = contact.courriel.as_ref().map(|c| c.as_str().to_owned());
    let telephone = contact.telephone.as_ref().map(Telephone::lisible);
    page_with(
        status,
        &Page {
            shell,
            form,
            courriel,
            telephone,
            prouves: (contact.courriel_prouve, contact.telephone_prouve),
        },
    )
    .map(prive)
}

pub(super) async fn lire(shell: Shell, chez: Chez) -> PageResult {
    montre(StatusCode::OK, shell, FormState::default(), &chez)
}

pub(super) async fn changer(
    State(m): State<Mandats>,
    shell: Shell,
    chez: Chez,
    source: Option<Extension<Source>>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let colonne = Colonne::from_cle(form.get("quoi")).ok_or_else(PageError::not_found)?;
    let adresse = match colonne {
        Colonne::Courriel => form.parse("courriel", |t| Email::parse(t).map(Adresse::Courriel)),
        Colonne::Telephone => form.parse("telephone", |t| {
            Telephone::parse(t)
                .map(Adresse::Telephone)
                .ok_or("Écrivez un numéro de téléphone portable, comme 06 12 34 56 78.")
        }),
    };
    let Some(adresse) = adresse else {
        return montre(StatusCode::UNPROCESSABLE_ENTITY, shell, form, &chez);
    };
    if !source.is_none_or(|s| DEMANDES.admis(s.0.0, DEMANDES_PAR_HEURE, m.site.clock.now())) {
        return Err(PageError::TooMany);
    }
    match coordonnees::demander(&m, &chez.usager, &adresse).await {
        Ok(()) => Ok(prive(see_other(CODE))),
        Err(Failure::Refusal(refus @ Refusal::Fields(_))) => {
            form.take(refus)?;
            montre(StatusCode::UNPROCESSABLE_ENTITY, shell, form, &chez)
        }
        Err(autre) => Err(autre.into()),
    }
}

#[derive(Template)]
#[template(path = "espace/pages/coordonnees_code.html")]
struct Saisie {
    shell: Shell,
    form: FormState,
    /// Where the code went, as people write it.
    adresse: String,
    par_sms: bool,
}

async fn saisie(m: &Mandats, status: StatusCode, shell: Shell, form: FormState, chez: &Chez) -> PageResult {
    let attendu = store::changement(m.site.db.read(), chez.usager.id, m.site.clock.now()).await?;
    let Some(attendu) = attendu else { return Ok(see_other(ICI)) };
    let (adresse, par_sms) = match attendu.adresse {
        Adresse::Courriel(c) => (c.as_str().to_owned(), false),
        Adresse::Telephone(t) => (t.lisible(), true),
    };
    page_with(status, &Saisie { shell, form, adresse, par_sms }).map(prive)
}

pub(super) async fn saisir(State(m): State<Mandats>, shell: Shell, chez: Chez) -> PageResult {
    saisie(&m, StatusCode::OK, shell, FormState::default(), &chez).await
}

pub(super) async fn verifier(
    State(m): State<Mandats>,
    shell: Shell,
    chez: Chez,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    match coordonnees::essayer(&m, (&chez.usager, &chez.session), form.get("code")).await? {
        Essai::Change(Colonne::Courriel) => {
            Ok(see_other_saying(ICI, "C’est fait : nous vous écrirons à cette adresse."))
        }
        Essai::Change(Colonne::Telephone) => {
            Ok(see_other_saying(ICI, "C’est fait : nous vous écrirons à ce numéro."))
        }
        Essai::Faux(reste) => {
            form.forget("code");
            let essais = if reste == 1 { "1 essai".to_owned() } else { format!("{reste} essais") };
            form.refuse(
                "code",
                format!("Ce n’est pas ce code. Vérifiez le dernier message reçu : il reste {essais}."),
            );
            saisie(&m, StatusCode::UNPROCESSABLE_ENTITY, shell, form, &chez).await
        }
        Essai::Fini => Ok(see_other_warning(
            ICI,
            "Ce code ne peut plus servir : il est trop ancien, ou il y a eu trop d’essais. Rien n’a changé.",
        )),
    }
}

pub(super) async fn retirer(
    State(m): State<Mandats>,
    chez: Chez,
    Formulaire(form): Formulaire,
) -> PageResult {
    let colonne = Colonne::from_cle(form.get("quoi")).ok_or_else(PageError::not_found)?;
    match coordonnees::retirer(&m, (&chez.usager, &chez.session), colonne).await {
        Ok(()) => Ok(see_other_saying(ICI, "C’est fait : nous n’y écrirons plus.")),
        Err(Failure::Refusal(Refusal::Conflict(phrase))) => Ok(see_other_warning(ICI, &phrase)),
        Err(autre) => Err(autre.into()),
    }
}
