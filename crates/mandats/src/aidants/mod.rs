//! Professionals: one record of a person with a life, memberships in organisations, and in whose name one acts
//! (`docs/mandats/aidants.md`).

pub(crate) mod agissant;
pub mod conditions;
pub mod demandes;
pub(crate) mod dormance;
pub mod equipes;
mod gestion;
pub(crate) mod mails;
mod mien;
mod migration;
mod model;
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
    mien::routes(m.clone()).merge(referent::routes(m.clone())).merge(gestion::pages::routes(m.clone()))
}
