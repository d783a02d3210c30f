//! Pages of conseillers in their posts.

mod fiche;
mod liste;
mod mien;

use kernel::Verb;
use platform::web::{Access, Routes};

use crate::Conseillers;

const BASE: &str = "/conseillers/en-poste";
const MIEN: &str = "/mon-espace/poste";

pub(super) fn routes(cx: Conseillers) -> Routes<()> {
    let voir = Access::May(Verb::VoirConseillers);
    Routes::new()
        .get(BASE, voir, liste::liste)
        .export(BASE, voir, liste::exporter)
        .get(&format!("{BASE}/{{personne}}"), voir, fiche::fiche)
        .get(MIEN, Access::May(Verb::TenirPoste), mien::mien)
        .with_state(cx)
}
