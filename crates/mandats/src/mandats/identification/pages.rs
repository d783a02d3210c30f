//! Pages of the person who says who they are on their own device. Reading changes nothing: programs that scan messages
//! follow links.

use annuaire::structures::Ids;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use identity::secrets::link::Secret;
use kernel::Refusal;
use platform::web::{
    Access, Formulaire, PageError, PageResult, Requete, Routes, Shell, page, page_with, see_other,
    see_other_warning,
};

use super::actions;
use super::courriels::chemin;
use super::model::{Etat, Identification, IdentificationId};
use crate::discret::discret;
use crate::document::Duree;
use crate::franceconnect::{self, But, Depart, Navigateur};
use crate::mandats::brouillon::Brouillon;
use crate::mandats::pages::{avertissements, duree, titre};
use crate::{Failure, Mandats, aidants};

/// Every page, with its access: the person has no account.
pub(in crate::mandats) fn routes(m: &Mandats) -> Routes<()> {
    use Access::Public;
    Routes::new()
        .get("/identification/{secret}", Public, lire)
        .post("/identification/{secret}", Public, repondre)
        .get("/identification/suite/{identification}", Public, suite)
        .post("/identification/suite/{identification}", Public, repartir)
        .with_state(m.clone())
}

fn apres(id: IdentificationId) -> String {
    format!("/identification/suite/{id}")
}

#[derive(Template)]
#[template(path = "mandats/identification/lien.html")]
struct Lien {
    shell: Shell,
    /// Who prepares a mandat; none when the link is over.
    organisation: Option<String>,
    adresse: String,
    /// They asked for nothing, and said so just now: whether they want no more messages either.
    refus: Option<bool>,
}

async fn organisation(m: &Mandats, b: &Brouillon) -> Result<String, PageError> {
    let vue = annuaire::structures::find(m.site.db.read(), b.structure).await?;
    Ok(vue.map(|v| v.nom).unwrap_or_default())
}

async fn lire(State(m): State<Mandats>, shell: Shell, Path(secret): Path<String>) -> PageResult {
    let lien = Secret::parse(&secret);
    let i = match &lien {
        Some(lien) => actions::du_lien(&m, lien).await?,
        None => None,
    };
    let b = match &i {
        Some(i) => actions::projet(&m, m.site.db.read(), i).await?.filter(|b| b.mandat.is_none()),
        None => None,
    };
    let organisation = match &b {
        Some(b) => Some(organisation(&m, b).await?),
        None => None,
    };
    let status = if organisation.is_some() { StatusCode::OK } else { StatusCode::NOT_FOUND };
    let adresse = lien.as_ref().map(chemin).unwrap_or_default();
    page_with(status, &Lien { shell, organisation, adresse, refus: None }).map(discret)
}

async fn repondre(
    State(m): State<Mandats>,
    shell: Shell,
    nav: Navigateur,
    Path(secret): Path<String>,
    Formulaire(form): Formulaire,
) -> PageResult {
    let Some(lien) = Secret::parse(&secret) else { return Err(PageError::not_found()) };
    let ici = chemin(&lien);
    let Some(i) = actions::du_lien(&m, &lien).await? else { return Ok(discret(see_other(&ici))) };
    match form.get("reponse") {
        "identifier" => {
            let nav = nav.ou_neuf(&m.site);
            if !actions::ouvrir(&m, &lien, &nav).await? {
                return Ok(discret(see_other(&ici)));
            }
            partir(&m, &nav, i.id).await
        }
        reponse @ ("refuser" | "arreter") => {
            let stop = reponse == "arreter";
            if !actions::refuser(&m, &lien, stop).await? {
                return Ok(discret(see_other(&ici)));
            }
            page(&Lien { shell, organisation: None, adresse: ici, refus: Some(stop) }).map(discret)
        }
        _ => Ok(discret(see_other(&ici))),
    }
}

async fn partir(m: &Mandats, nav: &Navigateur, id: IdentificationId) -> PageResult {
    franceconnect::partir(m, nav, Depart { but: But::Consentement, retour: apres(id) }).await.map(discret)
}

#[derive(Template)]
#[template(path = "mandats/identification/suite.html")]
struct Suite {
    shell: Shell,
    etat: Etat,
    organisation: String,
    /// Who prepares the mandat, once it is known who reads.
    aidant: String,
    demarches: Vec<String>,
    duree: &'static str,
    avertissements: Vec<String>,
    /// Whether it is a mandat by now.
    fait: bool,
    adresse: String,
}

/// Back from FranceConnect, in the browser that left.
async fn suite(
    State(m): State<Mandats>,
    shell: Shell,
    nav: Navigateur,
    Ids([id]): Ids<1>,
    Requete(query): Requete,
) -> PageResult {
    let id = IdentificationId(id);
    let (i, b) = siens(&m, &nav, id).await?;
    let (identification, refus) = (query.get("identification"), query.get("refus"));
    if !refus.is_empty() {
        let phrase = franceconnect::conseil(refus)
            .unwrap_or_else(|| "Vous n’êtes pas identifié. Vous pouvez recommencer.".to_owned());
        return Ok(discret(see_other_warning(&apres(id), &phrase)));
    }
    if !identification.is_empty() {
        return Ok(discret(match actions::identifier(&m, &nav, id, (&apres(id), identification)).await {
            Ok(true) => see_other(&apres(id)),
            Ok(false) => see_other_warning(
                &apres(id),
                "Cette identification a déjà servi, ou a trop attendu. Vous pouvez recommencer.",
            ),
            Err(Failure::Refusal(Refusal::Conflict(phrase))) => see_other_warning(&apres(id), &phrase),
            Err(autre) => return Err(autre.into()),
        }));
    }
    montrer(&m, shell, (&i, &b)).await
}

async fn siens(
    m: &Mandats,
    nav: &Navigateur,
    id: IdentificationId,
) -> Result<(Identification, Brouillon), PageError> {
    let i = actions::du_navigateur(m.site.db.read(), id, nav).await?.ok_or_else(PageError::not_found)?;
    let b = actions::projet(m, m.site.db.read(), &i).await?.ok_or_else(PageError::not_found)?;
    Ok((i, b))
}

async fn montrer(m: &Mandats, shell: Shell, (i, b): (&Identification, &Brouillon)) -> PageResult {
    let (etat, jour) = (i.etat(m.site.clock.now()), m.jour());
    let aidant = aidants::store::du_compte(m.site.db.read(), b.compte).await?;
    page(&Suite {
        shell,
        etat,
        organisation: organisation(m, b).await?,
        aidant: aidant.map(|a| a.nom_complet()).unwrap_or_default(),
        demarches: b.choix.demarches.iter().map(|d| titre(d, jour)).collect(),
        duree: b.choix.duree.and_then(|d| Duree::try_from(d).ok()).map_or("", duree),
        avertissements: avertissements(&b.choix.demarches, jour),
        fait: b.mandat.is_some(),
        adresse: apres(i.id),
    })
    .map(discret)
}

/// Once more to FranceConnect: the first time was given up, or failed.
async fn repartir(State(m): State<Mandats>, nav: Navigateur, Ids([id]): Ids<1>) -> PageResult {
    let (i, b) = siens(&m, &nav, IdentificationId(id)).await?;
    if b.mandat.is_some() || i.etat(m.site.clock.now()) != Etat::Envoyee {
        return Ok(discret(see_other(&apres(i.id))));
    }
    partir(&m, &nav, i.id).await
}
