//! Professionals: one record of a person with a life, memberships in organisations, and in whose name one acts
//! (`docs/mandats/aidants.md`).

pub(crate) mod agissant;
pub mod conditions;
pub mod demandes;
pub(crate) mod dormance;
pub mod equipes;
mod gestion;
mod histoire;
pub(crate) mod mails;
pub(crate) mod masse;
mod mien;
mod migration;
mod model;
mod moyens;
pub(crate) mod propositions;
mod referent;
pub mod registre;
pub mod regles;
pub(crate) mod relances;
pub mod secours;
pub mod store;
#[cfg(test)]
pub(crate) mod tests;
pub mod vie;

pub use agissant::{Agissant, agissant};
pub use conditions::exige_conditions;
pub use equipes::equipes_visibles;
pub(crate) use gestion::{demandes_en_attente, part, voit as equipe_voit};
pub(crate) use migration::Aidants0060;
pub use model::{Aidant, Appartenance, EtatAidant, Fonction};

use platform::web::Routes;

use crate::Mandats;

/// Pages of the room.
pub(crate) fn routes(m: &Mandats) -> Routes<()> {
    mien::routes(m.clone())
        .merge(propositions::routes(m.clone()))
        .merge(referent::routes(m.clone()))
        .merge(masse::routes(m.clone()))
        .merge(gestion::pages::routes(m.clone()))
}
