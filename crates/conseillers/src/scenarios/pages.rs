//! Pages of scenarios: the list and its form, one scenario, a trial, two side by side.

mod essais;
mod fiche;
mod liste;

use kernel::Verb;
use platform::web::{Access, Routes};

use crate::Conseillers;

const DECIDER: Access = Access::May(Verb::DeciderDemandes);

/// Where the room lives.
pub(crate) const BASE: &str = "/conseillers/repartition";

pub(super) fn routes(c: Conseillers) -> Routes<()> {
    let at = |rest: &str| format!("{BASE}{rest}");
    Routes::new()
        .get(BASE, DECIDER, liste::liste)
        .post(BASE, DECIDER, liste::creer)
        .get(&at("/comparer"), DECIDER, essais::comparer)
        .get(&at("/comparer/export.csv"), DECIDER, essais::export)
        .get(&at("/{scenario}"), DECIDER, fiche::fiche)
        .get(&at("/{scenario}/export.csv"), DECIDER, fiche::export)
        .get(&at("/{scenario}/essai"), DECIDER, essais::essai)
        .post(&at("/{scenario}/effacer"), DECIDER, fiche::effacer)
        .with_state(c)
}
