//! Identification from afar: the person is not in front of the aidant, or prefers their own device. A link is sent to them;
//! its page names the organisation, and leads to FranceConnect in their own browser; the draft then has its person, whom the
//! aidant recognises or sets aside (`docs/mandats/identification.md`). What they allow is asked for afterwards, in presence
//! or by `consentements`.

mod actions;
pub(in crate::mandats) mod courriels;
pub(in crate::mandats) mod migration;
mod model;
pub(in crate::mandats) mod pages;
mod store;

pub(super) use actions::{Geste, agir, du_brouillon};
pub(super) use model::Etat;
pub(super) use model::Identification;

/// How a person may be written to for this: what was typed in the draft, or what they had.
pub(super) fn adresses(
    choix: &super::Choix,
    usager: Option<&crate::usagers::Usager>,
) -> Vec<crate::consentements::Adresse> {
    use crate::consentements::{Adresse, recoit_sms};
    let typed = choix.telephone.as_deref().and_then(kernel::Telephone::parse);
    let telephone = typed.or_else(|| usager.and_then(|u| u.contact.telephone.clone()));
    let typed = choix.courriel.as_deref().and_then(|c| kernel::Email::parse(c).ok());
    let courriel = typed.or_else(|| usager.and_then(|u| u.contact.courriel.clone()));
    let sms = telephone.filter(recoit_sms).map(Adresse::Sms);
    sms.into_iter().chain(courriel.map(Adresse::Courriel)).collect()
}

#[cfg(test)]
mod tests;
