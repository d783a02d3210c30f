//! What may be asked, by whom, and what may become of it: pure.

use chrono::NaiveDate;
use kernel::{Actor, Refusal, Verb};

use super::model::{Demande, Etat, Etendue, Genre, Objet, Quotite, Sens};
use super::reference::{Eligibilite, Famille, MISSIONS, MOTIVATION_MAX, POSTES};

/// Whether the actor may do that to this demande: the verb, then the scope. `identites` are the structures that stand for
/// the one that asks: a merge takes no rights away.
///
/// # Errors
/// [`Refusal::Forbidden`] without the verb; [`Refusal::NotFound`] out of scope.
pub fn may(
    actor: &Actor,
    verb: Verb,
    demande: &Demande,
    identites: &[kernel::ids::StructureId],
) -> Result<(), Refusal> {
    actor.may(verb)?;
    let here = |s| {
        let mut cible = demande.cible();
        cible.structure = Some(s);
        actor.perimetre.couvre(&cible)
    };
    if here(demande.structure) || identites.iter().any(|s| here(*s)) {
        Ok(())
    } else {
        Err(Refusal::NotFound)
    }
}

/// Whether a structure of that kind may file on that day.
///
/// # Errors
/// A sentence that says why not, or from when.
pub fn ouverte(
    (_, eligibilite): (Famille, Eligibilite),
    ouverture: NaiveDate,
    jour: NaiveDate,
) -> Result<(), Refusal> {
    if let Eligibilite::Non(pourquoi) = eligibilite {
        return Err(Refusal::conflict(pourquoi));
    }
    if jour < ouverture {
        return Err(Refusal::conflict(format!(
            "Les demandes ouvrent à votre type de structure le {}. Gardez votre brouillon, et déposez-le ce jour-là.",
            ouverture.format("%d/%m/%Y")
        )));
    }
    Ok(())
}

/// Whether so many posts may be asked.
///
/// # Errors
/// The field `postes`.
pub fn nombre_valable(postes: u32) -> Result<(), Refusal> {
    if POSTES.contains(&postes) {
        return Ok(());
    }
    let phrase = format!("Demandez de {} à {} postes.", POSTES.start(), POSTES.end());
    Err(Refusal::field("postes", phrase))
}

/// Whether a mission may begin on that day, seen from today.
///
/// # Errors
/// The field `debut`.
pub fn debut_valable(debut: NaiveDate, jour: NaiveDate) -> Result<(), Refusal> {
    if debut < jour {
        return Err(Refusal::field("debut", "Choisissez une date à partir d’aujourd’hui."));
    }
    Ok(())
}

/// Whether a coordinateur of that time may coordinate so far (domain, 3.2).
///
/// # Errors
/// The field `etendue`.
pub fn etendue_valable(quotite: Quotite, etendue: Etendue) -> Result<(), Refusal> {
    if quotite == Quotite::Partiel && etendue != Etendue::BassinDeVie {
        let phrase = "Un coordinateur à temps partagé coordonne un bassin de vie : choisissez ce périmètre.";
        return Err(Refusal::field("etendue", phrase));
    }
    Ok(())
}

/// Whether what is asked holds: number of posts, day, words, missions.
///
/// # Errors
/// The fields that do not hold.
pub fn objet_valable(objet: &Objet, jour: NaiveDate) -> Result<(), Refusal> {
    let mut fields = Vec::new();
    let mut regles = vec![nombre_valable(objet.postes())];
    regles.extend(objet.debut().map(|debut| debut_valable(debut, jour)));
    if let Objet::Coordinateur { quotite, etendue, .. } = objet {
        regles.push(etendue_valable(*quotite, *etendue));
    }
    for regle in regles {
        match regle {
            Err(Refusal::Fields(plus)) => fields.extend(plus),
            other => other?,
        }
    }
    let mut refuse = |field: &str, sentence: String| fields.push((field.to_owned(), sentence));
    let n = objet.motivation().chars().count();
    if n > MOTIVATION_MAX {
        refuse("motivation", format!("Ce texte a {n} caractères ; {MOTIVATION_MAX} sont permis."));
    }
    if objet.genre() != Genre::Retrait && objet.motivation().trim().is_empty() {
        refuse("motivation", "Expliquez votre demande.".to_owned());
    }
    if let Objet::PremiersPostes { missions, .. } = objet
        && (missions.is_empty() || missions.iter().any(|m| MISSIONS.iter().all(|(cle, _)| cle != m)))
    {
        refuse("missions", "Choisissez au moins une mission dans la liste.".to_owned());
    }
    if fields.is_empty() { Ok(()) } else { Err(Refusal::Fields(fields)) }
}

/// Whether a structure may ask that, given the free posts it has and what it already asked.
///
/// # Errors
/// A field when it has not so many free posts; a conflict when one such demande is still under way, or when it has a
/// post already and asks for first ones.
pub fn possible(objet: &Objet, libres: usize, ouverts: usize, en_cours: &[&Demande]) -> Result<(), Refusal> {
    let genre = objet.genre();
    if let Some(autre) = en_cours.iter().find(|d| d.objet.genre() == genre) {
        return Err(Refusal::conflict(format!(
            "La demande {} ({}) est encore en cours. Attendez sa décision, ou annulez-la.",
            autre.reference(),
            genre.nom().to_lowercase()
        )));
    }
    let postes = usize::try_from(objet.postes()).unwrap_or(usize::MAX);
    match genre {
        Genre::Retrait | Genre::Transfert if postes > libres => Err(Refusal::field(
            "postes",
            match libres {
                0 => {
                    "Aucun poste n’est libre. Le contrat de la personne doit d’abord prendre fin.".to_owned()
                }
                1 => "Un seul poste est libre.".to_owned(),
                n => format!("{n} postes seulement sont libres."),
            },
        )),
        Genre::PremiersPostes if ouverts > 0 => Err(Refusal::conflict(
            "Votre structure a déjà des postes : demandez des postes en plus depuis son espace.",
        )),
        Genre::Ajout if ouverts == 0 => {
            Err(Refusal::conflict("Votre structure n’a pas encore de poste : déposez une première demande."))
        }
        _ => Ok(()),
    }
}

/// Whether who asks may take it back: before a session has it.
///
/// # Errors
/// A conflict that says why.
pub fn annulable(demande: &Demande) -> Result<(), Refusal> {
    match demande.etat {
        Etat::AConfirmer | Etat::Deposee | Etat::ExamenComplementaire { .. } => Ok(()),
        Etat::EnSeance { .. } => Err(Refusal::conflict(
            "Cette demande est à l’ordre du jour d’une séance. Écrivez à la préfecture pour la retirer.",
        )),
        _ => Err(Refusal::conflict("Cette demande n’est plus en cours.")),
    }
}

/// Whether the committee waits for an answer, and this one holds.
///
/// # Errors
/// A conflict when it does not; the field otherwise.
pub fn reponse_valable(demande: &Demande, texte: &str) -> Result<(), Refusal> {
    if !matches!(demande.etat, Etat::ExamenComplementaire { .. }) {
        return Err(Refusal::conflict("Le comité n’attend pas de réponse sur cette demande."));
    }
    match texte.trim().chars().count() {
        0 => Err(Refusal::field("reponse", "Écrivez votre réponse au comité.")),
        n if n > MOTIVATION_MAX => Err(Refusal::field(
            "reponse",
            format!("Cette réponse a {n} caractères ; {MOTIVATION_MAX} sont permis."),
        )),
        _ => Ok(()),
    }
}

/// Whether an opinion may be given now.
///
/// # Errors
/// A conflict when the demande is not, or no longer, waiting for one.
pub fn avis_attendu(demande: &Demande) -> Result<(), Refusal> {
    match demande.etat {
        Etat::Deposee | Etat::ExamenComplementaire { .. } => Ok(()),
        Etat::AConfirmer => Err(Refusal::conflict("Confirmez d’abord cette demande, qui vient d’une liste.")),
        Etat::EnSeance { .. } => {
            Err(Refusal::conflict("La liste de la séance est figée : l’avis ne change plus."))
        }
        _ => Err(Refusal::conflict("Cette demande n’attend plus d’avis.")),
    }
}

/// Whether the words of an opinion hold.
///
/// # Errors
/// The fields that do not.
pub fn avis_valable(demande: &Demande, sens: Sens, postes: u32, commentaire: &str) -> Result<(), Refusal> {
    let mut fields = Vec::new();
    let n = commentaire.trim().chars().count();
    if !super::reference::COMMENTAIRE.contains(&n) {
        fields.push((
            "commentaire".to_owned(),
            format!("Écrivez de 10 à 1 000 caractères ; ce texte en a {n}."),
        ));
    }
    if sens == Sens::Favorable && !(1..=demande.objet.postes()).contains(&postes) {
        fields.push(("postes".to_owned(), format!("Proposez de 1 à {} postes.", demande.objet.postes())));
    }
    if fields.is_empty() { Ok(()) } else { Err(Refusal::Fields(fields)) }
}
