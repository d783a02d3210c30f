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

pub(crate) use actions::arreter;
pub(super) use actions::{Geste, agir, clore, du_brouillon, oublier};
use kernel::{Email, Telephone};
pub(super) use model::{Etat, Identification};

use super::Choix;
use super::brouillon::Brouillon;
use crate::consentements::{Adresse, recoit_sms};
use crate::usagers::Usager;

/// How a person may be written to for this: what was typed in the draft, or what they had.
pub(super) fn adresses(choix: &Choix, usager: Option<&Usager>) -> Vec<Adresse> {
    let connu = usager.map(|u| u.contact.clone()).unwrap_or_default();
    let tape = choix.telephone.as_deref().and_then(Telephone::parse).filter(recoit_sms);
    let telephone = tape.or_else(|| connu.telephone.filter(recoit_sms));
    let courriel = choix.courriel.as_deref().and_then(|c| Email::parse(c).ok()).or(connu.courriel);
    telephone.map(Adresse::Sms).into_iter().chain(courriel.map(Adresse::Courriel)).collect()
}

/// The draft of somebody who came by a link, as it may be used: they are written to where the link went, and nowhere that was
/// typed besides, so that who answers is who came.
pub(super) fn tenue(mut b: Brouillon, i: Option<&Identification>) -> Brouillon {
    if let Some(i) = i.filter(|i| i.est_faite()) {
        let (telephone, courriel) = match &i.adresse {
            Adresse::Courriel(a) => (None, Some(a.as_str().to_owned())),
            Adresse::Sms(t) | Adresse::Appel(t, _) => (Some(t.as_str().to_owned()), None),
        };
        b.choix.telephone = telephone;
        b.choix.courriel = courriel;
    }
    b
}

#[cfg(test)]
mod tests;
