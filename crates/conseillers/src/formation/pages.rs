//! Pages of trainings: thin handlers over [`super::actions`] and [`super::lecture`].

mod mienne;
mod personne;
mod session;
mod sessions;

use kernel::Verb;
use platform::web::{Access, Routes};

use crate::Conseillers;

const SUIVRE: Access = Access::May(Verb::SuivreFormations);
const GERER: Access = Access::May(Verb::GererFormations);
const TENIR: Access = Access::May(Verb::TenirCandidature);

/// Where the room lives.
pub(super) const BASE: &str = "/conseillers/formations";
/// Where a person sees their own training.
pub(super) const MIENNE: &str = "/mon-espace/formation";

/// Every page of the room, with its access.
pub(super) fn routes(conseillers: Conseillers) -> Routes<()> {
    let at = |rest: &str| format!("{BASE}{rest}");
    Routes::new()
        .get(BASE, SUIVRE, sessions::liste)
        .export(BASE, SUIVRE, sessions::exporter)
        .get(&at("/nouvelle"), GERER, sessions::nouvelle)
        .post(&at("/nouvelle"), GERER, sessions::ouvrir)
        .get(&at("/personnes/{candidat}"), SUIVRE, personne::fiche)
        .post(&at("/personnes/{candidat}"), SUIVRE, personne::noter)
        .get(&at("/inscriptions/{inscription}"), SUIVRE, session::suivi)
        .post(&at("/inscriptions/{inscription}"), SUIVRE, session::suivre)
        .get(&at("/{session}"), SUIVRE, session::fiche)
        .export(&at("/{session}/participants"), SUIVRE, session::exporter)
        .get(&at("/{session}/modifier"), GERER, sessions::modification)
        .post(&at("/{session}/modifier"), GERER, sessions::modifier)
        .post(&at("/{session}/annuler"), GERER, session::annuler)
        .get(MIENNE, TENIR, mienne::page_mienne)
        .get(&format!("{MIENNE}/sessions/{{session}}"), TENIR, mienne::choisir)
        .post(&format!("{MIENNE}/sessions/{{session}}"), TENIR, mienne::demander)
        .post(&format!("{MIENNE}/{{inscription}}/annuler"), TENIR, mienne::annuler)
        .get(&format!("{MIENNE}/{{inscription}}/attestation"), TENIR, mienne::attestation)
        .get(&format!("{MIENNE}/{{inscription}}/attestation.pdf"), TENIR, mienne::attestation_pdf)
        .with_state(conseillers)
}
