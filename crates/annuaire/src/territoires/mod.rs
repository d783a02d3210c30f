//! The territory of the programme: régions, départements, arrondissements, EPCI and communes of France, overseas on
//! equal terms; where each commune stands; and which commune people mean by what they type.
//!
//! The reference itself is part of the program ([`reference`]): it changes once a year, with a release. What an
//! operator adds, official centres and dated zonages, lives in the database.

mod ensemble;
mod index;
mod model;
mod positions;
mod reference;
mod resolution;
mod saisie;

pub use ensemble::{PointPopulation, Territoires};
pub use model::{
    Arrondissement, Commune, Departement, Epci, GenreInterieur, Interieure, Liaison, Localite, Maille,
    NatureEpci, PositionCommune, Qualite, Region, Zone,
};
pub use reference::{ReferenceError, Source};
pub use resolution::{Candidat, Recherche, Resolution, Suggestion, TerritoireTrouve, Voie};

#[cfg(test)]
mod tests;
