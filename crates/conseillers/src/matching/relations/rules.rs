//! What becomes of a relation: pure.

use chrono::{DateTime, Days, NaiveDate, Utc};
use kernel::Refusal;

use super::model::{Entretien, Etat, Relation, Resultat};
use crate::ids::CandidatId;
use crate::reglages::Reglages;

/// Times that may be offered for one interview.
pub const CRENEAUX: usize = 5;

/// The last day to answer what is asked on that day.
pub fn repondre_avant(le: NaiveDate, reglages: &Reglages) -> NaiveDate {
    le.checked_add_days(Days::new(u64::from(reglages.reponse_jours))).unwrap_or(le)
}

/// Whether one more contact may open: places taken on both sides, free posts of the structure.
///
/// # Errors
/// A sentence that says which bound is reached.
pub fn ouvrir(
    (du_candidat, de_la_structure): (usize, usize),
    libres: usize,
    reglages: &Reglages,
) -> Result<(), Refusal> {
    let nombre = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
    if libres == 0 {
        return Err(Refusal::conflict(
            "Votre structure n’a pas de poste libre : elle ne peut contacter personne.",
        ));
    }
    if de_la_structure >= libres.saturating_mul(nombre(reglages.contacts_par_poste)) {
        return Err(Refusal::conflict(format!(
            "Votre structure a déjà {de_la_structure} contacts ouverts, pour {libres} poste(s) libre(s). Écartez-en un d’abord."
        )));
    }
    if du_candidat >= nombre(reglages.contacts_candidat) {
        return Err(Refusal::conflict(
            "Cette personne a déjà plusieurs contacts ouverts. Réessayez dans quelques jours, ou contactez quelqu’un d’autre.",
        ));
    }
    Ok(())
}

/// Letters and digits of a code: none that is taken for another.
const SIGNES: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// How many of them.
const LONGUEUR: u32 = 10;

/// The code that a candidat gives to a structure which they met elsewhere: fifty bits that nobody counts up to, where numbers
/// like `CA-12` follow one another.
pub fn code(id: CandidatId) -> String {
    let (_, hasard) = id.0.as_u64_pair();
    (0..LONGUEUR).map(|i| char::from(SIGNES[(hasard >> (i * 5)) as usize & 31])).collect()
}

/// A code as it was typed: blanks, dashes and case do not count, nor do letters that look like digits.
pub fn code_lu(texte: &str) -> Option<String> {
    let lu: String = texte
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .take(LONGUEUR as usize + 1)
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            c => c,
        })
        .collect();
    (lu.len() == LONGUEUR as usize && lu.bytes().all(|b| SIGNES.contains(&b))).then_some(lu)
}

/// A code as it is shown: `7K2QF-9MX4A`.
pub fn code_lisible(id: CandidatId) -> String {
    let mut code = code(id);
    code.insert(LONGUEUR as usize / 2, '-');
    code
}

fn est(r: &Relation, etat: Etat, quoi: &str) -> Result<(), Refusal> {
    if r.etat == etat {
        Ok(())
    } else {
        Err(Refusal::conflict(format!("{quoi} : ce contact est « {} ».", r.etat.nom())))
    }
}

/// The candidat answers.
///
/// # Errors
/// When nothing is asked, or the time has passed.
pub fn repondre(
    mut r: Relation,
    oui: bool,
    motif: Option<String>,
    now: DateTime<Utc>,
) -> Result<Relation, Refusal> {
    est(&r, Etat::Proposee, "Pas de réponse à donner")?;
    if r.repondre_avant < kernel::calendrier::jour(&now) {
        return Err(Refusal::conflict(
            "Le délai pour répondre est passé. La structure peut vous contacter de nouveau.",
        ));
    }
    r.etat = if oui { Etat::Acceptee } else { Etat::Declinee };
    r.motif = motif.filter(|_| !oui);
    r.repondue_le = Some(now);
    Ok(r)
}

/// The candidat takes their agreement back.
///
/// # Errors
/// When they have not agreed.
pub fn retirer_accord(mut r: Relation) -> Result<Relation, Refusal> {
    est(&r, Etat::Acceptee, "Pas d’accord à retirer")?;
    r.etat = Etat::Declinee;
    r.motif = Some("La personne a retiré son accord.".to_owned());
    r.entretien = Entretien::default();
    Ok(r)
}

/// The structure puts the candidat aside.
///
/// # Errors
/// When nothing is open.
pub fn ecarter(mut r: Relation) -> Result<Relation, Refusal> {
    if !r.etat.ouverte() {
        est(&r, Etat::Acceptee, "Rien à écarter")?;
    }
    r.avant = Some(r.etat);
    r.etat = Etat::Ecartee;
    Ok(r)
}

/// The structure comes back on it: what it was. A question whose time has passed is asked anew.
///
/// # Errors
/// When it was not put aside.
pub fn reprendre(mut r: Relation, le: NaiveDate, reglages: &Reglages) -> Result<Relation, Refusal> {
    est(&r, Etat::Ecartee, "Rien à reprendre")?;
    r.etat = r.avant.take().unwrap_or(Etat::Proposee);
    if r.etat == Etat::Proposee && r.repondre_avant < le {
        r.repondre_avant = repondre_avant(le, reglages);
    }
    Ok(r)
}

/// The structure offers times for an interview; a time that was chosen before is forgotten.
///
/// # Errors
/// When the candidat has not agreed; without a time to come; with too many.
pub fn offrir(
    mut r: Relation,
    mut creneaux: Vec<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<Relation, Refusal> {
    est(&r, Etat::Acceptee, "Pas d’entretien")?;
    creneaux.sort_unstable();
    creneaux.dedup();
    if creneaux.is_empty() || creneaux.len() > CRENEAUX || creneaux.iter().any(|c| *c <= now) {
        return Err(Refusal::field(
            "creneau_1",
            format!("Proposez de un à {CRENEAUX} créneaux, tous à venir."),
        ));
    }
    r.entretien = Entretien { creneaux, choisi: None };
    r.resultat = None;
    Ok(r)
}

/// The candidat chooses a time.
///
/// # Errors
/// When it is not one that is offered, or it has passed.
pub fn choisir(mut r: Relation, creneau: DateTime<Utc>, now: DateTime<Utc>) -> Result<Relation, Refusal> {
    est(&r, Etat::Acceptee, "Pas d’entretien")?;
    if !r.entretien.creneaux.contains(&creneau) || creneau <= now {
        return Err(Refusal::conflict("Ce créneau n’est plus proposé. Choisissez-en un autre."));
    }
    r.entretien.choisi = Some(creneau);
    Ok(r)
}

/// The structure says what came of the interview.
///
/// # Errors
/// Before the interview.
pub fn conclure(mut r: Relation, resultat: Resultat, now: DateTime<Utc>) -> Result<Relation, Refusal> {
    est(&r, Etat::Acceptee, "Pas de résultat à noter")?;
    if r.entretien.choisi.is_none_or(|c| c > now) {
        return Err(Refusal::conflict("L’entretien n’a pas encore eu lieu."));
    }
    r.resultat = Some(resultat);
    Ok(r)
}
