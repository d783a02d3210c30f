//! Taking over a database of Aidants Connect (`docs/mandats/reprise.md`): a dump is read, what can be taken is, and a report
//! says what became of each row. Nothing is signed: a mandat that was made elsewhere says so.

mod actions;
mod aidants;
mod attestation;
mod copie;
mod dump;
mod journal;
mod mandats;
mod migration;
mod organisations;
mod rapport;
mod store;
#[cfg(test)]
mod tests;
mod usagers;

pub use actions::{Echec, Parametres, reprendre, sub};
pub use attestation::{Cles, Raison, Verdict, empreinte_modele};
pub use dump::Illisible;
pub use journal::{acte_repris, ligne_reprise};
pub(crate) use migration::Mandats0090;
pub use rapport::{Motif, Rapport, Table};
pub use store::{Repris, repris};
