//! Pages of contracts: the space of a structure, the forms, the sheet, the queue of the administration.

mod espace;
mod fiche;
mod file;
mod formulaires;
mod liste;

use kernel::Verb;
use platform::web::{Access, Routes};

use crate::Conseillers;
use crate::ids::ContratId;

const VOIR: Access = Access::May(Verb::VoirPostes);
const RECRUTER: Access = Access::May(Verb::Recruter);
const VALIDER: Access = Access::May(Verb::ValiderContrats);

/// Where the space of a structure lives.
pub(crate) const ESPACE: &str = "/conseillers";
const BASE: &str = "/conseillers/contrats";
/// Where every contract of a scope is listed.
const TOUS: &str = "/conseillers/contrats/tous";

fn adresse(id: ContratId) -> String {
    format!("{BASE}/{id}")
}

/// Every page of contracts, with its access.
pub(crate) fn routes(cx: Conseillers) -> Routes<()> {
    let at = |rest: &str| format!("{BASE}{rest}");
    Routes::new()
        .get(ESPACE, RECRUTER, espace::espace)
        .get(BASE, VALIDER, file::file)
        .get(TOUS, VOIR, liste::liste)
        .export(TOUS, VOIR, liste::exporter)
        .get(&at("/nouveau"), RECRUTER, formulaires::nouveau)
        .post(&at("/nouveau"), RECRUTER, formulaires::saisir)
        .get(&at("/{contrat}"), VOIR, fiche::fiche)
        .post(&at("/{contrat}/retirer"), RECRUTER, fiche::retirer)
        .post(&at("/{contrat}/valider"), VALIDER, fiche::valider)
        .post(&at("/{contrat}/refuser"), VALIDER, fiche::refuser)
        .get(&at("/{contrat}/renouveler"), RECRUTER, formulaires::renouvellement)
        .post(&at("/{contrat}/renouveler"), RECRUTER, formulaires::renouveler)
        .get(&at("/{contrat}/prolonger"), RECRUTER, formulaires::prolongation)
        .post(&at("/{contrat}/prolonger"), RECRUTER, formulaires::prolonger)
        .post(&at("/{contrat}/prolongation/retirer"), RECRUTER, fiche::retirer_prolongation)
        .post(&at("/{contrat}/prolongation/valider"), VALIDER, fiche::accorder_prolongation)
        .post(&at("/{contrat}/prolongation/refuser"), VALIDER, fiche::refuser_prolongation)
        .get(&at("/{contrat}/rupture"), RECRUTER, formulaires::rupture)
        .post(&at("/{contrat}/rupture"), RECRUTER, formulaires::notifier)
        .post(&at("/{contrat}/rupture/annuler"), VOIR, fiche::annuler_rupture)
        .post(&at("/{contrat}/rupture/dossier"), VALIDER, fiche::dossier)
        .post(&at("/{contrat}/rupture/valider"), VALIDER, fiche::valider_rupture)
        .with_state(cx)
}
