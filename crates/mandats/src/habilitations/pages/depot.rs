//! Before the space: who may ask, who asks, the address to prove.

use std::sync::LazyLock;

use annuaire::structures::model::{CATEGORIES, CategorieJuridique};
use askama::Template;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use identity::secrets::link::Secret;
use kernel::Email;
use platform::web::freins::{self, ParHeure};
use platform::web::observe::Source;
use platform::web::{
    FormState, Formulaire, PageError, PageResult, Shell, page, page_with, see_other, see_other_saying,
};

use super::PUBLIC;
use crate::Mandats;
use crate::habilitations::model::DemandeurId;
use crate::habilitations::reference::{self, DECLARATIONS, Verdict};
use crate::habilitations::{actions, saisie};

static COMPTES: LazyLock<ParHeure> = LazyLock::new(ParHeure::default);

/// Whether that address may send one more public form in this hour: the same ceiling as that of other public forms.
///
/// # Errors
/// [`PageError::TooMany`] when it may not.
pub(crate) fn admis(m: &Mandats, source: Option<Extension<Source>>) -> Result<(), PageError> {
    let maximum = m.site.config.conseillers.candidatures_par_heure;
    let admis = source.is_none_or(|s| COMPTES.admis(s.0.0, maximum, m.site.clock.now()));
    if admis { Ok(()) } else { Err(PageError::TooMany) }
}

#[derive(Template)]
#[template(path = "habilitations/pages/accueil.html")]
struct Accueil {
    shell: Shell,
}

impl Accueil {
    fn regle(&self, code: &str) -> (Verdict, &'static str) {
        reference::eligibilite(CategorieJuridique::parse(code).ok().as_ref())
    }
}

pub(super) async fn accueil(shell: Shell) -> PageResult {
    page(&Accueil { shell })
}

#[derive(Template)]
#[template(path = "habilitations/pages/demandeur.html")]
pub(super) struct PageDemandeur {
    pub(super) shell: Shell,
    pub(super) form: FormState,
    /// Where the form goes.
    pub(super) action: String,
    /// Whether the address is proved already, and is not asked again.
    pub(super) profil: bool,
    pub(super) retour: String,
}

pub(super) async fn demandeur(shell: Shell) -> PageResult {
    page(&nouvelle(shell, FormState::default()))
}

fn nouvelle(shell: Shell, form: FormState) -> PageDemandeur {
    let action = format!("{PUBLIC}/demandeur");
    PageDemandeur { shell, form, action, profil: false, retour: PUBLIC.to_owned() }
}

pub(super) async fn inscrire(
    State(m): State<Mandats>,
    shell: Shell,
    source: Option<Extension<Source>>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let envoye = format!("{PUBLIC}/message-envoye");
    if freins::est_un_robot(&form) {
        // A robot that believes it succeeded does not try again.
        return Ok(see_other(&envoye));
    }
    let id = DemandeurId::new(&m.site.clock, &m.site.chance);
    let Some(d) = saisie::demandeur(&mut form, id, m.site.clock.now()).filter(|_| form.is_valid()) else {
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &nouvelle(shell, form));
    };
    admis(&m, source)?;
    actions::inscrire(&m, d).await?;
    Ok(see_other(&envoye))
}

#[derive(Template)]
#[template(path = "habilitations/pages/envoye.html")]
struct Envoye {
    shell: Shell,
}

pub(super) async fn message_envoye(shell: Shell) -> PageResult {
    page(&Envoye { shell })
}

#[derive(Template)]
#[template(path = "habilitations/pages/suivre.html")]
struct Suivre {
    shell: Shell,
    form: FormState,
}

pub(super) async fn suivi(shell: Shell) -> PageResult {
    page(&Suivre { shell, form: FormState::default() })
}

pub(super) async fn suivre(
    State(m): State<Mandats>,
    shell: Shell,
    source: Option<Extension<Source>>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let Some(courriel) = form.parse("courriel", Email::parse) else {
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &Suivre { shell, form });
    };
    admis(&m, source)?;
    actions::suivre(&m, &courriel).await?;
    Ok(see_other(&format!("{PUBLIC}/message-envoye")))
}

#[derive(Template)]
#[template(path = "habilitations/pages/confirmer.html")]
struct Confirmer {
    shell: Shell,
    /// Whether the link still serves.
    sert: bool,
}

/// A page with a button: programs that follow the links of mails prove nothing.
pub(super) async fn confirmation(
    State(m): State<Mandats>,
    shell: Shell,
    Path(lien): Path<String>,
) -> PageResult {
    let secret = Secret::parse(&lien).ok_or_else(PageError::not_found)?;
    let sert = actions::sert(&m, &secret).await?;
    let status = if sert { StatusCode::OK } else { StatusCode::GONE };
    page_with(status, &Confirmer { shell, sert })
}

pub(super) async fn confirmer(State(m): State<Mandats>, Path(lien): Path<String>) -> PageResult {
    let secret = Secret::parse(&lien).ok_or_else(PageError::not_found)?;
    let espace = actions::confirmer(&m, &secret).await?;
    Ok(see_other_saying(
        &format!("{PUBLIC}/espace/{}", espace.expose()),
        "Votre adresse est confirmée. Gardez le lien de cette page : il vous ramène à vos demandes.",
    ))
}
