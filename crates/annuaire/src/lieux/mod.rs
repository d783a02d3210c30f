//! Lieux: places where people are helped with digital tools. The 32 fields of the national standard,
//! the import of files that producers deliver, and the export.

pub mod abonnements;
pub mod apercu;
pub(crate) mod api;
pub(crate) mod ateliers;
mod attente;
pub mod communes;
pub mod correspondance;
pub mod data_inclusion;
pub mod doublons;
pub mod ebauche;
pub mod export;
pub mod gestion;
pub mod horaires;
pub mod import;
pub(crate) mod imports;
pub mod lecture;
pub mod migration;
pub mod model;
pub mod normalisation;
pub mod ouverture;
pub(crate) mod pages;
pub mod passage;
pub(crate) mod presences;
pub mod rapport;
pub mod recherche;
pub mod reparations;
mod rythme;
pub(crate) mod signalements;
pub mod standard;
mod store;
mod tables;
pub(crate) mod tournees;
pub mod vacances;
pub mod verification;

#[cfg(test)]
pub(crate) mod donnees_tests;

use platform::db::Migrations;

pub use attente::attente;
pub use communes::{CommuneVue, Communes};
pub use gestion::de_structures;
pub use kernel::ids::LieuId;
pub use model::{ChampChange, Changement, Etat, Genre, Lieu, Livraison, LivraisonId, SourceId};
pub use standard::{Champ, Fiche};
pub use store::{historique, lieu, lieu_de_identifiant, parcours, version};

/// Tables of the slice.
pub fn migrations() -> Migrations {
    vec![
        Box::new(tables::Lieux0020),
        Box::new(tables::LieuAlias0021),
        Box::new(gestion::tables::Lieux0030),
        Box::new(doublons::tables::Lieux0031),
        Box::new(signalements::Signalements0033),
        Box::new(tables::Corrige0036),
        Box::new(tables::Ajouts0041),
        Box::new(abonnements::Abonnements0042),
        Box::new(ateliers::Ateliers0042),
        Box::new(tournees::Tournees0043),
        Box::new(presences::Presences0044),
        Box::new(vacances::Vacances0045),
    ]
}
