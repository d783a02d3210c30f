//! Pages of the person's own space.

mod connexion;
mod coordonnees;
mod mandats;
mod reglages;

use platform::web::{Access, Routes};

use crate::Mandats;

/// Every page. All are public for the house, which knows accounts only: those of the space ask for the session of this
/// room (`Chez`) themselves, and send everybody else to the page of sign-in.
pub fn routes(m: &Mandats) -> Routes<()> {
    use Access::Public;
    Routes::new()
        .get("/mes-mandats", Public, mandats::liste)
        .get("/mes-mandats/connexion", Public, connexion::accueil)
        .post("/mes-mandats/franceconnect", Public, connexion::franceconnect)
        .post("/mes-mandats/code", Public, connexion::demander)
        .get("/mes-mandats/code", Public, connexion::saisir)
        .post("/mes-mandats/code/verifier", Public, connexion::verifier)
        .post("/mes-mandats/deconnexion", Public, connexion::sortir)
        .get("/mes-mandats/mandat/{numero}", Public, mandats::mandat)
        .get("/mes-mandats/mandat/{numero}/fichier", Public, mandats::fichier)
        .get("/mes-mandats/mandat/{numero}/echange", Public, mandats::echange)
        .get("/mes-mandats/mandat/{numero}/transferts/{rang}", Public, mandats::transfert)
        .get("/mes-mandats/mandat/{numero}/imprimer", Public, mandats::imprimer)
        .get("/mes-mandats/mandat/{numero}/revoquer", Public, mandats::confirmer)
        .post("/mes-mandats/mandat/{numero}/revoquer", Public, mandats::revoquer)
        .get("/mes-mandats/tout-revoquer", Public, mandats::confirmer_tout)
        .post("/mes-mandats/tout-revoquer", Public, mandats::revoquer_tout)
        .get("/mes-mandats/journal", Public, reglages::journal)
        .get("/mes-mandats/preferences", Public, reglages::preferences)
        .post("/mes-mandats/preferences", Public, reglages::preferer)
        .post("/mes-mandats/preferences/reprendre", Public, reglages::reprendre)
        .get("/mes-mandats/coordonnees", Public, coordonnees::lire)
        .post("/mes-mandats/coordonnees", Public, coordonnees::changer)
        .post("/mes-mandats/coordonnees/retirer", Public, coordonnees::retirer)
        .get("/mes-mandats/coordonnees/code", Public, coordonnees::saisir)
        .post("/mes-mandats/coordonnees/code", Public, coordonnees::verifier)
        .get("/mes-mandats/donnees", Public, reglages::donnees)
        .post("/mes-mandats/donnees.json", Public, reglages::json)
        .post("/mes-mandats/donnees.txt", Public, reglages::texte)
        .with_state(m.clone())
}

/// What a person sees of theirs is kept by no cache.
pub(super) fn prive(mut response: axum::response::Response) -> axum::response::Response {
    use axum::http::{HeaderValue, header};
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
