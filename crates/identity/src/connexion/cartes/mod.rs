//! Cards that show codes (RFC 6238): their stock, whose they are, their clock. A card lives for years and its clock drifts:
//! each code that is taken tells by how much, and the next one is looked for around that (section 6). Two successive codes bring
//! back a card that drifted further, within a bound.

mod actions;
mod attribuer;
mod model;
mod stock;
mod store;
#[cfg(test)]
mod tests;

pub use actions::{Essai, associer, dissocier, essayer, resynchroniser};
pub(crate) use actions::{montre, prend, refusee};
pub use attribuer::{attribuable, attribuer};
pub use model::{Carte, EtatCarte, Motif, NUMERO_MAX, numero};
pub use stock::{Nouvelle, importer, ranger};
pub use store::{compter, connus, du_compte, lister};
pub(crate) use store::{garder, liberer};
