//! Professionals: one record of a person with a life, memberships in organisations, and in whose name one acts.

mod agissant;
mod model;
pub mod store;

pub use agissant::{Agissant, agissant};
pub use model::{Aidant, Appartenance, EtatAidant, Fonction};
