//! Search of lieux, in memory: words, place, filters, counts, nearest first.
//!
//! The directory is small (thousands of lieux) and read far more than written, so the index is one immutable value that
//! pages share and that a change replaces as a whole. Every list of the standard is a set of bits a value, so that a
//! filter and the counts beside it are a few thousand operations on words of 64 bits; distances are computed for what
//! remains. Nothing here is asynchronous and nothing blocks.

mod agendas;
mod bits;
mod chercher;
mod demande;
mod facettes;
mod index;
mod mots;
mod typologies;
mod vivant;
mod vocabulaire;

pub use chercher::{Resultat, Trouve};
pub use demande::{Demande, Filtres, Quand, Zone};
pub use facettes::{Facette, ValeurFacette};
pub(crate) use index::departement;
pub use index::{Constructeur, IndexLieux, Vue};
pub use typologies::nom_typologie;
pub use vivant::Vivants;

#[cfg(test)]
mod tests;
