//! Pages of posts: the ledger, one post, one person.

mod fiche;
mod liste;

use kernel::Verb;
use platform::web::{Access, Routes};

use crate::Conseillers;

const VOIR: Access = Access::May(Verb::VoirPostes);
const BASE: &str = "/conseillers/postes";

/// Every page of posts, with its access.
pub(crate) fn routes(cx: Conseillers) -> Routes<()> {
    Routes::new()
        .get(BASE, VOIR, liste::liste)
        .export(BASE, VOIR, liste::exporter)
        .get(&format!("{BASE}/{{poste}}"), VOIR, fiche::fiche)
        .post(&format!("{BASE}/{{poste}}/reprendre"), Access::May(Verb::ValiderContrats), fiche::reprendre)
        .get("/conseillers/personnes/{personne}", VOIR, fiche::personne)
        .with_state(cx)
}
