//! Duplicates of lieux between sources, and sometimes within one: found, explained, decided, merged, undone.
//!
//! [`moteur`] is pure. See `docs/lieux/doublons.md`.

pub mod moteur;

#[cfg(test)]
mod tests;

use super::standard::{Fiche, Itinerance};
use moteur::{Releve, Traits};

/// What the comparison looks at in a fiche that this source delivers.
pub fn traits(fiche: &Fiche, source: &str) -> Traits {
    let vide = |c: Option<&str>| c.unwrap_or_default().to_owned();
    let itinerant =
        match (fiche.itinerance.contient(Itinerance::Itinerant), fiche.itinerance.contient(Itinerance::Fixe))
        {
            (true, false) => Some(true),
            (false, true) => Some(false),
            _ => None,
        };
    Traits::new(&Releve {
        // One delivery may hold the records of several collectors.
        source: if fiche.source.is_empty() { source } else { &fiche.source },
        nom: &fiche.nom,
        code_commune: &vide(fiche.code_insee.as_ref().map(|c| c.as_str())),
        commune: &fiche.commune,
        code_postal: &vide(fiche.code_postal.as_ref().map(|c| c.as_str())),
        adresse: &fiche.adresse,
        position: fiche.position,
        telephone: &vide(fiche.telephone.as_ref().map(|t| t.as_str())),
        courriels: &fiche.courriels,
        sites: &fiche.site_web,
        pivot: &vide(fiche.pivot.as_ref().map(|p| p.as_str())),
        typologie: &fiche.typologie,
        itinerant,
    })
}
