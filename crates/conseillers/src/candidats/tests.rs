#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

mod administration;
mod depot;
mod espace;
pub(crate) mod fixtures;
mod rules;
mod store;
mod vivants;
