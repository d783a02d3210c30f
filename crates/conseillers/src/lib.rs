//! The conseillers numériques: who applies, which structures ask for posts, who decides, who meets whom, and who holds
//! which post under which contract. The page of the model is `docs/conseillers/modele.md`.
//!
//! - [`candidats`]: the file of each person, their own space, who a structure can meet;
//! - [`contrats`]: what a structure and a person signed, and what the administration makes of it;
//! - [`demandes`]: what structures ask, from the public form to the decision;
//! - [`postes`]: the post, its attachment to a structure, its assignment to a person: three dated things;
//! - `equipe`: conseillers in their posts, seen by those who follow them and by themselves;
//! - [`formation`]: sessions, seats, titles, recognition of experience;
//! - [`pilotage`]: how far the programme is;
//! - [`matching`] and [`repartition`]: the two engines, pure: the same input gives the same answer, to the last digit,
//!   whatever the order of its lines.

mod attente;
pub mod calculs;
pub mod candidats;
mod conservation;
pub mod contrats;
mod courriels;
pub mod demandes;
pub mod demonstration;
mod dire;
pub mod entree;
mod equipe;
mod exemples;
mod failure;
pub mod formation;
pub mod historique;
pub mod ids;
pub mod matching;
mod migration;
pub mod pilotage;
pub mod postes;
pub mod reglages;
pub mod repartition;
pub mod reprise;
pub mod scenarios;
pub mod selection;
pub mod sphere;
mod territoire;

use annuaire::Annuaire;
use platform::Site;
use platform::db::Migrations;
use platform::jobs::Registry;
use platform::web::Routes;

pub use attente::attente;
pub use courriels::courriels;
pub use entree::{Id, Refus};
pub use failure::Failure;

/// What the pages and the actions of this context are given.
#[derive(Clone, Debug)]
pub struct Conseillers {
    /// The instance.
    pub site: Site,
    /// The directory: structures, territory.
    pub annuaire: Annuaire,
    /// Everybody who looks for a post, in memory.
    pub candidats: candidats::Vivants,
}

impl Conseillers {
    /// On a directory that is loaded.
    pub fn new(annuaire: &Annuaire) -> Self {
        Self {
            site: annuaire.site.clone(),
            annuaire: annuaire.clone(),
            candidats: candidats::Vivants::default(),
        }
    }

    /// Today, as the administration counts days.
    pub fn jour(&self) -> chrono::NaiveDate {
        kernel::calendrier::jour(&self.site.clock.now())
    }
}

/// Every page of this context.
pub fn routes(conseillers: &Conseillers) -> Routes<()> {
    Routes::new()
        .merge(candidats::routes(conseillers))
        .merge(demandes::routes(conseillers.clone()))
        .merge(selection::routes(conseillers.clone()))
        .merge(formation::routes(conseillers.clone()))
        .merge(pilotage::routes(conseillers.clone()))
        .merge(contrats::routes(conseillers.clone()))
        .merge(postes::routes(conseillers.clone()))
        .merge(equipe::routes(conseillers.clone()))
        .merge(matching::relations::routes(conseillers.clone()))
        .merge(matching::nation::routes(conseillers.clone()))
        .merge(matching::suivi::routes(conseillers.clone()))
        .merge(reprise::routes(conseillers.clone()))
        .merge(scenarios::routes(conseillers.clone()))
        .merge(reglages::routes(conseillers.clone()))
}

/// Computations that speak of people, and how long each is kept.
const CALCULS_GARDES: &[(&str, chrono::TimeDelta)] = &[matching::nation::GARDE, reprise::GARDE];

/// Says who does the jobs of this context.
pub fn register(conseillers: &Conseillers, registry: &mut Registry) {
    contrats::alertes::register(conseillers, registry);
    demandes::register(&conseillers.site, registry);
    candidats::register(conseillers, registry);
    selection::register(conseillers, registry);
    matching::relations::register(conseillers, registry);
    matching::nation::register(conseillers, registry);
    calculs::register(conseillers, registry, CALCULS_GARDES);
    scenarios::register(conseillers, registry);
    conservation::register(&conseillers.site, registry);
}

/// Migrations of this context, in order; those of the directory come before them.
pub fn migrations() -> Migrations {
    vec![
        Box::new(migration::Conseillers0001),
        Box::new(postes::Postes0002),
        Box::new(candidats::Candidats0010),
        Box::new(contrats::Contrats0030),
        Box::new(matching::relations::Relations0031),
        Box::new(formation::Formation0040),
        Box::new(pilotage::Pilotage0050),
        Box::new(demandes::Demandes0020),
        Box::new(selection::Selection0021),
        Box::new(demandes::Demandes0060),
        Box::new(matching::relations::Marques0032),
        Box::new(formation::Formation0041),
        Box::new(calculs::Calculs0061),
        Box::new(candidats::Fusions0062),
        Box::new(reglages::Reglages0063),
        Box::new(candidats::Adresse0064),
        Box::new(selection::Decision0022),
    ]
}

/// Everything that the tables of this context stand on.
#[cfg(test)]
pub(crate) fn tests_migrations() -> Migrations {
    let mut all = platform::migrations();
    all.extend(identity::migrations());
    all.extend(annuaire::migrations());
    all.extend(migrations());
    all
}
