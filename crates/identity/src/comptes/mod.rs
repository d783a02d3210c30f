//! Accounts and rights: who is known, which roles they hold within which scopes, who lent them,
//! and who has looked at the site as them.

pub(crate) mod actions;
pub(crate) mod collegues;
pub(crate) mod courriels;
pub(crate) mod delegations;
pub(crate) mod gestion;
pub mod model;
pub(crate) mod pages;
pub mod prefectures;
pub(crate) mod programme;
pub mod repertoire;
pub mod rules;
pub(crate) mod store;
pub mod structures;
