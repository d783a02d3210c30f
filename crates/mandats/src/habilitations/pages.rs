//! Pages of requests: the public form and the space of who asks, by link; the desk of the staff.

mod depot;
mod espace;
mod etapes;
mod fiche;
mod file;
mod sessions;

use kernel::{Perimetre, Verb};
use platform::web::{Access, FormState, Routes};

use crate::Mandats;

pub(crate) use depot::admis;
pub(crate) use espace::secrete;

/// Where anybody asks.
pub(super) const PUBLIC: &str = "/habilitation";
/// Where the staff studies.
pub(super) const BASE: &str = "/gestion/habilitations";

const INSTRUIRE: Access = Access::May(Verb::InstruireHabilitations);

/// Every page of the room.
pub(crate) fn routes(m: &Mandats) -> Routes<()> {
    let espace = |rest: &str| format!("{PUBLIC}/espace/{{jeton}}{rest}");
    let at = |rest: &str| format!("{BASE}{rest}");
    Routes::new()
        .get(PUBLIC, Access::Public, depot::accueil)
        .get("/habilitation/demandeur", Access::Public, depot::demandeur)
        .post("/habilitation/demandeur", Access::Public, depot::inscrire)
        .get("/habilitation/message-envoye", Access::Public, depot::message_envoye)
        .get("/habilitation/suivre", Access::Public, depot::suivi)
        .post("/habilitation/suivre", Access::Public, depot::suivre)
        .get("/habilitation/confirmer/{lien}", Access::Public, depot::confirmation)
        .post("/habilitation/confirmer/{lien}", Access::Public, depot::confirmer)
        .get(&espace(""), Access::Public, espace::espace)
        .get(&espace("/profil"), Access::Public, espace::profil)
        .post(&espace("/profil"), Access::Public, espace::enregistrer_profil)
        .get(&espace("/siret"), Access::Public, espace::siret)
        .post(&espace("/siret"), Access::Public, espace::commencer)
        .get(&espace("/{demande}"), Access::Public, espace::demande)
        .post(&espace("/{demande}/message"), Access::Public, espace::message)
        .post(&espace("/{demande}/annuler"), Access::Public, espace::annuler)
        .post(&espace("/{demande}/effacer"), Access::Public, espace::effacer)
        .post(&espace("/{demande}/recommencer"), Access::Public, espace::recommencer)
        .get(&espace("/{demande}/sessions"), Access::Public, sessions::sessions)
        .post(&espace("/{demande}/sessions/{session}"), Access::Public, sessions::inscrire)
        .post(&espace("/{demande}/inscriptions/{inscription}/annuler"), Access::Public, sessions::renoncer)
        .get(&espace("/{demande}/organisation"), Access::Public, etapes::organisation)
        .post(&espace("/{demande}/organisation"), Access::Public, etapes::garder_organisation)
        .get(&espace("/{demande}/referent"), Access::Public, etapes::referent)
        .post(&espace("/{demande}/referent"), Access::Public, etapes::garder_referent)
        .get(&espace("/{demande}/aidants"), Access::Public, etapes::aidants)
        .post(&espace("/{demande}/aidants"), Access::Public, etapes::ajouter)
        .get(&espace("/{demande}/aidants/{personne}"), Access::Public, etapes::aidant)
        .post(&espace("/{demande}/aidants/{personne}"), Access::Public, etapes::changer)
        .post(&espace("/{demande}/aidants/{personne}/retirer"), Access::Public, etapes::retirer)
        .get(&espace("/{demande}/engagements"), Access::Public, etapes::engagements)
        .post(&espace("/{demande}/engagements"), Access::Public, etapes::garder_engagements)
        .get(&espace("/{demande}/recapitulatif"), Access::Public, etapes::recapitulatif)
        .post(&espace("/{demande}/recapitulatif"), Access::Public, etapes::deposer)
        .get(BASE, INSTRUIRE, file::file)
        .export(BASE, INSTRUIRE, file::exporter)
        .post(&at("/prendre"), INSTRUIRE, file::prendre)
        .get(&at("/{demande}"), INSTRUIRE, fiche::fiche)
        .post(&at("/{demande}/message"), INSTRUIRE, fiche::message)
        .post(&at("/{demande}/attribuer"), INSTRUIRE, fiche::attribuer)
        .get(&at("/{demande}/{acte}"), INSTRUIRE, fiche::acte)
        .post(&at("/{demande}/{acte}"), INSTRUIRE, fiche::decider)
        .with_state(m.clone())
}

/// The départements that a scope can hold, all of them first.
pub(crate) fn departements(m: &Mandats, perimetre: &Perimetre) -> Vec<(String, String)> {
    let territoires = m.annuaire.territoires();
    let tenus = territoires.departements().iter().filter(|d| match perimetre {
        Perimetre::Regions(codes) => codes.contains(&d.region),
        Perimetre::Departements(codes) => codes.contains(&d.code),
        _ => true,
    });
    std::iter::once((String::new(), "Tous".to_owned()))
        .chain(tenus.map(|d| (d.code.to_string(), format!("{} – {}", d.code, d.nom))))
        .collect()
}

/// The département of the filter, if it is of that list; what is not is said beside its field, and filters nothing.
pub(crate) fn choisi(form: &mut FormState, departements: &[(String, String)]) -> Option<String> {
    let code = form.get("departement").to_uppercase();
    if code.is_empty() {
        return None;
    }
    if departements.iter().any(|(c, _)| *c == code) {
        form.set("departement", code.clone());
        return Some(code);
    }
    form.refuse(
        "departement",
        "Ce département n’est pas dans la liste : choisissez-le, ou laissez « Tous ».",
    );
    None
}

/// « 12 demandes ».
pub(crate) fn compte(n: usize, un: &str, plusieurs: &str) -> String {
    kernel::text::compte(u64::try_from(n).unwrap_or(u64::MAX), un, plusieurs)
}
