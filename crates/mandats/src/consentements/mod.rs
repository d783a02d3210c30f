//! Consent at a distance (`docs/mandats/espace.md`): the person is not there; what the mandat would allow is sent to them,
//! then, by another message, whether they agree is asked. By text message they answer a word; by e-mail they follow a link
//! to a page with two buttons, so that a program that opens links agrees to nothing; by telephone both are read to them, and
//! a code that they got, or a colleague who listened, proves their answer.
//!
//! The room of mandats calls [`proposer`], shows [`page`]'s address while the answer is awaited, and makes the mandat with
//! what [`accepte`] gives.

mod actions;
mod appel;
mod arret;
pub(crate) mod courriels;
mod demonstration;
mod jobs;
pub(crate) mod migration;
mod model;
mod pages;
mod rappels;
mod rules;
mod store;

#[cfg(test)]
pub(crate) use actions::repondre_par_sms;
pub use actions::{Attendu, Proposition, accepte, attendu, de_la_personne, demande, echange, lier, proposer};
pub use appel::a_confirmer;
pub use arret::{Besoin, arrete, arretees, arreter_ici, empreinte, lien, part, permet, reprendre};
pub use jobs::register;
pub use model::{Accord, Adresse, Canal, ConsentementId, Etat, Preuve, recoit_sms};
pub use pages::routes;

/// Where the aidant waits for the answer.
pub fn page(id: ConsentementId) -> String {
    format!("/consentements/{id}")
}

#[cfg(test)]
mod tests;
