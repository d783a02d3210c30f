//! Workshops that lieux hold: written by those who keep the lieu, shown on its sheet and in the calendar of a territory,
//! given as iCalendar to those who follow them. `docs/lieux/ateliers-et-tournees.md`.

mod actions;
mod gestion;
mod ical;
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

pub(super) use public::{Prochaine, prochaines};
pub(super) use table::Ateliers0042;

pub(crate) fn routes(annuaire: Annuaire) -> Routes<()> {
    let (voir, modifier) = (Access::May(Verb::VoirLieux), Access::May(Verb::ModifierLieux));
    let sous = |reste: &str| format!("/gestion/lieux/{{lieu}}/ateliers{reste}");
    Routes::new()
        .get("/ateliers", Access::Public, public::page_calendrier)
        .get("/ateliers.ics", Access::Public, public::agenda)
        .get("/lieux/{lieu}/ateliers.ics", Access::Public, public::agenda_du_lieu)
        .get(&sous(""), voir, gestion::liste)
        .get(&sous("/nouveau"), modifier, gestion::nouveau)
        .post(&sous("/nouveau"), modifier, gestion::creer)
        .get(&sous("/{atelier}"), modifier, gestion::modification)
        .post(&sous("/{atelier}"), modifier, gestion::modifier)
        .post(&sous("/{atelier}/seance"), modifier, gestion::seance)
        .post(&sous("/{atelier}/arreter"), modifier, gestion::arreter)
        .with_state(annuaire)
}
