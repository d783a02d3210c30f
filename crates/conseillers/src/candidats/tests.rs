mod administration;
mod depot;
mod espace;
pub(crate) mod fixtures;
mod rules;
mod store;
mod vivants;
