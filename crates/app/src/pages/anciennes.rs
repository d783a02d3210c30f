//! Addresses of the service that Aidants Connect was before: those who kept a link land where the same thing is done today.
//! Targets are written here, whole: nothing of what was asked is carried over, so no address leads elsewhere.

use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use platform::web::{Access, Routes};

/// Address of before, and where it leads. One that ends with `{*reste}` is all that was below it.
const ANCIENNES: &[(&str, &str)] = &[
    ("/accounts/login/", "/connexion"),
    ("/activity_check/", "/connexion"),
    ("/logout-session/", "/"),
    ("/cgu/", "/conditions-aidants-connect"),
    ("/politique_confidentialite/", "/donnees-personnelles"),
    ("/politique-confidentialite/", "/donnees-personnelles"),
    ("/mentions-legales/", "/mentions-legales"),
    ("/mentions_legales/", "/mentions-legales"),
    ("/accessibilite/", "/accessibilite"),
    ("/stats/", "/statistiques-mandats"),
    ("/statistiques/", "/statistiques-mandats"),
    ("/faq/", "/aide"),
    ("/faq/{*reste}", "/aide"),
    ("/ressources/", "/aide/presenter-aidants-connect"),
    ("/guide_utilisation/", "/aide/faire-un-mandat"),
    ("/temoignages/", "/aide/presenter-aidants-connect"),
    ("/temoignages/{*reste}", "/aide/presenter-aidants-connect"),
    ("/habilitation/", "/habilitation"),
    ("/formation/", "/aide/demander-une-habilitation"),
    ("/usagers/", "/aidant/personnes"),
    ("/usagers/{*reste}", "/aidant/personnes"),
    ("/creation_mandat/", "/aidant/mandats/nouveau"),
    ("/creation_mandat/{*reste}", "/aidant/mandats/nouveau"),
    ("/espace-aidant/", "/aidant"),
    ("/espace-aidant/{*reste}", "/aidant"),
    ("/espace-responsable/", "/referent"),
    ("/espace-responsable/{*reste}", "/referent"),
    ("/espace-referent/", "/referent"),
    ("/espace-referent/{*reste}", "/referent"),
];

/// Where an address of before leads: the one that is written so, or the area that it is below.
fn vers(chemin: &str) -> Option<&'static str> {
    let sous = |ancienne: &str| {
        ancienne
            .strip_suffix("{*reste}")
            .is_some_and(|aire| chemin.len() > aire.len() && chemin.starts_with(aire))
    };
    ANCIENNES.iter().find(|(a, _)| *a == chemin || sous(a)).map(|(_, vers)| *vers)
}

async fn rediriger(adresse: Uri) -> Response {
    match vers(adresse.path()) {
        Some(vers) => (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, vers)]).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

pub(crate) fn routes() -> Routes<()> {
    ANCIENNES.iter().fold(Routes::new(), |routes, (a, _)| routes.get(a, Access::Public, rediriger))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_before_leads_to_one_place_of_ours_whatever_follows() {
        for (chemin, attendu) in [
            ("/stats/", Some("/statistiques-mandats")),
            ("/espace-aidant/", Some("/aidant")),
            ("/espace-aidant/usagers/12/", Some("/aidant")),
            ("/espace-responsable/aidant/3/supprimer-carte/", Some("/referent")),
            ("/faq/mandat/", Some("/aide")),
            ("/faq//evil.example", Some("/aide")),
            ("/usagers/https://evil.example", Some("/aidant/personnes")),
            ("/stats/x", None),
            ("/stats", None),
            ("//evil.example", None),
        ] {
            assert_eq!(vers(chemin), attendu, "{chemin}");
        }
        for (ancienne, vers) in ANCIENNES {
            assert!(
                vers.starts_with('/') && !vers.starts_with("//") && !vers.contains(['{', '\\', '?']),
                "{ancienne}"
            );
        }
    }
}
