//! Pages of trainings: for référents, for training bodies, for the team.

mod exports;
mod organisme;
mod pix;
mod referent;

use kernel::Verb;
use platform::web::{Access, Routes};

use crate::Mandats;

const GERER: Access = Access::May(Verb::GererAidants);
const FORMER: Access = Access::May(Verb::FormerAidants);
const EQUIPE: Access = Access::May(Verb::InstruireHabilitations);

/// Where training bodies keep their sessions.
pub(super) const ORGANISME: &str = "/organisme/sessions";
/// Where référents inscribe people.
pub(super) const REFERENT: &str = "/referent/sessions";

pub(super) fn routes(m: Mandats) -> Routes<()> {
    let o = |rest: &str| format!("{ORGANISME}{rest}");
    Routes::new()
        .get(REFERENT, GERER, referent::liste)
        .post(&format!("{REFERENT}/{{session}}"), GERER, referent::inscrire)
        .post("/referent/inscriptions/{inscription}/annuler", GERER, referent::annuler)
        .get("/referent/personnes/{aidant}/attestation.pdf", GERER, referent::attestation)
        .get("/aidant/moi/attestation.pdf", Access::SignedIn, referent::la_mienne)
        .get(ORGANISME, FORMER, organisme::liste)
        .export(ORGANISME, FORMER, exports::sessions)
        .get(&o("/nouvelle"), FORMER, organisme::nouvelle)
        .post(&o("/nouvelle"), FORMER, organisme::ouvrir)
        .get(&o("/{session}"), FORMER, organisme::fiche)
        .get(&o("/{session}/participants.csv"), FORMER, organisme::csv)
        .get(&o("/{session}/modifier"), FORMER, organisme::modification)
        .post(&o("/{session}/modifier"), FORMER, organisme::modifier)
        .post(&o("/{session}/annuler"), FORMER, organisme::annuler)
        .post(&o("/{session}/inscrire"), FORMER, organisme::inscrire)
        .post("/organisme/inscriptions/{inscription}", FORMER, organisme::suivre)
        .get("/gestion/aidants/pix", EQUIPE, pix::page_pix)
        .post("/gestion/aidants/pix", EQUIPE, pix::importer)
        .post("/gestion/aidants/pix/un", EQUIPE, pix::un)
        .with_state(m)
}
