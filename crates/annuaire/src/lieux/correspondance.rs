//! Declarative mapping: a TOML file says how the columns of a source become the fields of the
//! standard. The guide `docs/guide` describes the language; `correspondances/` ships examples.

mod application;
mod colonnes;
mod heures;
mod lecture;
mod modele;
mod retouches;

use std::sync::Arc;

pub use application::Application;
pub use modele::{Correspondance, Horaires, Origine, Position};

macro_rules! fournies {
    ($($nom:literal)*) => { &[$(($nom, include_str!(concat!("../../correspondances/", $nom, ".toml")))),*] };
}

/// Mappings that come with the program, by name.
const FOURNIES: &[(&str, &str)] =
    fournies!("angers" "conseillers-numeriques" "france-services" "gironde" "hub-lo" "la-creuse");

/// Names of the mappings that come with the program.
pub fn fournies() -> impl Iterator<Item = &'static str> {
    FOURNIES.iter().map(|(nom, _)| *nom)
}

/// A mapping that comes with the program.
///
/// # Errors
/// Never for those of [`fournies`]; a sentence for another name.
pub fn fournie(nom: &str) -> Result<Arc<Correspondance>, String> {
    let texte = texte_fourni(nom)
        .ok_or_else(|| format!("Il n’y a pas de correspondance fournie du nom de « {nom} »."))?;
    Correspondance::lit(texte).map(Arc::new)
}

/// The text of a mapping that comes with the program: an example to start from.
pub fn texte_fourni(nom: &str) -> Option<&'static str> {
    FOURNIES.iter().find(|(n, _)| *n == nom).map(|(_, texte)| *texte)
}

#[cfg(test)]
mod sources_tests;
#[cfg(test)]
mod tests;
