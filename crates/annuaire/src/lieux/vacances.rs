//! School calendars: dated data that an operator loads, zone by zone and year by year, from a file of our own shape. None
//! ships with the program: until one is loaded, hours that speak of school holidays say that they are to be confirmed.

mod actions;
mod lecture;
mod pages;
mod store;
mod table;
#[cfg(test)]
mod tests;

use kernel::Verb;
use platform::web::{Access, Routes};

use crate::Annuaire;

pub use actions::{EchecVacances, importe};
pub use lecture::COLONNES;
pub use store::charges;
pub(super) use table::Vacances0045;

/// Where the page lives.
const BASE: &str = "/gestion/lieux/vacances";

/// A calendar of the whole country has less than a thousand lines.
const FICHIER_MAX: usize = 1 << 20;

pub(crate) fn routes(annuaire: Annuaire) -> Routes<()> {
    let importer = Access::May(Verb::ImporterLieux);
    Routes::new()
        .get(BASE, importer, pages::liste)
        .post_file(BASE, importer, FICHIER_MAX + (1 << 16), pages::envoyer)
        .with_state(annuaire)
}
