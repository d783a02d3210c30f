//! Candidats: the file of each person who applied to become conseiller numérique, or is one. Who they are, what they look
//! for, how they are reached; what a structure may know of them before they agree, and after.
//!
//! `docs/conseillers/candidats.md` is the page of this room. Other rooms read [`CandidatVue`] (what anybody who may meet
//! the person is told), [`Coordonnees`] (once the person agreed) and [`Vivants`] (all who look for a post, in memory); they
//! call [`recruter`] and [`liberer`] in their own transaction when a person takes or leaves a post.

mod administration;
mod adresse;
pub mod cv;
pub(crate) mod demonstration;
mod depot;
mod doublons;
mod effacement;
mod espace;
mod fusion;
mod migration;
pub mod model;
mod relances;
pub(crate) mod reprise;
pub mod retention;
pub mod rules;
pub(crate) mod saisie;
mod store;
#[cfg(test)]
pub(crate) mod tests;
mod vivants;
mod vue;

pub(crate) use adresse::Adresse0064;
pub(crate) use depot::admis;
pub use effacement::Preuve;
pub(crate) use fusion::Fusions0062;
pub(crate) use migration::Candidats0010;
pub use model::{Candidat, Etat, Fiche, Lieu, Motif, Pix, Rayon, Situations};
pub(crate) use store::{cherchaient, comptes_en_poste, de_mots, de_numeros, relier};
pub use store::{compte_de, de_compte, de_courriel, liberer, recruter, suivie};
pub use vivants::{Index, Rencontre, Vivants, a_portee};
pub use vue::{CandidatVue, Coordonnees, coordonnees, lire_coordonnees, qui_cherche, vue, vues};

use platform::jobs::Registry;
use platform::web::Routes;

use crate::Conseillers;

/// Kinds of message of this room.
pub(crate) const COURRIELS: &[&platform::mail::Genre] = &[
    &depot::courriels::CONFIRMER,
    &depot::courriels::DEJA_LA,
    &depot::courriels::BROUILLON,
    &relances::RELANCE,
    &adresse::courriels::CONFIRMER,
    &adresse::courriels::DEMANDEE,
    &adresse::courriels::CHANGEE,
];

/// Pages of the room.
pub(crate) fn routes(conseillers: &Conseillers) -> Routes<()> {
    depot::routes(conseillers.clone())
        .merge(espace::routes(conseillers.clone()))
        .merge(adresse::routes(conseillers.clone()))
        .merge(relances::routes(conseillers.clone()))
        .merge(administration::routes(conseillers.clone()))
}

/// Jobs of the room.
pub(crate) fn register(conseillers: &Conseillers, registry: &mut Registry) {
    depot::register(&conseillers.site, registry);
    cv::register(&conseillers.site, registry);
    relances::register(&conseillers.site, registry);
}
