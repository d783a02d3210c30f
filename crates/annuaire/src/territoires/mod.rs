//! The territory of the programme: régions, départements, arrondissements, EPCI and communes of France, overseas on
//! equal terms; where each commune stands; and which commune people mean by what they type.
//!
//! The reference itself is part of the program ([`reference`]): it changes once a year, with a release. What an
//! operator adds, official centres and dated zonages, lives in the database.

pub mod actions;
pub mod api;
mod choix;
mod ensemble;
pub(crate) mod import;
mod index;
pub mod migration;
mod model;
pub(crate) mod pages;
mod positions;
mod reference;
mod resolution;
mod saisie;
pub(crate) mod store;
mod zonage;

pub use choix::Choix;
pub use ensemble::{PointPopulation, Territoires};
pub use import::{BilanImport, RefusImport, Remarque, Suite};
pub use model::{
    Arrondissement, Commune, Departement, Epci, GenreInterieur, Interieure, Liaison, Localite, Maille,
    NatureEpci, PositionCommune, Qualite, Region, Zone,
};
pub use reference::{ReferenceError, Source};
pub(crate) use resolution::de_nom;
pub use resolution::{Candidat, Recherche, Resolution, Suggestion, TerritoireTrouve, Voie};
pub use store::{Sujet, bump};
pub use zonage::{GenreZonage, ListeZonage, ZonageCommune, Zonages};

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_import;
