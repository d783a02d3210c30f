//! Pages of who applies: no account, no script.

use std::sync::LazyLock;

use askama::Template;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use identity::secrets::link::Secret;
use kernel::{Email, Refusal};
use platform::web::freins::{self, AFFICHE, ParHeure};
use platform::web::observe::Source;
use platform::web::shell::{append_cookie, cookie};
use platform::web::{
    Access, FormState, Formulaire, PageError, PageResult, Routes, Shell, page, page_with, see_other,
    see_other_saying,
};

use super::super::saisie::{self, DIPLOME, rayons, situations};
use super::super::store;
use super::actions::{self, Confirmation};
use crate::Conseillers;
use crate::Failure;

const BASE: &str = "/candidature";
/// The cookie of who asked that their draft be kept.
const BISCUIT: &str = "maillage-candidature";
/// How long it lives: as long as the draft.
const BISCUIT_S: i64 = 30 * 86_400;
/// The hidden field that makes one application of a form that is sent twice.
const DEPOT: &str = "depot";
/// What a draft keeps.
const CHAMPS: [&str; 12] = [
    "prenom",
    "nom",
    "courriel",
    "telephone",
    "code_postal",
    "commune",
    "code_commune",
    "rayon",
    "disponible_le",
    "situations",
    DIPLOME,
    "motivation",
];
/// Longest value of a draft, in characters.
const VALEUR_MAX: usize = 5_000;

static COMPTES: LazyLock<ParHeure> = LazyLock::new(ParHeure::default);

/// Every page, with its access.
pub(in crate::candidats) fn routes(conseillers: Conseillers) -> Routes<()> {
    Routes::new()
        .get(BASE, Access::Public, formulaire)
        .post(BASE, Access::Public, deposer)
        .get("/candidature/deposee", Access::Public, deposee)
        .get("/candidature/reprendre/{secret}", Access::Public, reprendre)
        .post("/candidature/oublier", Access::Public, oublier)
        .get("/candidature/renvoyer", Access::Public, renvoi)
        .post("/candidature/renvoyer", Access::Public, renvoyer)
        .get("/candidature/confirmer/{secret}", Access::Public, confirmation)
        .post("/candidature/confirmer/{secret}", Access::Public, confirmer)
        .with_state(conseillers)
}

#[derive(Template)]
#[template(path = "candidats/depot/formulaire.html")]
struct Page {
    shell: Shell,
    form: FormState,
    communes: Vec<(String, String)>,
    brouillon: bool,
    courriel_fixe: bool,
}

fn montre(status: StatusCode, shell: Shell, form: FormState, communes: Vec<(String, String)>) -> PageResult {
    page_with(status, &Page { shell, form, communes, brouillon: false, courriel_fixe: false })
}

fn pose(conseillers: &Conseillers, response: &mut Response, valeur: &str, age: i64) {
    let secure = if conseillers.site.config.serveur.origine.starts_with("https:") { "; Secure" } else { "" };
    append_cookie(
        response,
        &format!("{BISCUIT}={valeur}; Path={BASE}; HttpOnly; SameSite=Lax; Max-Age={age}{secure}"),
    );
}

async fn formulaire(State(conseillers): State<Conseillers>, shell: Shell, parts: Parts) -> PageResult {
    let site = &conseillers.site;
    let garde = cookie(&parts, BISCUIT).and_then(Secret::parse);
    let contenu = match &garde {
        Some(secret) => store::brouillon(site.db.read(), &secret.hash()).await?,
        None => None,
    };
    let brouillon = contenu.is_some();
    let valeurs: Vec<(String, String)> =
        contenu.and_then(|c| serde_json::from_str(&c).ok()).unwrap_or_default();
    let mut form = FormState::filled(valeurs);
    let secret = garde.filter(|_| brouillon).unwrap_or_else(|| Secret::new(&site.chance));
    form.set(DEPOT, secret.expose());
    form.set(AFFICHE, site.clock.now().timestamp().to_string());
    page(&Page { shell, form, communes: Vec::new(), brouillon, courriel_fixe: false })
}

async fn reprendre(State(conseillers): State<Conseillers>, Path(recu): Path<String>) -> PageResult {
    let secret = Secret::parse(&recu).ok_or_else(PageError::not_found)?;
    if store::brouillon(conseillers.site.db.read(), &secret.hash()).await?.is_none() {
        return Ok(platform::web::see_other_warning(
            BASE,
            "Ce brouillon n’existe plus : il a été envoyé, effacé, ou gardé plus d’un mois.",
        ));
    }
    let mut response = see_other(BASE);
    pose(&conseillers, &mut response, secret.expose(), BISCUIT_S);
    Ok(response)
}

async fn oublier(State(conseillers): State<Conseillers>, parts: Parts) -> PageResult {
    if let Some(secret) = cookie(&parts, BISCUIT).and_then(Secret::parse) {
        let empreinte = secret.hash();
        conseillers.site.db.write(async |tx| store::oublier_brouillon(tx, &empreinte).await).await?;
    }
    let mut response = see_other_saying(BASE, "Votre brouillon est effacé.");
    pose(&conseillers, &mut response, "", 0);
    Ok(response)
}

/// Whether that address may send one more public form in this hour: applications and demandes of structures together.
///
/// # Errors
/// [`PageError::TooMany`] when it may not.
pub(crate) fn admis(conseillers: &Conseillers, source: Option<Extension<Source>>) -> Result<(), PageError> {
    let site = &conseillers.site;
    let maximum = site.config.conseillers.candidatures_par_heure;
    let admis = source.is_none_or(|s| COMPTES.admis(s.0.0, maximum, site.clock.now()));
    if admis { Ok(()) } else { Err(PageError::TooMany) }
}

async fn deposer(
    State(conseillers): State<Conseillers>,
    shell: Shell,
    source: Option<Extension<Source>>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let site = &conseillers.site;
    if freins::est_un_robot(&form) {
        // A robot that believes it succeeded does not try again.
        return Ok(see_other("/candidature/deposee"));
    }
    let secret = Secret::parse(form.get(DEPOT)).unwrap_or_else(|| Secret::new(&site.chance));
    form.set(DEPOT, secret.expose());
    if form.get("action") == "garder" {
        admis(&conseillers, source)?;
        return garder(&conseillers, &form, &secret).await;
    }
    let now = site.clock.now();
    let lue =
        saisie::lire(&mut form, &conseillers.annuaire.territoires(), kernel::calendrier::jour(&now), None);
    freins::le_temps(&mut form, "motivation", now);
    let Some(fiche) = lue.fiche.filter(|_| form.is_valid()) else {
        return montre(StatusCode::UNPROCESSABLE_ENTITY, shell, form, lue.communes);
    };
    admis(&conseillers, source)?;
    match actions::deposer(site, fiche, &secret).await {
        Ok(()) => {
            let mut response = see_other("/candidature/deposee");
            pose(&conseillers, &mut response, "", 0);
            Ok(response)
        }
        Err(Failure::Refusal(refusal @ Refusal::Fields(_))) => {
            form.take(refusal)?;
            montre(StatusCode::UNPROCESSABLE_ENTITY, shell, form, Vec::new())
        }
        Err(autre) => Err(autre.into()),
    }
}

async fn garder(conseillers: &Conseillers, form: &FormState, secret: &Secret) -> PageResult {
    let garde: Vec<(&str, String)> = form
        .values()
        .iter()
        .filter(|(k, v)| CHAMPS.contains(&k.as_str()) && !v.trim().is_empty())
        .take(40)
        .map(|(k, v)| (k.as_str(), v.chars().take(VALEUR_MAX).collect()))
        .collect();
    let contenu = serde_json::to_string(&garde).map_err(PageError::internal)?;
    let courriel = Email::parse(form.get("courriel")).ok();
    actions::garder(&conseillers.site, secret, &contenu, courriel.as_ref()).await?;
    let phrase = if courriel.is_some() {
        "Votre brouillon est gardé un mois. Un lien pour le reprendre part à votre adresse électronique."
    } else {
        "Votre brouillon est gardé un mois sur cet appareil. Écrivez votre adresse électronique pour recevoir un lien."
    };
    let mut response = see_other_saying(BASE, phrase);
    pose(conseillers, &mut response, secret.expose(), BISCUIT_S);
    Ok(response)
}

#[derive(Template)]
#[template(path = "candidats/depot/deposee.html")]
struct Deposee {
    shell: Shell,
}

async fn deposee(shell: Shell) -> PageResult {
    page(&Deposee { shell })
}

#[derive(Template)]
#[template(path = "candidats/depot/renvoyer.html")]
struct Renvoi {
    shell: Shell,
    form: FormState,
}

async fn renvoi(State(conseillers): State<Conseillers>, shell: Shell) -> PageResult {
    let form = FormState::filled([(AFFICHE, conseillers.site.clock.now().timestamp().to_string())]);
    page(&Renvoi { shell, form })
}

async fn renvoyer(
    State(conseillers): State<Conseillers>,
    shell: Shell,
    source: Option<Extension<Source>>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    const DIT: &str = "Si une candidature attend à cette adresse, un message vient de partir. Regardez aussi les indésirables.";
    if freins::est_un_robot(&form) {
        return Ok(see_other_saying("/candidature/renvoyer", DIT));
    }
    let Some(courriel) = form.parse("courriel", Email::parse) else {
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &Renvoi { shell, form });
    };
    admis(&conseillers, source)?;
    actions::renvoyer(&conseillers.site, &courriel).await?;
    Ok(see_other_saying("/candidature/renvoyer", DIT))
}

#[derive(Template)]
#[template(path = "candidats/depot/confirmer.html")]
struct Confirmer {
    shell: Shell,
    /// The reference, and whether it is confirmed already; none when the link is over.
    candidature: Option<(String, bool)>,
    adresse: String,
}

async fn confirmation(
    State(conseillers): State<Conseillers>,
    shell: Shell,
    Path(recu): Path<String>,
) -> PageResult {
    let adresse = shell.path.clone();
    match actions::a_confirmer(&conseillers.site, &recu).await {
        Ok(c) => {
            let deja = !matches!(c.etat, super::super::model::Etat::AConfirmer);
            page(&Confirmer { shell, candidature: Some((c.reference(), deja)), adresse })
        }
        Err(Failure::Refusal(Refusal::NotFound)) => {
            page_with(StatusCode::NOT_FOUND, &Confirmer { shell, candidature: None, adresse })
        }
        Err(autre) => Err(autre.into()),
    }
}

async fn confirmer(State(conseillers): State<Conseillers>, Path(recu): Path<String>) -> PageResult {
    match actions::confirmer(&conseillers.site, &recu).await? {
        Confirmation::Ouverte(Some(lien)) => Ok(see_other_saying(
            &format!("/invitation/{}", lien.expose()),
            "Votre candidature est confirmée. Choisissez maintenant comment vous connecter à votre espace.",
        )),
        Confirmation::Ouverte(None) => Ok(see_other_saying(
            "/mon-espace",
            "Votre candidature est confirmée. Connectez-vous avec votre compte habituel.",
        )),
        Confirmation::Deja => Ok(see_other_saying(
            "/mon-espace",
            "Votre candidature était déjà confirmée. Connectez-vous pour la suivre.",
        )),
    }
}
