//! People who are helped: who they are as FranceConnect gave it, how they are recognised, what the journal calls them.
//! A usager is no account: they never have a role nor a password (`docs/mandats/mandats.md`).

mod coordonnees;
mod identite;
mod migration;
mod pays;
mod rapprochement;
pub mod store;
mod usager;

pub use coordonnees::{Saisie, saisir};
pub use identite::{Genre, Identite};
pub(crate) use migration::Mandats0150;
pub use pays::nom as nom_du_pays;
pub use rapprochement::{Doublon, doublons, reconnaitre};
pub(crate) use usager::sceller_cle_journal;
pub use usager::{Contact, Usager, empreinte, pseudonyme};

#[cfg(test)]
mod tests;
