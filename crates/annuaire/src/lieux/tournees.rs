//! The stops of a lieu that moves: where it comes, on which days, at what hours. Shown on its sheet, in the searches made
//! near a stop, and on the map. `docs/lieux/ateliers-et-tournees.md`.

mod actions;
mod gestion;
mod model;
mod public;
mod saisie;
mod store;
mod table;
#[cfg(test)]
mod tests;

use kernel::Verb;
use platform::web::{Access, Routes};

use crate::Annuaire;

pub(super) use public::{ArretVu, PassageProche, arrets_du_lieu, passages};
pub(super) use table::Tournees0043;

pub(crate) fn routes(annuaire: Annuaire) -> Routes<()> {
    let (voir, modifier) = (Access::May(Verb::VoirLieux), Access::May(Verb::ModifierLieux));
    let sous = |reste: &str| format!("/gestion/lieux/{{lieu}}/tournee{reste}");
    Routes::new()
        .get(&sous(""), voir, gestion::liste)
        .get(&sous("/nouveau"), modifier, gestion::nouveau)
        .post(&sous("/nouveau"), modifier, gestion::creer)
        .get(&sous("/{arret}"), modifier, gestion::modification)
        .post(&sous("/{arret}"), modifier, gestion::modifier)
        .post(&sous("/{arret}/monter"), modifier, gestion::monter)
        .post(&sous("/{arret}/retirer"), modifier, gestion::retirer)
        .with_state(annuaire)
}
