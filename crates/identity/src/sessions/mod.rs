//! Who is signed in, from which device, acting in which role, and for how long.

pub(crate) mod actions;
pub(crate) mod cookies;
mod middleware;
pub(crate) use middleware::libelle;
pub mod model;
pub mod rules;
pub(crate) mod store;
