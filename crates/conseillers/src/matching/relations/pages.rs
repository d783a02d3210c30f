//! Pages of relations: the list of a structure, its contacts, the contacts of a candidat.

mod contacts;
mod export;
mod filtres;
mod liste;
mod mienne;
mod rencontre;

use kernel::Verb;
use platform::web::{Access, Routes};

use crate::Conseillers;

const RECRUTER: Access = Access::May(Verb::Recruter);
const TENIR: Access = Access::May(Verb::TenirCandidature);
const LISTE: &str = "/conseillers/candidats-a-rencontrer";
const CONTACTS: &str = "/conseillers/contacts";
const MIENS: &str = "/mon-espace/contacts";

/// Every page of relations, with its access.
pub(crate) fn routes(cx: Conseillers) -> Routes<()> {
    let contact = |rest: &str| format!("{CONTACTS}/{{relation}}{rest}");
    let mien = |rest: &str| format!("{MIENS}/{{relation}}{rest}");
    Routes::new()
        .get(LISTE, RECRUTER, liste::liste)
        .export(LISTE, RECRUTER, export::candidats)
        .post(&format!("{LISTE}/{{structure}}/reference"), RECRUTER, liste::reference)
        .post(&format!("{LISTE}/{{structure}}/courriel"), RECRUTER, rencontre::inviter)
        .get("/mon-espace/rencontre/{secret}", TENIR, rencontre::question)
        .post("/mon-espace/rencontre/{secret}", TENIR, rencontre::accepter)
        .post(&format!("{LISTE}/{{structure}}/{{candidat}}/proposer"), RECRUTER, liste::proposer)
        .post(&format!("{LISTE}/{{structure}}/{{candidat}}/marquer"), RECRUTER, liste::marquer)
        .get(CONTACTS, RECRUTER, contacts::liste)
        .export(CONTACTS, RECRUTER, export::contacts)
        .get(&contact(""), RECRUTER, contacts::fiche)
        .get(&contact("/cv"), RECRUTER, contacts::cv)
        .post(&contact("/ecarter"), RECRUTER, contacts::ecarter)
        .post(&contact("/reprendre"), RECRUTER, contacts::reprendre)
        .post(&contact("/note"), RECRUTER, contacts::noter)
        .post(&contact("/creneaux"), RECRUTER, contacts::offrir)
        .post(&contact("/resultat"), RECRUTER, contacts::conclure)
        .get(MIENS, TENIR, mienne::liste)
        .post(&mien("/accepter"), TENIR, mienne::accepter)
        .post(&mien("/decliner"), TENIR, mienne::decliner)
        .post(&mien("/retirer"), TENIR, mienne::retirer_accord)
        .post(&mien("/creneau"), TENIR, mienne::choisir)
        .with_state(cx)
}
