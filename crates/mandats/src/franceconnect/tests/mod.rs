//! The client of FranceConnect: a journey through the fictitious provider, through one of another hand, and a corpus of
//! faulty answers.

mod corpus;
pub(crate) mod demonstration;
mod pair;
mod tls;

use axum::extract::State;
use oidc::client::Settings;
use platform::web::{Access, PageResult, Requete, Routes, see_other};
use platform::{Mode, Site};
use testkit::{Browser, TestSite};

use super::{But, Client, Depart, Navigateur, prendre};
use crate::{Failure, Mandats};

/// Two pages, as a room would have: one that sends the person, one to which they come back.
fn pages(m: &Mandats) -> Routes<()> {
    Routes::new()
        .get("/essai/partir", Access::Public, partir)
        .post("/essai/partir", Access::Public, partir)
        .get("/essai", Access::Public, revenir)
        .with_state(m.clone())
        .merge(super::routes(m))
}

async fn partir(State(m): State<Mandats>, nav: Navigateur) -> PageResult {
    super::partir(&m, &nav, Depart { but: But::Mandat, retour: "/essai?a=b".to_owned() }).await
}

/// Says who came back, in text; nobody is a 404.
async fn revenir(State(m): State<Mandats>, nav: Navigateur, Requete(q): Requete) -> PageResult {
    let pris = m
        .site
        .db
        .write(async |tx| prendre(&m, tx, (But::Mandat, "/essai?a=b"), q.get("identification"), &nav).await)
        .await
        .map_err(|e: Failure| platform::web::PageError::from(e))?;
    match pris {
        Some(i) => Ok(axum::response::IntoResponse::into_response(format!(
            "{} {} {} {:?} {} {}",
            i.identite.prenoms,
            i.identite.nom,
            i.identite.naissance.etat_civil,
            i.identite.courriel.as_ref().map(|c| c.as_str()),
            i.acr,
            i.sub
        ))),
        None => Ok(see_other("/personne")),
    }
}

pub(crate) async fn mandats(t: &TestSite, mode: Mode) -> Mandats {
    let site = Site { mode, ..t.site.clone() };
    Mandats::new(&annuaire::Annuaire::load(&site).await.unwrap())
}

async fn avec(t: &TestSite, settings: Settings) -> Mandats {
    let delai = Some(std::time::Duration::from_millis(1_500));
    let mut m = mandats(t, Mode::Serve).await;
    m.franceconnect = Client::par_le_reseau(&m.site, settings, None, delai);
    assert!(m.franceconnect.is_some());
    m
}

/// Leaves, and gives the address at the provider.
async fn depart(b: &mut Browser) -> String {
    let passage = b.post("/essai/partir", &[]).await.expect(303).location().to_owned();
    passe(b, &passage).await
}

/// The address at the provider, from the page that leads there.
pub(crate) async fn passe(b: &mut Browser, passage: &str) -> String {
    assert!(passage.starts_with("/franceconnect/partir/"), "{passage}");
    let page = b.get(passage).await.expect(200);
    assert_eq!(page.headers["referrer-policy"], "no-referrer");
    let (_, rest) = page.body.split_once("content=\"0;url=").unwrap();
    rest.split('"').next().unwrap().replace("&amp;", "&").replace("&#38;", "&")
}

/// A parameter of an address.
fn parametre(adresse: &str, nom: &str) -> Option<String> {
    let url = url::Url::parse("http://localhost:8080").unwrap().join(adresse).unwrap();
    url.query_pairs().find(|(k, _)| k == nom).map(|(_, v)| v.into_owned())
}
