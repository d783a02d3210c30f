//! Pages of the staff.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::{Refusal, Verb};
use oidc::Secret;
use platform::web::{
    Access, FormState, Formulaire, PageError, PageResult, Routes, Shell, page, page_with, see_other_saying,
};
use uuid::Uuid;

use super::model::{Inscrit, Reglages};
use super::{actions, saisie, store};
use crate::{Failure, Mandats};

const BASE: &str = "/gestion/fournisseur/clients";
const ACCES: Access = Access::May(Verb::AdministrerMandats);

/// Every page, with its access.
pub(in super::super) fn routes(m: &Mandats) -> Routes<()> {
    let at = |rest: &str| format!("{BASE}{rest}");
    Routes::new()
        .get(BASE, ACCES, liste)
        .get(&at("/nouveau"), ACCES, nouveau)
        .post(&at("/nouveau"), ACCES, inscrire)
        .get(&at("/{client}"), ACCES, fiche)
        .post(&at("/{client}"), ACCES, modifier)
        .post(&at("/{client}/secret"), ACCES, secret)
        .with_state(m.clone())
}

#[derive(Template)]
#[template(path = "fournisseur/clients/liste.html")]
struct Liste {
    shell: Shell,
    clients: Vec<Inscrit>,
    emetteur: String,
}

async fn liste(State(m): State<Mandats>, shell: Shell) -> PageResult {
    shell.actor()?.may(Verb::AdministrerMandats)?;
    let clients = store::tous(&m.site, m.site.db.read()).await?;
    page(&Liste { shell, clients, emetteur: m.site.url("") })
}

#[derive(Template)]
#[template(path = "fournisseur/clients/formulaire.html")]
struct Page {
    shell: Shell,
    form: FormState,
    /// None for a new one.
    connu: Option<Inscrit>,
}

impl Page {
    fn methodes(&self) -> Vec<(&'static str, &'static str)> {
        saisie::METHODES.iter().map(|(a, nom)| (a.name(), *nom)).collect()
    }

    fn scopes(&self) -> Vec<(&'static str, String)> {
        oidc::franceconnect::SCOPES
            .iter()
            .map(|(s, noms)| (*s, format!("{s} : {}", noms.join(", "))))
            .collect()
    }

    fn algorithmes(&self) -> [(&'static str, &'static str); 3] {
        saisie::ALGORITHMES
    }

    fn algorithmes_des_cles(&self) -> [(&'static str, &'static str); 2] {
        [("ES256", "ES256"), ("RS256", "RS256")]
    }

    fn userinfo_algs(&self) -> Vec<(&'static str, &'static str)> {
        [("", "aucune signature : JSON")].into_iter().chain(saisie::ALGORITHMES).collect()
    }
}

#[derive(Template)]
#[template(path = "fournisseur/clients/secret.html")]
struct Montre<'a> {
    shell: Shell,
    nom: String,
    id: Uuid,
    secret: &'a str,
}

fn montre(shell: Shell, nom: String, id: Uuid, secret: &Secret) -> PageResult {
    page(&Montre { shell, nom, id, secret: secret.expose() })
}

async fn nouveau(shell: Shell) -> PageResult {
    page(&Page { shell, form: saisie::vierge(), connu: None })
}

fn neuf(m: &Mandats) -> Inscrit {
    let site = &m.site;
    let reglages = Reglages {
        redirect_uris: Vec::new(),
        post_logout_redirect_uris: Vec::new(),
        auth: Vec::new(),
        cles: None,
        id_token_alg: oidc::jose::Alg::Es256,
        userinfo_alg: None,
        pkce_required: false,
        nonce_required: true,
        scopes: Vec::new(),
        acr: Vec::new(),
        acr_binding: true,
        rep_scope: true,
        act: false,
        presence_s: 0,
        one_use: true,
        par_seconde: 0,
        adresse_fin: None,
    };
    Inscrit {
        id: kernel::ids::uuid_v7(&site.clock, &site.chance),
        client_id: String::new(),
        nom: String::new(),
        actif: true,
        reglages,
        secrets: Vec::new(),
        cree_le: site.clock.now(),
        version: 0,
    }
}

async fn inscrire(State(m): State<Mandats>, shell: Shell, Formulaire(form): Formulaire) -> PageResult {
    enregistrer(&m, shell, form, neuf(&m)).await
}

async fn connu(m: &Mandats, id: &str) -> Result<Inscrit, PageError> {
    let id: Uuid = id.parse().map_err(|_| PageError::not_found())?;
    store::lire(&m.site, m.site.db.read(), id).await?.ok_or_else(PageError::not_found)
}

async fn fiche(State(m): State<Mandats>, shell: Shell, Path(id): Path<String>) -> PageResult {
    let c = connu(&m, &id).await?;
    page(&Page { shell, form: saisie::rempli(&c), connu: Some(c) })
}

async fn modifier(
    State(m): State<Mandats>,
    shell: Shell,
    Path(id): Path<String>,
    Formulaire(form): Formulaire,
) -> PageResult {
    let c = connu(&m, &id).await?;
    // The version that was shown: of two people on one page, the second is told.
    let version = form.get("version").parse().unwrap_or(c.version);
    enregistrer(&m, shell, form, Inscrit { version, ..c }).await
}

async fn enregistrer(m: &Mandats, shell: Shell, mut form: FormState, avant: Inscrit) -> PageResult {
    let connu = (avant.version > 0).then(|| avant.clone());
    let refuse = |shell, form| page_with(StatusCode::UNPROCESSABLE_ENTITY, &Page { shell, form, connu });
    let Some(c) = saisie::lire(&mut form, avant) else { return refuse(shell, form) };
    let (id, nom) = (c.id, c.nom.clone());
    match actions::enregistrer(m, shell.actor()?, c).await {
        Ok(Some(secret)) => montre(shell, nom, id, &secret),
        Ok(None) => Ok(see_other_saying(&format!("{BASE}/{id}"), "Le client est enregistré.")),
        Err(Failure::Refusal(refus @ Refusal::Fields(_))) => {
            form.take(refus)?;
            refuse(shell, form)
        }
        Err(autre) => Err(autre.into()),
    }
}

async fn secret(
    State(m): State<Mandats>,
    shell: Shell,
    Path(id): Path<String>,
    Formulaire(form): Formulaire,
) -> PageResult {
    let c = connu(&m, &id).await?;
    let neuf = actions::nouveau_secret(&m, shell.actor()?, c.id, form.coche("seul", "oui")).await?;
    montre(shell, c.nom, c.id, &neuf)
}
