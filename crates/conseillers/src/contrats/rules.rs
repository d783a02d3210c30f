//! What becomes of a contract: pure. Each verb takes the contract as it is and gives it as it becomes, or says why not.

use annuaire::structures::StructureVue;
use chrono::{DateTime, Days, Months, NaiveDate, Utc};
use kernel::{CodeDepartement, Periode, Refusal};

use super::model::{Contrat, Etat, Genre, Montant, Phase, Prolongation, Rupture, Situation, Termes};
use super::smic;
use crate::postes::rules::{jour, se_croisent};

/// The programme opened on that day: no contract begins before.
pub const OUVERTURE: NaiveDate = jour(2020, 11, 17);
/// The reconventionnement opened that year: no contract of the second phase begins before (domain, 0.2).
pub const SECONDE_PHASE: NaiveDate = jour(2022, 1, 1);
/// A later end is asked at most so many days before the end (domain, 2.3).
pub const PROLONGATION_JOURS: u64 = 30;
/// A renewal begins at most so many days after the end of what it renews; later, it is a new contract, and the post was
/// vacant meanwhile.
pub const RENOUVELLEMENT_JOURS: u64 = 31;
/// No contract with an end lasts longer: six years for a contrat de projet (code général de la fonction publique,
/// L. 332-25), less for the others.
pub const DUREE_MAXIMALE_MOIS: u32 = 72;
/// How far ahead a contract may be entered: beyond, it is a slip of the year.
const AVANCE_MOIS: u32 = 24;

/// « 18 mars 2026 ».
pub(crate) fn ecrit(le: NaiveDate) -> String {
    kernel::calendrier::jour_en_lettres(le)
}

fn apres(le: NaiveDate, mois: u32) -> NaiveDate {
    le.checked_add_months(Months::new(mois)).unwrap_or(NaiveDate::MAX)
}

/// What the contract is on that day.
pub fn situation(contrat: &Contrat, le: NaiveDate) -> Situation {
    match &contrat.etat {
        Etat::Saisi => Situation::AValider,
        Etat::Refuse { .. } => Situation::Refuse,
        Etat::Retire => Situation::Retire,
        Etat::RuptureNotifiee(_) => Situation::RuptureNotifiee,
        Etat::Rompu(_) => Situation::Rompu,
        Etat::Valide if contrat.termes.fin.is_some_and(|fin| fin < le) => Situation::Termine,
        Etat::Valide if le < contrat.termes.debut => Situation::AVenir,
        Etat::Valide => Situation::EnCours,
    }
}

/// The contract of today, or else the next that is accepted.
pub fn present<'a>(contrats: impl IntoIterator<Item = &'a Contrat>, le: NaiveDate) -> Option<&'a Contrat> {
    let vifs = contrats.into_iter().filter(|c| c.engage() && c.periode().fin.is_none_or(|fin| fin >= le));
    vifs.min_by_key(|c| c.termes.debut)
}

/// Whether the employer may sign a contrat de projet: public ones only (code général de la fonction publique, L. 332-24).
pub fn est_public(s: &StructureVue) -> bool {
    use annuaire::structures::model::Genre as Forme;
    !matches!(s.genre, Forme::Association | Forme::Ess | Forme::Entreprise)
}

/// Whether a contract of that kind is one that the employer may sign.
///
/// # Errors
/// The field.
pub fn type_permis(genre: Genre, s: &StructureVue) -> Result<(), Refusal> {
    if genre == Genre::ProjetPublic && !est_public(s) {
        return Err(Refusal::field(
            "type",
            "Le contrat de projet est réservé aux employeurs publics. Choisissez un CDD ou un CDI.",
        ));
    }
    Ok(())
}

/// Checks what was signed, with the département of the post: every field that is wrong is named.
///
/// # Errors
/// The fields.
pub fn verifier(termes: &Termes, departement: &CodeDepartement, le: NaiveDate) -> Result<(), Refusal> {
    let mut fautes: Vec<(&str, String)> = Vec::new();
    if termes.debut < OUVERTURE {
        fautes.push((
            "debut",
            format!(
                "Le programme a ouvert le {} : le contrat ne peut pas commencer avant.",
                ecrit(OUVERTURE)
            ),
        ));
    } else if termes.debut > apres(le, AVANCE_MOIS) {
        fautes.push(("debut", "Le contrat commence dans plus de deux ans. Vérifiez l’année.".to_owned()));
    }
    match (termes.genre, termes.fin) {
        (Genre::Cdi, Some(_)) => {
            fautes.push(("fin", "Un CDI n’a pas de date de fin : laissez ce champ vide.".to_owned()))
        }
        (Genre::Cdi, None) => {}
        (_, None) => fautes.push(("fin", "Écrivez la date de fin : seul un CDI n’en a pas.".to_owned())),
        (_, Some(fin)) if fin <= termes.debut => {
            fautes.push(("fin", "La date de fin doit être après la date de début.".to_owned()));
        }
        (_, Some(fin)) if fin >= apres(termes.debut, DUREE_MAXIMALE_MOIS) => {
            fautes.push(("fin", "Le contrat dure plus de six ans. Vérifiez l’année.".to_owned()));
        }
        (_, Some(_)) => {}
    }
    fautes.extend(sous_le_smic(termes.salaire, departement, termes.debut).map(|f| ("salaire", f)));
    if termes.phase == Phase::Deux && termes.debut < SECONDE_PHASE {
        fautes.push((
            "phase",
            format!(
                "La seconde phase a ouvert le {} : ce contrat relève de la première.",
                ecrit(SECONDE_PHASE)
            ),
        ));
    }
    en_champs(fautes)
}

fn en_champs(fautes: Vec<(&str, String)>) -> Result<(), Refusal> {
    if fautes.is_empty() {
        return Ok(());
    }
    Err(Refusal::Fields(fautes.into_iter().map(|(champ, phrase)| (champ.to_owned(), phrase)).collect()))
}

fn sous_le_smic(salaire: Montant, departement: &CodeDepartement, le: NaiveDate) -> Option<String> {
    let minimum = smic::minimum(departement, le).filter(|minimum| salaire < *minimum)?;
    Some(format!("Le salaire brut mensuel à temps plein est d’au moins {minimum} (SMIC au {}).", ecrit(le)))
}

/// Whether that contract may stand beside those of the same person or of the same post.
///
/// # Errors
/// A sentence that tells the days already taken.
pub fn sans_recouvrement(periode: Periode, autres: &[Periode], qui: &str) -> Result<(), Refusal> {
    let Some(autre) = autres.iter().find(|a| se_croisent(**a, periode)) else { return Ok(()) };
    let jusqu_au = autre.fin.map_or("sans date de fin".to_owned(), |fin| format!("jusqu’au {}", ecrit(fin)));
    Err(Refusal::conflict(format!(
        "{qui} a déjà un contrat du {} {jusqu_au}. Deux contrats ne peuvent pas se recouvrir, même d’un jour.",
        ecrit(autre.debut)
    )))
}

fn pas_ainsi(contrat: &Contrat, le: NaiveDate, quoi: &str) -> Refusal {
    let est = match situation(contrat, le) {
        Situation::AValider => "ce contrat attend encore sa validation",
        Situation::Refuse => "ce contrat a été refusé",
        Situation::Retire => "ce contrat a été retiré",
        Situation::AVenir | Situation::EnCours => "ce contrat est validé",
        Situation::RuptureNotifiee => "la rupture de ce contrat est notifiée",
        Situation::Rompu => "ce contrat est rompu",
        Situation::Termine => "ce contrat est terminé",
    };
    Refusal::conflict(format!("{quoi} : {est}."))
}

fn saisi(mut contrat: Contrat, le: NaiveDate, quoi: &str, etat: Etat) -> Result<Contrat, Refusal> {
    if contrat.etat != Etat::Saisi {
        return Err(pas_ainsi(&contrat, le, quoi));
    }
    contrat.etat = etat;
    Ok(contrat)
}

/// The administration says yes. That post and person are free is the question of [`sans_recouvrement`] and of the post.
///
/// # Errors
/// When it was answered already.
pub fn valider(contrat: Contrat, le: NaiveDate) -> Result<Contrat, Refusal> {
    saisi(contrat, le, "Rien à valider", Etat::Valide)
}

/// The administration says no.
///
/// # Errors
/// When it was answered already; without a reason.
pub fn refuser(contrat: Contrat, le: NaiveDate, motif: &str) -> Result<Contrat, Refusal> {
    let motif = raison(motif)?;
    saisi(contrat, le, "Rien à refuser", Etat::Refuse { motif })
}

fn raison(motif: &str) -> Result<String, Refusal> {
    let motif = motif.trim();
    if motif.chars().count() < 10 {
        return Err(Refusal::field(
            "motif",
            "Écrivez la raison, en une phrase au moins : la structure la lira.",
        ));
    }
    Ok(motif.to_owned())
}

/// The structure takes it back.
///
/// # Errors
/// When it was answered already.
pub fn retirer(contrat: Contrat, le: NaiveDate) -> Result<Contrat, Refusal> {
    saisi(contrat, le, "Rien à retirer", Etat::Retire)
}

/// Whether the contract may be renewed by one of these terms. `suites` are the contracts that renew it already.
///
/// # Errors
/// When it is not accepted, has no end, is renewed already; when the new one begins too early or too late, or goes back
/// to the first phase.
pub fn renouveler(
    contrat: &Contrat,
    suites: &[Contrat],
    termes: &Termes,
    le: NaiveDate,
) -> Result<(), Refusal> {
    const QUOI: &str = "Pas de renouvellement";
    // A contract that ended by itself some days ago may still be renewed: papers are late.
    if contrat.etat != Etat::Valide {
        return Err(pas_ainsi(contrat, le, QUOI));
    }
    let Some(fin) = contrat.termes.fin else {
        return Err(Refusal::conflict("Un CDI ne se renouvelle pas : il n’a pas de date de fin."));
    };
    if suites.iter().any(|s| matches!(s.etat, Etat::Saisi) || s.engage()) {
        return Err(Refusal::conflict("Ce contrat a déjà un renouvellement, validé ou en attente."));
    }
    if contrat.prolongation.is_some() {
        return Err(Refusal::conflict("Une prolongation de ce contrat attend une réponse."));
    }
    let dernier = fin.checked_add_days(Days::new(RENOUVELLEMENT_JOURS)).unwrap_or(fin);
    if termes.debut <= fin {
        return Err(Refusal::field(
            "debut",
            format!("Le renouvellement commence après la fin du contrat, le {}.", ecrit(fin)),
        ));
    }
    if termes.debut > dernier {
        return Err(Refusal::field(
            "debut",
            format!(
                "Le renouvellement commence au plus tard le {}. Au-delà, saisissez un nouveau contrat.",
                ecrit(dernier)
            ),
        ));
    }
    if termes.phase < contrat.termes.phase {
        return Err(Refusal::field(
            "phase",
            "Le contrat renouvelé relève de la seconde phase : celui-ci aussi.",
        ));
    }
    Ok(())
}

fn valide(contrat: &Contrat, le: NaiveDate, quoi: &str) -> Result<(), Refusal> {
    match situation(contrat, le) {
        Situation::EnCours | Situation::AVenir => Ok(()),
        _ => Err(pas_ainsi(contrat, le, quoi)),
    }
}

/// The structure asks for a later end.
///
/// # Errors
/// When it is not under way, has no end, is renewed or asks already; more than 30 days before the end; when the new end
/// is not later, or the pay below the SMIC of the first new day.
pub fn prolonger(
    mut contrat: Contrat,
    suites: &[Contrat],
    (fin, salaire): (NaiveDate, Montant),
    now: DateTime<Utc>,
) -> Result<Contrat, Refusal> {
    let le = kernel::calendrier::jour(&now);
    valide(&contrat, le, "Pas de prolongation")?;
    let Some(terme) = contrat.termes.fin else {
        return Err(Refusal::conflict("Un CDI ne se prolonge pas : il n’a pas de date de fin."));
    };
    if contrat.prolongation.is_some() {
        return Err(Refusal::conflict("Une prolongation de ce contrat attend déjà une réponse."));
    }
    if suites.iter().any(|s| matches!(s.etat, Etat::Saisi) || s.engage()) {
        return Err(Refusal::conflict("Ce contrat a un renouvellement : il ne se prolonge plus."));
    }
    let des = terme.checked_sub_days(Days::new(PROLONGATION_JOURS)).unwrap_or(terme);
    if le < des {
        return Err(Refusal::conflict(format!(
            "Une prolongation se demande dans les {PROLONGATION_JOURS} jours avant la fin du contrat : à partir du {}.",
            ecrit(des)
        )));
    }
    let mut fautes = Vec::new();
    if fin <= terme {
        fautes.push(("fin", format!("La nouvelle fin doit être après le {}.", ecrit(terme))));
    } else if fin >= apres(contrat.termes.debut, DUREE_MAXIMALE_MOIS) {
        fautes.push(("fin", "Le contrat durerait plus de six ans. Vérifiez l’année.".to_owned()));
    }
    let reprise = terme.succ_opt().unwrap_or(terme);
    fautes.extend(sous_le_smic(salaire, &contrat.place.departement, reprise).map(|f| ("salaire", f)));
    en_champs(fautes)?;
    contrat.prolongation = Some(Prolongation { fin, salaire, demandee_le: now });
    Ok(contrat)
}

/// The administration grants the later end. A contract that ended while the demand waited goes on as if it had not.
///
/// # Errors
/// When none is asked.
pub fn accorder_prolongation(mut contrat: Contrat, le: NaiveDate) -> Result<Contrat, Refusal> {
    let Some(p) = contrat.prolongation.take() else {
        return Err(pas_ainsi(&contrat, le, "Aucune prolongation demandée"));
    };
    contrat.termes.fin = Some(p.fin);
    contrat.termes.salaire = p.salaire;
    Ok(contrat)
}

/// The administration, or the structure that asked, closes the demand of a later end.
///
/// # Errors
/// When none is asked.
pub fn clore_prolongation(mut contrat: Contrat, le: NaiveDate) -> Result<Contrat, Refusal> {
    match contrat.prolongation.take() {
        Some(_) => Ok(contrat),
        None => Err(pas_ainsi(&contrat, le, "Aucune prolongation demandée")),
    }
}

/// The administration refuses the later end.
///
/// # Errors
/// When none is asked; without a reason.
pub fn refuser_prolongation(
    contrat: Contrat,
    le: NaiveDate,
    motif: &str,
) -> Result<(Contrat, String), Refusal> {
    let motif = raison(motif)?;
    Ok((clore_prolongation(contrat, le)?, motif))
}

/// The structure says that the contract breaks. A demand of a later end falls.
///
/// # Errors
/// When it is not under way; when the day is outside the contract.
pub fn notifier_rupture(mut contrat: Contrat, rupture: Rupture, le: NaiveDate) -> Result<Contrat, Refusal> {
    valide(&contrat, le, "Pas de rupture à notifier")?;
    if !contrat.periode().contient(rupture.le) {
        let fin =
            contrat.termes.fin.map(|fin| format!(" et au plus tard le {}", ecrit(fin))).unwrap_or_default();
        return Err(Refusal::field(
            "le",
            format!(
                "Le dernier jour de travail est pendant le contrat : au plus tôt le {}{fin}.",
                ecrit(contrat.termes.debut)
            ),
        ));
    }
    contrat.prolongation = None;
    contrat.etat = Etat::RuptureNotifiee(rupture);
    Ok(contrat)
}

fn notifiee(contrat: &Contrat, le: NaiveDate, quoi: &str) -> Result<Rupture, Refusal> {
    match contrat.etat {
        Etat::RuptureNotifiee(r) => Ok(r),
        _ => Err(pas_ainsi(contrat, le, quoi)),
    }
}

/// The structure or the administration takes the break back.
///
/// # Errors
/// When none is notified.
pub fn annuler_rupture(mut contrat: Contrat, le: NaiveDate) -> Result<Contrat, Refusal> {
    notifiee(&contrat, le, "Pas de rupture à annuler")?;
    contrat.etat = Etat::Valide;
    Ok(contrat)
}

/// The administration says whether a paper is missing.
///
/// # Errors
/// When no break is notified.
pub fn signaler_dossier(mut contrat: Contrat, incomplet: bool, le: NaiveDate) -> Result<Contrat, Refusal> {
    let rupture = notifiee(&contrat, le, "Pas de dossier de rupture")?;
    contrat.etat = Etat::RuptureNotifiee(Rupture { dossier_incomplet: incomplet, ..rupture });
    Ok(contrat)
}

/// The administration records the break.
///
/// # Errors
/// When none is notified, its day is to come, a paper is missing, or a renewal waits for an answer.
pub fn valider_rupture(mut contrat: Contrat, suites: &[Contrat], le: NaiveDate) -> Result<Contrat, Refusal> {
    let rupture = notifiee(&contrat, le, "Pas de rupture à valider")?;
    if rupture.le > le {
        return Err(Refusal::conflict(format!(
            "Le dernier jour de travail est le {} : la rupture se valide à partir de ce jour.",
            ecrit(rupture.le)
        )));
    }
    if rupture.dossier_incomplet {
        return Err(Refusal::conflict("Il manque une pièce au dossier. Notez d’abord qu’il est complet."));
    }
    if suites.iter().any(|s| s.etat == Etat::Saisi) {
        return Err(Refusal::conflict(
            "Un renouvellement de ce contrat attend une réponse : refusez-le d’abord.",
        ));
    }
    contrat.etat = Etat::Rompu(rupture);
    Ok(contrat)
}
