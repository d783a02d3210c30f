//! What becomes of a post: pure. Each verb takes the post as it is and gives it as it becomes, or says why not.

use chrono::{Days, Months, NaiveDate};
use kernel::{Periode, Refusal};
use uuid::Uuid;

use super::model::{Acte, Affectation, Etat, MotifRendu, Place, Poste, Rattachement, Rendu};
use crate::ids::{CandidatId, ContratId};

/// How many months a post may stay vacant, by the day on which it became so: three months in the notes of the préfectures
/// of 2021 and at the renewals of 2023, six months since the rules of May 2025 (domain, 3.8).
pub const DELAIS_DE_RECRUTEMENT: [(NaiveDate, u32); 2] = [(jour(2020, 11, 17), 3), (jour(2025, 5, 1), 6)];

/// A day that is written in the program.
pub(crate) const fn jour(annee: i32, mois: u32, jour: u32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(annee, mois, jour) {
        Some(j) => j,
        None => NaiveDate::MIN,
    }
}

/// What the post is on that day.
pub fn etat(poste: &Poste, le: NaiveDate) -> Etat {
    if let Some(rendu) = poste.rendu.filter(|r| r.le <= le) {
        return Etat::Rendu(rendu);
    }
    if le < poste.attribue_le {
        return Etat::AVenir;
    }
    if let Some(a) = poste.affectations.iter().find(|a| a.periode.contient(le)) {
        let Periode { debut, fin } = a.periode;
        return Etat::Occupe { candidat: a.candidat, depuis: debut, jusqu_au: fin };
    }
    let libre = poste.affectations.iter().filter_map(|a| a.periode.fin).filter(|fin| *fin < le).max();
    let depuis = libre.and_then(|fin| fin.succ_opt()).unwrap_or(poste.attribue_le);
    Etat::Vacant { depuis }
}

/// Where the post is attached on that day; where it was last, when it was given back.
pub fn place(poste: &Poste, le: NaiveDate) -> Option<&Place> {
    let ici = poste.rattachements.iter().find(|r| r.periode.contient(le));
    ici.or(poste.rattachements.last()).map(|r| &r.place)
}

/// The day from which a vacant post may be taken back; none when it is not vacant.
pub fn echeance(poste: &Poste, le: NaiveDate) -> Option<NaiveDate> {
    let Etat::Vacant { depuis } = etat(poste, le) else { return None };
    delai(depuis)
}

/// The day from which a post that was vacant all along since that day may be taken back.
pub fn delai(depuis: NaiveDate) -> Option<NaiveDate> {
    let (_, mois) = DELAIS_DE_RECRUTEMENT.iter().rev().find(|(debut, _)| *debut <= depuis)?;
    depuis.checked_add_months(Months::new(*mois))
}

/// Whether somebody may be recruited on the post: nobody holds it on that day, and no accepted contract is to come.
pub fn a_pourvoir(poste: &Poste, le: NaiveDate) -> bool {
    matches!(etat(poste, le), Etat::Vacant { .. }) && poste.affectations.iter().all(|a| a.periode.debut < le)
}

/// Whether the two spans share a day.
pub fn se_croisent(a: Periode, b: Periode) -> bool {
    a.fin.is_none_or(|fin| b.debut <= fin) && b.fin.is_none_or(|fin| a.debut <= fin)
}

/// Assigns the post to a person.
///
/// # Errors
/// When the span is upside down, when somebody holds the post on one of its days, or when the post is not attached to one
/// structure over all of it.
pub fn affecter(
    mut poste: Poste,
    id: Uuid,
    (candidat, contrat): (CandidatId, ContratId),
    periode: Periode,
) -> Result<Poste, Refusal> {
    a_l_endroit(periode)?;
    if let Some(autre) = poste.affectations.iter().find(|a| se_croisent(a.periode, periode)) {
        return Err(Refusal::conflict(match autre.periode.fin {
            Some(fin) => format!(
                "Le poste {} est déjà occupé jusqu’au {}. Choisissez un début plus tardif ou un autre poste.",
                poste.reference(),
                fin.format("%d/%m/%Y")
            ),
            None => format!("Le poste {} est déjà occupé. Choisissez un autre poste.", poste.reference()),
        }));
    }
    poste.affectations.push(Affectation { id, candidat, contrat, periode });
    poste.affectations.sort_by_key(|a| a.periode.debut);
    coherent(&poste)?;
    Ok(poste)
}

/// Changes the last day of what a contract gave: a rupture, an end that is put off, a renewal. With `suite`, the person goes
/// on under that contract.
///
/// # Errors
/// When no affectation is under that contract; when the new end is before the beginning or meets somebody else's days.
pub fn prolonger_ou_finir(
    mut poste: Poste,
    contrat: ContratId,
    fin: Option<NaiveDate>,
    suite: Option<ContratId>,
) -> Result<Poste, Refusal> {
    let Some(rang) = poste.affectations.iter().position(|a| a.contrat == contrat) else {
        return Err(Refusal::NotFound);
    };
    let mut a = poste.affectations.remove(rang);
    a.periode.fin = fin;
    a.contrat = suite.unwrap_or(contrat);
    affecter(poste, a.id, (a.candidat, a.contrat), a.periode)
}

/// Moves the post to another structure from that day on.
///
/// # Errors
/// When it was given back, when somebody holds it on that day or later, when it is already there, or when it came to where
/// it is on that day or later.
pub fn transferer(mut poste: Poste, id: Uuid, vers: Place, le: NaiveDate) -> Result<Poste, Refusal> {
    libre_des(&poste, le)?;
    let reference = poste.reference();
    let Some(ici) = poste.rattachements.last_mut() else { return Err(Refusal::NotFound) };
    if ici.place.structure == vers.structure {
        return Err(Refusal::conflict(format!("Le poste {reference} est déjà dans cette structure.")));
    }
    finir(&mut ici.periode, le).ok_or_else(|| trop_tot(&reference))?;
    poste.rattachements.push(Rattachement {
        id,
        place: vers,
        periode: Periode { debut: le, fin: None },
        acte: Acte::Transfert,
    });
    coherent(&poste)?;
    Ok(poste)
}

/// Gives the post back: from that day on it is one no more.
///
/// # Errors
/// When it was given back already, when somebody holds it on that day or later, or when it came to the structure on that
/// day or later.
pub fn rendre(mut poste: Poste, le: NaiveDate, motif: MotifRendu) -> Result<Poste, Refusal> {
    libre_des(&poste, le)?;
    let reference = poste.reference();
    if let Some(ici) = poste.rattachements.last_mut() {
        finir(&mut ici.periode, le).ok_or_else(|| trop_tot(&reference))?;
    }
    poste.rendu = Some(Rendu { le, motif });
    coherent(&poste)?;
    Ok(poste)
}

/// Whether the post may be taken back on that day: vacant beyond its delay, nobody about to come.
pub fn reprenable(poste: &Poste, le: NaiveDate) -> bool {
    a_pourvoir(poste, le) && echeance(poste, le).is_some_and(|jour| jour <= le)
}

/// Takes back a post that stayed vacant too long.
///
/// # Errors
/// When it is not vacant, or not beyond its delay.
pub fn reprendre(poste: Poste, le: NaiveDate) -> Result<Poste, Refusal> {
    if !reprenable(&poste, le) {
        let reference = poste.reference();
        return Err(Refusal::conflict(match echeance(&poste, le) {
            Some(jour) if jour > le => {
                format!("Le poste {reference} peut encore être pourvu jusqu’au {}.", jour.format("%d/%m/%Y"))
            }
            _ => format!("Le poste {reference} n’est pas vacant, ou une personne y est attendue."),
        }));
    }
    rendre(poste, le, MotifRendu::VacanceTropLongue)
}

/// Ends an open span on the day before; nothing when that day is before its beginning.
fn finir(periode: &mut Periode, le: NaiveDate) -> Option<()> {
    let veille = le.checked_sub_days(Days::new(1)).filter(|veille| periode.debut <= *veille)?;
    periode.fin = Some(veille);
    Some(())
}

fn trop_tot(reference: &str) -> Refusal {
    Refusal::conflict(format!(
        "Le poste {reference} n’était pas encore dans cette structure à cette date. Choisissez une date plus tardive."
    ))
}

fn libre_des(poste: &Poste, le: NaiveDate) -> Result<(), Refusal> {
    if let Some(rendu) = poste.rendu {
        return Err(Refusal::conflict(format!(
            "Le poste {} a été rendu le {}.",
            poste.reference(),
            rendu.le.format("%d/%m/%Y")
        )));
    }
    if poste.affectations.iter().any(|a| a.periode.fin.is_none_or(|fin| le <= fin)) {
        return Err(Refusal::conflict(format!(
            "Le poste {} est occupé à cette date. Le contrat doit d’abord avoir pris fin.",
            poste.reference()
        )));
    }
    Ok(())
}

fn a_l_endroit(periode: Periode) -> Result<(), Refusal> {
    if periode.fin.is_some_and(|fin| fin < periode.debut) {
        return Err(Refusal::conflict("La date de fin est avant la date de début."));
    }
    Ok(())
}

/// The invariants of a post (docs/conseillers/modele.md, 1 and 2), checked after every verb.
///
/// # Errors
/// A sentence that says which one does not hold.
pub fn coherent(poste: &Poste) -> Result<(), Refusal> {
    let reference = poste.reference();
    let premier = poste.rattachements.first().is_some_and(|r| r.periode.debut == poste.attribue_le);
    let suivis = poste.rattachements.windows(2).all(|w| match w {
        [a, b] => a.periode.fin.and_then(|fin| fin.succ_opt()) == Some(b.periode.debut),
        _ => true,
    });
    let clos = poste.rendu.map(|r| r.le)
        == poste.rattachements.last().and_then(|r| r.periode.fin).and_then(|fin| fin.succ_opt());
    if !(premier && suivis && clos) {
        return Err(Refusal::conflict(format!(
            "Les rattachements du poste {reference} ne se suivent pas jour après jour."
        )));
    }
    for a in &poste.affectations {
        a_l_endroit(a.periode)?;
        let dedans = poste.rattachements.iter().any(|r| {
            r.periode.debut <= a.periode.debut
                && r.periode.fin.is_none_or(|fin| a.periode.fin.is_some_and(|f| f <= fin))
        });
        if !dedans {
            return Err(Refusal::conflict(format!(
                "Le poste {reference} n’est pas dans la structure pendant tout le contrat."
            )));
        }
    }
    let croisees = poste.affectations.windows(2).any(|w| match w {
        [a, b] => se_croisent(a.periode, b.periode),
        _ => false,
    });
    if croisees {
        return Err(Refusal::conflict(format!("Deux personnes occupent le poste {reference} le même jour.")));
    }
    Ok(())
}
