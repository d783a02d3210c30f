//! What a mandat may be, and who may renew or end it: pure.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use kernel::Refusal;

use super::brouillon::Choix;
use super::model::{Autorisation, EtatAutorisation, Fin, Mandat, Raison};
use crate::document::{Duree, Identite};
use crate::organisations::Organisation;
use crate::usagers::Usager;

/// How old the proof of the aidant may be when they sign: five minutes.
pub const PREUVE: TimeDelta = TimeDelta::minutes(5);
/// How long after FranceConnect the mandat may still be signed: a slow pair of people, and a lunch.
pub const IDENTITE: TimeDelta = TimeDelta::hours(4);
/// Longest reason of a revocation, in characters.
pub const PRECISION: usize = 300;

/// What was chosen, checked: keys of démarches among those of the organisation, one at least; one of the four durations.
///
/// # Errors
/// What is missing, beside its field.
pub fn choisi(choix: &Choix, organisation: &Organisation) -> Result<(Vec<String>, Duree), Refusal> {
    let mut refus = Vec::new();
    let demarches: Vec<String> =
        organisation.demarches.cles().iter().filter(|c| choix.demarches.contains(c)).cloned().collect();
    if demarches.is_empty() {
        refus.push(("demarches".to_owned(), "Choisissez au moins une démarche.".to_owned()));
    } else if choix.demarches.iter().any(|c| !organisation.demarches.contient(c)) {
        let phrase = "Une démarche choisie n’est plus de celles de votre organisation. Relisez le choix.";
        refus.push(("demarches".to_owned(), phrase.to_owned()));
    }
    match choix.duree.and_then(|jours| Duree::try_from(jours).ok()) {
        Some(duree) if refus.is_empty() => Ok((demarches, duree)),
        Some(_) => Err(Refusal::Fields(refus)),
        None => {
            refus.push(("duree".to_owned(), "Choisissez une durée.".to_owned()));
            Err(Refusal::Fields(refus))
        }
    }
}

/// Only an adult signs (CGU of Aidants Connect: minors, people under tutelle or curatelle may not).
///
/// # Errors
/// The person is under 18 that day.
pub fn majeur(usager: &Usager, jour: NaiveDate) -> Result<(), Refusal> {
    let dix_huit = usager.identite.naissance.completee.checked_add_months(chrono::Months::new(12 * 18));
    if dix_huit.is_some_and(|d| d <= jour) {
        return Ok(());
    }
    Err(Refusal::conflict("Cette personne est mineure : elle ne peut pas donner de mandat."))
}

/// What of a mandat its organisation may renew without FranceConnect, knowing everything that the person ever allowed
/// (`toutes`, of every organisation): what is recent, and of which the last word of the person to this organisation was
/// not that it ends. Renewing an older mandat does not bring back what was revoked since. Nothing made before it was known
/// that the person died or is protected is renewed, by anybody: who was mistaken makes a new mandat with the person.
pub fn renouvelables(mandat: &Mandat, toutes: &[Autorisation], now: DateTime<Utc>) -> Vec<String> {
    let plus_capable = toutes.iter().any(|a| {
        matches!(a.fin, Some(Fin::Revoquee { le, raison: Raison::Deces | Raison::Protection, .. }) if le >= mandat.cree_le)
    });
    if mandat.signature.is_none() || plus_capable {
        return Vec::new();
    }
    let reste = |a: &&Autorisation| {
        let derniere = toutes
            .iter()
            .filter(|x| x.structure == mandat.structure && x.usager == a.usager && x.demarche == a.demarche)
            .max_by_key(|x| (x.cree_le, !matches!(x.fin, Some(Fin::Remplacee { .. })), x.mandat));
        // Replaced by a mandat that is no longer here: it passed to another organisation, and this with it.
        let tient = derniere.is_some_and(|d| match d.fin {
            Some(Fin::Remplacee { .. }) => false,
            _ => d.etat(now) != EtatAutorisation::Revoquee,
        });
        tient && a.montree(now)
    };
    toutes.iter().filter(|a| a.mandat == mandat.id).filter(reste).map(|a| a.demarche.clone()).collect()
}

/// Whether FranceConnect said who it is, lately.
pub fn identifiee(le: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    le.is_some_and(|le| now - le <= IDENTITE)
}

/// How it is known who signs: FranceConnect, lately (`now` is the instant of signing, or, from afar, that of the offer: what
/// was agreed to within its time is not lost because the answer took longer than the identity lasts); or the mandat that is renewed, when nothing is added to it.
///
/// # Errors
/// FranceConnect is needed, said in a sentence.
pub fn identite(
    identifie_le: Option<DateTime<Utc>>,
    avant: Option<&[String]>,
    demarches: &[String],
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, Refusal> {
    if let Some(le) = identifie_le.filter(|le| now - *le <= IDENTITE) {
        return Ok(Some(le));
    }
    match avant {
        Some(avant) if demarches.iter().all(|d| avant.contains(d)) => Ok(None),
        Some(_) => Err(Refusal::conflict(
            "Le nouveau mandat couvre une démarche de plus que celui qu’il renouvelle : la personne doit s’identifier avec \
             FranceConnect.",
        )),
        None if identifie_le.is_some() => Err(Refusal::conflict(
            "La personne s’est identifiée il y a plus de quatre heures : elle doit s’identifier de nouveau avec FranceConnect.",
        )),
        None => Err(Refusal::conflict("La personne doit d’abord s’identifier avec FranceConnect.")),
    }
}

/// The same, for a document.
pub fn en_document(identifie: Option<crate::document::Instant>) -> Identite {
    identifie.map_or(Identite::MandatPrecedent, |le| Identite::Franceconnect { le })
}

/// Why something is revoked, read.
///
/// # Errors
/// No reason, or « autre » without a word.
pub fn raison(cle: &str, precision: &str) -> Result<(Raison, Option<String>), Refusal> {
    let raison = Raison::from_cle(cle).ok_or_else(|| Refusal::field("raison", "Choisissez une raison."))?;
    let precision = precision.trim();
    if precision.chars().count() > PRECISION {
        return Err(Refusal::field("precision", format!("{PRECISION} caractères au plus.")));
    }
    if raison == Raison::Autre && precision.is_empty() {
        return Err(Refusal::field("precision", "Dites la raison en quelques mots."));
    }
    Ok((raison, (!precision.is_empty()).then(|| precision.to_owned())))
}
