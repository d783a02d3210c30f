//! Pages of the consents at a distance: the aidant who waits, the person who follows a link.

mod appel;
mod arret;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use identity::secrets::link::Secret;
use kernel::{Refusal, Verb};
use platform::web::{
    Access, FormState, Formulaire, PageError, PageResult, Routes, Shell, page, page_with, see_other,
    see_other_saying, see_other_warning,
};

use super::actions::{self, Effet, Geste};
use super::model::{Consentement, ConsentementId, ENVOIS, Etat};
use super::{demonstration, rappels};
use crate::discret::discret;
use crate::{Failure, Mandats, usagers};

/// Every page, with its access.
pub fn routes(m: &Mandats) -> Routes<()> {
    let aidant = Access::May(Verb::TenirMandats);
    let mut routes = Routes::new()
        .get("/consentements/{id}", aidant, attendre)
        .post("/consentements/{id}", aidant, agir)
        .get("/accord/{secret}", Access::Public, lire)
        .post("/accord/{secret}", Access::Public, repondre)
        .get("/ne-plus-recevoir/{secret}", Access::Public, arret::lire)
        .post("/ne-plus-recevoir/{secret}", Access::Public, arret::arreter)
        .post("/rappels/sms", Access::Public, rappels::recevoir);
    if m.site.is_demo() {
        routes = routes.get("/demo/sms", Access::Public, demonstration::liste).post(
            "/demo/sms",
            Access::Public,
            demonstration::repondre,
        );
    }
    routes.with_state(m.clone())
}

#[derive(Template)]
#[template(path = "consentements/pages/attente.html")]
struct Attente {
    shell: Shell,
    c: Consentement,
    /// Whether who reads made the draft: nobody else opens it.
    sien: bool,
    /// Who is asked.
    personne: String,
    etat: Etat,
    peut_renvoyer: bool,
    /// Whether whoever is asked wants no more messages.
    stop: bool,
}

fn lire_id(id: &str) -> Result<ConsentementId, PageError> {
    uuid::Uuid::parse_str(id).map(ConsentementId).map_err(|_| PageError::not_found())
}

async fn attendre(State(m): State<Mandats>, shell: Shell, Path(id): Path<String>) -> PageResult {
    let (c, sien) = actions::chez(&m, m.site.db.read(), shell.actor()?, lire_id(&id)?).await?;
    if c.adresse.preuve().is_some() {
        return appel::montre(&m, shell, FormState::default(), (c, sien)).await;
    }
    let etat = c.etat(m.site.clock.now());
    let peut_renvoyer = etat.ouvert() && c.envois < ENVOIS;
    let usager = usagers::store::lire(m.site.db.read(), c.usager).await?;
    let personne = usager.map(|u| u.identite.nom_complet()).unwrap_or_default();
    let stop = super::arrete(&m.site, m.site.db.read(), &c.adresse).await?;
    page(&Attente { shell, c, sien, personne, etat, peut_renvoyer, stop }).map(discret)
}

async fn agir(
    State(m): State<Mandats>,
    shell: Shell,
    Path(id): Path<String>,
    Formulaire(form): Formulaire,
) -> PageResult {
    let id = lire_id(&id)?;
    if let Some(parole) = appel::parole(&form) {
        return appel::noter(&m, shell, id, form, &parole).await;
    }
    let geste = match form.get("geste") {
        "demander" => Geste::Demander,
        "renvoyer" => Geste::Renvoyer,
        "abandonner" => Geste::Abandonner,
        _ => return Err(PageError::not_found()),
    };
    let ici = super::page(id);
    let (c, _) = actions::chez(&m, m.site.db.read(), shell.actor()?, id).await?;
    let par_appel = c.adresse.preuve().is_some();
    match actions::agir(&m, shell.actor()?, id, geste).await {
        Ok(()) => Ok(match geste {
            Geste::Demander if par_appel => see_other(&ici),
            Geste::Demander => see_other_saying(&ici, "La demande d’accord est partie."),
            Geste::Renvoyer => see_other_saying(&ici, "Le message est reparti."),
            Geste::Abandonner => {
                see_other_saying(&ici, "Cette demande est arrêtée : une réponse n’aurait plus d’effet.")
            }
        }),
        Err(Failure::Refusal(Refusal::Conflict(phrase))) => Ok(see_other_warning(&ici, &phrase)),
        Err(failure) => Err(failure.into()),
    }
}

#[derive(Template)]
#[template(path = "consentements/pages/accord.html")]
struct Accord {
    shell: Shell,
    /// What is offered and what is asked; none when the link is over.
    textes: Option<(String, String)>,
    adresse: String,
}

/// Reading changes nothing: programs that open the links of messages agree to nothing.
async fn lire(State(m): State<Mandats>, shell: Shell, Path(secret): Path<String>) -> PageResult {
    let lu = Secret::parse(&secret);
    let c = match &lu {
        Some(secret) => actions::du_lien(&m, secret).await?,
        None => None,
    };
    let status = if c.is_some() { StatusCode::OK } else { StatusCode::NOT_FOUND };
    let textes = c.map(|c| {
        // That message is this one.
        (c.offre.replace(" Un autre message vous demandera votre accord.", ""), c.question)
    });
    let adresse = lu.map(|s| format!("/accord/{}", s.expose())).unwrap_or_default();
    page_with(status, &Accord { shell, textes, adresse }).map(discret)
}

async fn repondre(
    State(m): State<Mandats>,
    Path(secret): Path<String>,
    Formulaire(form): Formulaire,
) -> PageResult {
    let adresse = |s: &Secret| format!("/accord/{}", s.expose());
    let Some(secret) = Secret::parse(&secret) else { return Err(PageError::not_found()) };
    let oui = match form.get("reponse") {
        "accepte" => true,
        "refuse" => false,
        _ => return Ok(discret(see_other(&adresse(&secret)))),
    };
    Ok(match actions::repondre_par_lien(&m, &secret, oui).await? {
        Effet::Pris(Etat::Acceptee) => see_other_saying(
            "/mes-mandats/connexion",
            "C’est noté : vous acceptez. Votre aidant peut faire le mandat.",
        ),
        Effet::Pris(_) => see_other_saying(
            "/mes-mandats/connexion",
            "C’est noté : vous refusez. Rien ne sera fait en votre nom.",
        ),
        Effet::Incompris | Effet::Aucun => discret(see_other(&adresse(&secret))),
    })
}
