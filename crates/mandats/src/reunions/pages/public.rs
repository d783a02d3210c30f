//! For whoever is invited: an answer by a link, without account; for whoever has the link of a meeting: a registration.

use askama::Template;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use identity::secrets::link::Secret;
use kernel::{Email, Refusal};
use platform::web::freins;
use platform::web::observe::Source;
use platform::web::{FormState, Formulaire, PageError, PageResult, Shell, page, page_with, see_other_saying};

use super::{PUBLIC, saisie};
use crate::habilitations::{admis, secrete};
use crate::reunions::model::{Invite, Reponse, Reunion};
use crate::reunions::reponses::{self, Choix, Inscription};
use crate::reunions::{regles, store};
use crate::{Failure, Mandats};

const CHOIX: [(&str, &str); 3] =
    [("oui", "Je viens"), ("non", "Je ne viens pas"), ("autre", "Je transmets l’invitation à un collègue")];

#[derive(Template)]
#[template(path = "reunions/pages/reponse.html")]
struct PageReponse {
    shell: Shell,
    form: FormState,
    r: Reunion,
    i: Invite,
    /// Why no answer is taken any more.
    ferme: Option<String>,
}

async fn lue(m: &Mandats, jeton: &str) -> Result<(Secret, Reunion, Invite), PageError> {
    let secret = Secret::parse(jeton).ok_or_else(PageError::not_found)?;
    let conn = m.site.db.read();
    let i = store::du_lien(conn, &secret).await?.ok_or_else(PageError::not_found)?;
    let r = store::lire(conn, i.reunion).await?.ok_or_else(PageError::not_found)?;
    Ok((secret, r, i))
}

fn montrer(
    m: &Mandats,
    shell: Shell,
    (code, form): (StatusCode, FormState),
    (r, i): (Reunion, Invite),
) -> PageResult {
    let ferme = regles::ouverte(&r, m.site.clock.now()).err().map(|e| e.to_string());
    page_with(code, &PageReponse { shell, form, r, i, ferme }).map(secrete)
}

pub(super) async fn reponse(State(m): State<Mandats>, shell: Shell, Path(jeton): Path<String>) -> PageResult {
    let (_, r, i) = lue(&m, &jeton).await?;
    let choix = match i.reponse {
        Reponse::Vient => "oui",
        Reponse::NeVientPas => "non",
        _ => "",
    };
    let form = FormState::filled([
        ("choix", choix.to_owned()),
        ("prenom", i.prenom.clone().unwrap_or_default()),
        ("nom", i.nom.clone().unwrap_or_default()),
    ]);
    montrer(&m, shell, (StatusCode::OK, form), (r, i))
}

fn lire_choix(form: &mut FormState) -> Option<Choix> {
    match form.get("choix") {
        "oui" => {
            let (prenom, nom) = (form.text("prenom", regles::TEXTE_MAX), form.text("nom", regles::TEXTE_MAX));
            Some(Choix::Vient { prenom: prenom?, nom: nom? })
        }
        "non" => Some(Choix::NeVientPas),
        "autre" => form.parse("courriel", Email::parse).map(Choix::Transmet),
        _ => {
            form.refuse("choix", "Choisissez une réponse.");
            None
        }
    }
}

pub(super) async fn repondre(
    State(m): State<Mandats>,
    shell: Shell,
    Path(jeton): Path<String>,
    source: Option<Extension<Source>>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let (secret, r, i) = lue(&m, &jeton).await?;
    if let Some(choix) = lire_choix(&mut form) {
        admis(&m, source)?;
        match reponses::repondre(&m, &secret, &choix).await {
            Ok(()) => {
                let dit = match choix {
                    Choix::Vient { .. } => "C’est noté : vous venez.",
                    Choix::NeVientPas => "C’est noté : vous ne venez pas. Votre nom n’est pas gardé.",
                    Choix::Transmet(_) => "L’invitation est transmise.",
                };
                return Ok(see_other_saying(&format!("{PUBLIC}/reponse/{jeton}"), dit));
            }
            Err(Failure::Refusal(Refusal::Conflict(phrase))) => form.refuse("choix", phrase),
            Err(Failure::Refusal(refus)) => form.take(refus)?,
            Err(e) => return Err(e.into()),
        }
    }
    montrer(&m, shell, (StatusCode::UNPROCESSABLE_ENTITY, form), (r, i))
}

#[derive(Template)]
#[template(path = "reunions/pages/inscription.html")]
struct PageInscription {
    shell: Shell,
    form: FormState,
    r: Reunion,
    ferme: Option<String>,
}

async fn de_code(m: &Mandats, code: &str) -> Result<Reunion, PageError> {
    store::de_code(m.site.db.read(), code).await?.ok_or_else(PageError::not_found)
}

fn montrer_inscription(
    m: &Mandats,
    shell: Shell,
    (code, form): (StatusCode, FormState),
    r: Reunion,
) -> PageResult {
    let ferme = regles::ouverte(&r, m.site.clock.now()).err().map(|e| e.to_string());
    page_with(code, &PageInscription { shell, form, r, ferme })
}

pub(super) async fn inscription(
    State(m): State<Mandats>,
    shell: Shell,
    Path(code): Path<String>,
) -> PageResult {
    let r = de_code(&m, &code).await?;
    let form = FormState::filled([(freins::AFFICHE, m.site.clock.now().timestamp().to_string())]);
    montrer_inscription(&m, shell, (StatusCode::OK, form), r)
}

#[derive(Template)]
#[template(path = "reunions/pages/inscrite.html")]
struct Inscrite {
    shell: Shell,
    r: Reunion,
}

pub(super) async fn inscrire(
    State(m): State<Mandats>,
    shell: Shell,
    Path(code): Path<String>,
    source: Option<Extension<Source>>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let r = de_code(&m, &code).await?;
    if freins::est_un_robot(&form) {
        // A robot that believes it succeeded does not try again.
        return page(&Inscrite { shell, r });
    }
    freins::le_temps(&mut form, "prenom", m.site.clock.now());
    let prenom = form.text("prenom", regles::TEXTE_MAX);
    let nom = form.text("nom", regles::TEXTE_MAX);
    let courriel = form.parse("courriel", Email::parse);
    let organisme = form.text("organisme", regles::TEXTE_MAX);
    let pivot = saisie::pivot(&mut form);
    if let (true, Some(prenom), Some(nom), Some(courriel), Some(organisme), Some(pivot)) =
        (form.is_valid(), prenom, nom, courriel, organisme, pivot)
    {
        admis(&m, source)?;
        let qui = Inscription { prenom, nom, courriel, organisme, pivot };
        match reponses::inscrire(&m, &code, &qui).await {
            Ok(()) => return page(&Inscrite { shell, r }),
            Err(Failure::Refusal(Refusal::Conflict(phrase))) => form.refuse("prenom", phrase),
            Err(Failure::Refusal(refus)) => form.take(refus)?,
            Err(e) => return Err(e.into()),
        }
    }
    montrer_inscription(&m, shell, (StatusCode::UNPROCESSABLE_ENTITY, form), r)
}
