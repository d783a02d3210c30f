//! What may be done to the file of a candidat, by whom, and what it must hold: pure, no database, no clock.

use chrono::{Datelike, NaiveDate};
use kernel::{Actor, Refusal, Verb};

use super::model::{Attribut, Candidat, Etat, Fiche};

/// Longest motivation, in characters.
pub const MOTIVATION_MAX: usize = 2500;
/// Longest first or last name, in characters.
pub const NOM_MAX: usize = 100;
/// Longest name of a diploma, in characters.
pub const DIPLOME_MAX: usize = 200;
/// How many years ahead a candidat may say that they are free.
const ANNEES: i32 = 3;

/// Whether the actor may do that to this file: the verb, then the scope. A candidat has one file: their own.
///
/// # Errors
/// [`Refusal::Forbidden`] without the verb; [`Refusal::NotFound`] for the file of somebody else.
pub fn may(actor: &Actor, verb: Verb, candidat: &Candidat) -> Result<(), Refusal> {
    actor.may_on(verb, &candidat.cible())?;
    match candidat.etat {
        Etat::AConfirmer | Etat::Active { .. } => Ok(()),
        Etat::Fusionnee { .. } => Err(Refusal::conflict(
            "Cette candidature a été réunie avec une autre : c’est l’autre qui se modifie.",
        )),
    }
}

/// Whether somebody may do that to the file that their account leads to: their own, or the one it was merged into.
///
/// # Errors
/// [`Refusal::Forbidden`] without the verb; a conflict when the file was merged meanwhile.
pub fn may_sien(actor: &Actor, verb: Verb, candidat: &Candidat) -> Result<(), Refusal> {
    actor.may(verb)?;
    match candidat.etat {
        Etat::AConfirmer | Etat::Active { .. } => Ok(()),
        Etat::Fusionnee { .. } => Err(Refusal::conflict(
            "Cette candidature a été réunie avec une autre : c’est l’autre qui se modifie.",
        )),
    }
}

/// Whether the sheet holds what an application must hold on that day. Each part was parsed already: what is left to check
/// needs several of them, or the day.
///
/// # Errors
/// The fields and what is wrong with them.
pub fn recevable(fiche: &Fiche, jour: NaiveDate) -> Result<(), Refusal> {
    let mut champs = Vec::new();
    let mut refuse = |a: Attribut, phrase: String| champs.push((a.cle().to_owned(), phrase));
    for (attribut, texte, quoi) in [
        (Attribut::Prenom, &fiche.prenom, "votre prénom"),
        (Attribut::Nom, &fiche.nom, "votre nom"),
        (Attribut::Motivation, &fiche.motivation, "pourquoi vous souhaitez devenir conseiller numérique"),
    ] {
        if !texte.chars().any(char::is_alphanumeric) {
            refuse(attribut, format!("Écrivez {quoi}."));
        }
    }
    let n = fiche.motivation.chars().count();
    if n > MOTIVATION_MAX {
        refuse(Attribut::Motivation, format!("Ce texte a {n} caractères ; {MOTIVATION_MAX} sont permis."));
    }
    if !fiche.situations.une() {
        refuse(Attribut::Situations, "Cochez au moins une réponse qui décrit votre situation.".to_owned());
    }
    if let Err(phrase) = disponibilite(fiche.disponible_le, jour) {
        refuse(Attribut::DisponibleLe, phrase);
    }
    if champs.is_empty() { Ok(()) } else { Err(Refusal::Fields(champs)) }
}

/// Whether somebody may be free from that day, said on this one.
///
/// # Errors
/// A sentence for the field.
pub fn disponibilite(le: NaiveDate, jour: NaiveDate) -> Result<(), String> {
    let fin = jour.with_year(jour.year() + ANNEES).unwrap_or(jour);
    if le < jour {
        Err("Choisissez la date d’aujourd’hui ou une date à venir.".to_owned())
    } else if le > fin {
        Err(format!("Choisissez une date dans les {ANNEES} ans qui viennent."))
    } else {
        Ok(())
    }
}

/// Whether a change of the sheet may be kept: what is not touched is not judged again, so that somebody who was free from
/// last month may still change their telephone.
///
/// # Errors
/// The fields that were changed and are wrong.
pub fn changement_recevable(avant: &Fiche, apres: &Fiche, jour: NaiveDate) -> Result<(), Refusal> {
    match recevable(apres, jour) {
        Err(Refusal::Fields(champs)) => {
            let changes: Vec<(String, String)> = champs
                .into_iter()
                .filter(|(cle, _)| Attribut::from_cle(cle).is_none_or(|a| !avant.pareil(apres, a)))
                .collect();
            if changes.is_empty() { Ok(()) } else { Err(Refusal::Fields(changes)) }
        }
        autre => autre,
    }
}
