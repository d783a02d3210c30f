//! Coming in, going out.

use std::sync::LazyLock;

use askama::Template;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use platform::web::freins::ParHeure;
use platform::web::observe::Source;
use platform::web::{
    FormState, Formulaire, PageError, PageResult, Requete, Shell, page_with, see_other, see_other_saying,
    see_other_warning,
};

use super::super::biscuits::{self, Biscuit, Cookie, CookieCode};
use super::super::codes::{self, Adresse, Essai};
use super::super::model::Moyen;
use super::super::store;
use super::prive;
use crate::franceconnect::{self, But, Depart, Navigateur};
use crate::usagers;
use crate::{Failure, Mandats};

/// Codes asked for and tried, by address of the Internet and hour: a France services house has one for all.
static DEMANDES: LazyLock<ParHeure> = LazyLock::new(ParHeure::default);
static ESSAIS: LazyLock<ParHeure> = LazyLock::new(ParHeure::default);
const DEMANDES_PAR_HEURE: u32 = 30;
const ESSAIS_PAR_HEURE: u32 = 60;

const RETOUR: &str = "/mes-mandats/connexion";

#[derive(Template)]
#[template(path = "espace/pages/connexion.html")]
struct Accueil {
    shell: Shell,
    form: FormState,
    conseil: Option<String>,
    franceconnect: bool,
}

fn montre(
    m: &Mandats,
    status: StatusCode,
    shell: Shell,
    form: FormState,
    conseil: Option<String>,
) -> PageResult {
    let franceconnect = m.franceconnect.is_some();
    page_with(status, &Accueil { shell, form, conseil, franceconnect }).map(prive)
}

pub(super) async fn accueil(
    State(m): State<Mandats>,
    shell: Shell,
    nav: Navigateur,
    Requete(query): Requete,
) -> PageResult {
    if !query.get("identification").is_empty() {
        return entrer(&m, &nav, query.get("identification")).await;
    }
    let conseil = franceconnect::conseil(query.get("refus"));
    montre(&m, StatusCode::OK, shell, FormState::default(), conseil)
}

/// Opens the space of whoever FranceConnect just identified.
async fn entrer(m: &Mandats, nav: &Navigateur, identification: &str) -> PageResult {
    let ouvert = m
        .site
        .db
        .write(async |tx| {
            let pris = franceconnect::prendre(m, tx, (But::Espace, RETOUR), identification, nav).await?;
            let Some(identifie) = pris else { return Ok(None) };
            // Nobody is written down who only came to look.
            let connu = usagers::reconnaitre(&m.site, tx, &identifie.sub, &identifie.identite).await?;
            let Some(usager) = connu else { return Ok(Some(None)) };
            codes::ouvrir(m, tx, &usager, Moyen::FranceConnect).await.map(|s| Some(Some(s)))
        })
        .await
        .map_err(|e: Failure| PageError::from(e))?;
    match ouvert {
        Some(Some(secret)) => {
            let mut response = see_other("/mes-mandats");
            biscuits::poser(&m.site, &mut response, Biscuit::Session, Some(&secret));
            Ok(prive(response))
        }
        Some(None) => Ok(see_other_warning(
            RETOUR,
            "FranceConnect vous a bien reconnu, mais aucun mandat n’est enregistré à votre nom.",
        )),
        None => Ok(see_other_warning(RETOUR, "Cette connexion a déjà servi ou date trop. Recommencez.")),
    }
}

pub(super) async fn franceconnect(State(m): State<Mandats>, nav: Navigateur) -> PageResult {
    franceconnect::partir(&m, &nav, Depart { but: But::Espace, retour: RETOUR.to_owned() }).await
}

pub(super) async fn demander(
    State(m): State<Mandats>,
    shell: Shell,
    source: Option<Extension<Source>>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let adresse = form.parse("adresse", Adresse::lire);
    let naissance = form.parse("naissance", |t| {
        crate::jours::lire(t).ok_or("Écrivez la date de naissance, par exemple 1962-08-24.")
    });
    let (Some(adresse), Some(naissance)) = (adresse, naissance) else {
        return montre(&m, StatusCode::UNPROCESSABLE_ENTITY, shell, form, None);
    };
    let now = m.site.clock.now();
    if !source.is_none_or(|s| DEMANDES.admis(s.0.0, DEMANDES_PAR_HEURE, now)) {
        return Err(PageError::TooMany);
    }
    let secret = codes::demander(&m, &adresse, naissance).await?;
    let mut response = see_other("/mes-mandats/code");
    biscuits::poser(&m.site, &mut response, Biscuit::Code, Some(&secret));
    Ok(prive(response))
}

#[derive(Template)]
#[template(path = "espace/pages/code.html")]
struct Saisie {
    shell: Shell,
    form: FormState,
}

pub(super) async fn saisir(
    State(m): State<Mandats>,
    shell: Shell,
    CookieCode(secret): CookieCode,
) -> PageResult {
    let now = m.site.clock.now();
    let demande = match &secret {
        Some(secret) => store::demande(m.site.db.read(), &secret.hash(), now).await?,
        None => None,
    };
    if demande.is_none() {
        return Ok(see_other(RETOUR));
    }
    page_with(StatusCode::OK, &Saisie { shell, form: FormState::default() }).map(prive)
}

pub(super) async fn verifier(
    State(m): State<Mandats>,
    shell: Shell,
    CookieCode(secret): CookieCode,
    source: Option<Extension<Source>>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    if !source.is_none_or(|s| ESSAIS.admis(s.0.0, ESSAIS_PAR_HEURE, m.site.clock.now())) {
        return Err(PageError::TooMany);
    }
    let fini =
        "Ce code ne peut plus servir : il est trop ancien, ou il y a eu trop d’essais. Demandez-en un autre.";
    let Some(secret) = secret else { return Ok(see_other_warning(RETOUR, fini)) };
    match codes::essayer(&m, &secret, form.get("code")).await? {
        Essai::Ouvert(session) => {
            let mut response = see_other("/mes-mandats");
            biscuits::poser(&m.site, &mut response, Biscuit::Session, Some(&session));
            biscuits::poser(&m.site, &mut response, Biscuit::Code, None);
            Ok(prive(response))
        }
        Essai::Faux(reste) => {
            form.forget("code");
            let essais = if reste == 1 { "1 essai".to_owned() } else { format!("{reste} essais") };
            form.refuse(
                "code",
                format!("Ce n’est pas ce code. Vérifiez le dernier message reçu : il reste {essais}."),
            );
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &Saisie { shell, form }).map(prive)
        }
        Essai::Fini => Ok(see_other_warning(RETOUR, fini)),
    }
}

pub(super) async fn sortir(State(m): State<Mandats>, Cookie(secret): Cookie) -> PageResult {
    if let Some(secret) = secret {
        let empreinte = secret.hash();
        m.site.db.write(async |tx| store::fermer(tx, &empreinte).await).await?;
    }
    let mut response = see_other_saying(RETOUR, "Vous avez quitté votre espace.");
    biscuits::poser(&m.site, &mut response, Biscuit::Session, None);
    Ok(response)
}
