//! What a professional does for a person, under a signed mandat (`docs/mandats/modele.md`).
//!
//! Two rooms stand, both pure: `legal`, the dated texts; `document`, the mandat as bytes that are signed once and
//! verified for ever, without a database and without a network.

pub mod document;
pub mod legal;

mod empreinte;

pub use empreinte::Empreinte;
