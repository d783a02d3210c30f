//! Version 1 of the format. Nothing here may change for a document that already verifies: files of 2026 are read with
//! it for ever. What must change makes a version 2 beside it.

mod contenu;
mod controle;
mod dessin;

pub use contenu::{
    Aidant, Canal, Commune, Consentement, Contenu, DemarcheAutorisee, Duree, Genre, Identite, Naissance,
    Organisation, Pays, Projet, Reference, Renouvelle, Textes, Usager,
};
pub use dessin::{Bloc, Dessin, Partie};
