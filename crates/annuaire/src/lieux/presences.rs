//! Mediators who are named on the sheet of a lieu, because they said so themselves: nobody names somebody else. They
//! withdraw at once, from their account too when they may no longer change the lieu; others may only take them away.

mod pages;
mod store;
mod table;
#[cfg(test)]
mod tests;

use kernel::Verb;
use platform::web::{Access, Routes};

use crate::Annuaire;

pub(super) use store::{Presence, montrees};
pub(super) use table::Presences0044;

pub(crate) fn routes(annuaire: Annuaire) -> Routes<()> {
    let modifier = Access::May(Verb::ModifierLieux);
    Routes::new()
        .get("/gestion/lieux/{lieu}/presences", modifier, pages::du_lieu)
        .post("/gestion/lieux/{lieu}/presences", modifier, pages::paraitre)
        .post("/gestion/lieux/{lieu}/presences/{compte}/retirer", modifier, pages::retirer)
        .get("/compte/presences", Access::SignedIn, pages::les_miennes)
        .post("/compte/presences/{lieu}/retirer", Access::SignedIn, pages::me_retirer)
        .with_state(annuaire)
}
