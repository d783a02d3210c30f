//! The mandat as a document: bytes made once, signed once, verified for ever (`docs/mandats/modele.md`).
//!
//! [`Contenu::nouveau`] makes what a mandat says, [`Signe::nouveau`] signs its canonical bytes, [`Signe::fichier`] gives
//! the file; [`verifie`] needs that file and the public keys, and nothing else.

mod canonique;
mod fichier;
mod instant;
mod ligne;
mod numero;
mod refus;
mod transfert;
mod v1;

pub use fichier::{Signe, TAILLE, Verdict, cle_du_fichier, verifie};
pub use instant::Instant;
pub use ligne::{LigneRefusee, Remarque, exacte as ligne_exacte, lisse as lisse_ligne};
pub use numero::Numero;
pub use refus::Refus;
pub use transfert::{Acte, ActeSigne, verifie_transfert};
pub use v1::*;

/// The address of the public page of a mandat, for its QR code: the number and the fingerprint, which tell nothing of
/// the person. `origine` is that of the instance, `https://…` without a path.
pub fn adresse(origine: &str, signe: &Signe) -> String {
    let origine = origine.trim_end_matches('/');
    format!("{origine}/verifier/{}?e={}", signe.contenu().numero, signe.empreinte().court())
}

#[cfg(test)]
mod tests;
