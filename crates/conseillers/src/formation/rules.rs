//! Who may follow what, and what becomes of it: pure.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use kernel::{CodeRegion, Refusal};

use super::model::{
    Certification, EtapeVae, EtatInscription, FicheSession, Inscription, Marche, NIVEAU_MAX, Parcours,
    Session, Titre,
};

/// Longest name of a lot or of a module, in characters.
pub const TEXTE_MAX: usize = 120;
/// Most seats of a session.
pub const PLACES_MAX: u32 = 500;
/// Most modules of a session: the second market has fifteen.
pub const MODULES_MAX: usize = 15;
/// A session is at most as long as this, in days.
pub const DUREE_MAX: i64 = 400;
/// The Pix certification is due within six months after the training (domain, 3.10).
pub const MOIS_POUR_PIX: u32 = 6;

/// Whether the session may be entered as typed.
///
/// # Errors
/// The fields that are wrong.
pub fn fiche_juste(f: &FicheSession) -> Result<(), Refusal> {
    let mut fautes = Vec::new();
    let mut refuse = |champ: &str, phrase: String| fautes.push((champ.to_owned(), phrase));
    match Marche::du(f.debut) {
        None => refuse(
            "debut",
            "Aucun marché de formation n’était en cours à cette date : le premier va de janvier 2021 à avril 2023, le \
             second commence en avril 2024."
                .to_owned(),
        ),
        Some(m) if !m.heures.contains(&f.heures) => {
            let heures: Vec<String> = m.heures.iter().map(|h| format!("{h} h")).collect();
            refuse("heures", format!("Choisissez une durée de ce marché : {}.", heures.join(", ")));
        }
        Some(m) if usize::from(m.modules) > f.modules.len() && !f.modules.is_empty() => refuse(
            "modules",
            format!("Chaque personne choisit {} modules : proposez-en au moins autant.", m.modules),
        ),
        Some(_) => {}
    }
    if f.fin < f.debut {
        refuse("fin", "La date de fin est avant la date de début.".to_owned());
    } else if f.fin - f.debut > TimeDelta::days(DUREE_MAX) {
        refuse("fin", "Une session dure au plus treize mois. Vérifiez les dates.".to_owned());
    }
    if f.places == 0 || f.places > PLACES_MAX {
        refuse("places", format!("Indiquez entre 1 et {PLACES_MAX} places."));
    }
    if f.modules.len() > MODULES_MAX {
        refuse("modules", format!("Une session propose au plus {MODULES_MAX} modules."));
    }
    if fautes.is_empty() { Ok(()) } else { Err(Refusal::Fields(fautes)) }
}

/// What a registration depends on beside the session.
#[derive(Clone, Debug)]
pub struct Personne<'a> {
    /// Région of the post that the person holds under a validated contract today; none without such a contract.
    pub poste: Option<&'a CodeRegion>,
    /// Everything the person asked for so far, with its session.
    pub inscriptions: &'a [(Inscription, Session)],
    /// Titles, test, recognition.
    pub parcours: &'a Parcours,
}

/// Whether the person may ask for a seat on that day: the session is open and for their région, their contract is validated
/// (registration is refused while papers of the contract are missing), the test is passed, and no initial training was
/// followed already: each person has one (domain, 3.10). After it, one module session a year.
///
/// # Errors
/// A sentence that says what is missing.
pub fn peut_s_inscrire(p: &Personne<'_>, s: &Session, le: NaiveDate) -> Result<(), Refusal> {
    let non = |phrase: &str| Err(Refusal::conflict(phrase));
    if s.annulee.is_some() {
        return non("Cette session est annulée. Choisissez-en une autre.");
    }
    if s.fiche.debut <= le {
        return non("Cette session a déjà commencé. Choisissez-en une autre.");
    }
    let Some(region) = p.poste else {
        return non(
            "Votre contrat n’est pas encore validé : l’inscription sera possible dès que votre employeur aura donné les \
             pièces du contrat et que l’administration les aura validées.",
        );
    };
    if !s.fiche.regions.is_empty() && !s.fiche.regions.contains(region) {
        return non("Cette session est réservée à d’autres régions. Choisissez une session de votre région.");
    }
    if p.parcours.positionnement.is_none() {
        return non(
            "Passez d’abord le test de positionnement : il indique la durée de formation qui vous convient.",
        );
    }
    let vivantes = |i: &&(Inscription, Session)| !matches!(i.0.etat, EtatInscription::Annulee { .. });
    if p.inscriptions.iter().filter(vivantes).any(|(_, autre)| autre.id == s.id) {
        return non("Vous avez déjà demandé une place dans cette session.");
    }
    let attendues = |i: &&(Inscription, Session)| {
        matches!(i.0.etat, EtatInscription::EnAttente | EtatInscription::Inscrite)
    };
    if let Some((_, autre)) = p.inscriptions.iter().find(attendues) {
        return Err(Refusal::conflict(format!(
            "Vous avez déjà demandé une place dans la session qui commence le {}. Annulez-la d’abord si vous préférez \
             celle-ci.",
            autre.fiche.debut.format("%d/%m/%Y")
        )));
    }
    if p.inscriptions.iter().any(|(i, _)| matches!(i.etat, EtatInscription::Suivie { .. })) {
        return non("Vous avez déjà suivi la formation initiale : une seule est prise en charge.");
    }
    Ok(())
}

/// The modules that the person chose, as many as the market asks for.
///
/// # Errors
/// On the field `modules`.
pub fn modules_choisis(s: &Session, choisis: Vec<String>) -> Result<Vec<String>, Refusal> {
    let attendus = Marche::du(s.fiche.debut).map_or(0, |m| usize::from(m.modules));
    let attendus = if s.fiche.modules.is_empty() { 0 } else { attendus };
    let mut uniques = choisis;
    uniques.sort_unstable();
    uniques.dedup();
    if uniques.len() != attendus || uniques.iter().any(|m| !s.fiche.modules.contains(m)) {
        return Err(Refusal::field("modules", format!("Choisissez {attendus} modules de la liste.")));
    }
    Ok(uniques)
}

/// A seat, or a place in the line: seats go by the order of the requests.
pub fn place(s: &Session, prises: u32) -> EtatInscription {
    if prises < s.fiche.places { EtatInscription::Inscrite } else { EtatInscription::EnAttente }
}

/// Whether the person may give up the seat on that day.
///
/// # Errors
/// When it is over, or has begun.
pub fn peut_annuler(i: &Inscription, s: &Session, le: NaiveDate) -> Result<(), Refusal> {
    match i.etat {
        EtatInscription::EnAttente | EtatInscription::Inscrite if le < s.fiche.debut => Ok(()),
        EtatInscription::EnAttente | EtatInscription::Inscrite => Err(Refusal::conflict(
            "La session a commencé : dites à l’organisme de formation que vous devez l’interrompre.",
        )),
        _ => Err(Refusal::conflict("Cette inscription n’est plus en cours.")),
    }
}

/// What the training body says of somebody's session: hours followed so far, and whether it is over.
///
/// # Errors
/// Before the session begins; hours beyond the course; a state that is not a seat.
pub fn suivre(
    i: &Inscription,
    s: &Session,
    heures: u16,
    fin: Option<bool>,
    now: DateTime<Utc>,
) -> Result<EtatInscription, Refusal> {
    if kernel::calendrier::jour(&now) < s.fiche.debut {
        return Err(Refusal::conflict("La session n’a pas commencé : rien n’a pu être suivi."));
    }
    if !i.etat.prend_une_place() {
        return Err(Refusal::conflict("Cette personne n’a pas de place dans la session."));
    }
    if heures > s.fiche.heures {
        return Err(Refusal::field(
            "heures",
            format!("La formation dure {} heures : indiquez au plus ce nombre.", s.fiche.heures),
        ));
    }
    match fin {
        None => Ok(EtatInscription::Inscrite),
        Some(true) if heures == 0 => Err(Refusal::field(
            "heures",
            "Indiquez les heures suivies avant de dire que la formation est suivie.",
        )),
        Some(true) => Ok(EtatInscription::Suivie { le: now }),
        Some(false) => Ok(EtatInscription::Abandonnee { le: now }),
    }
}

/// The course that the positioning test advises: the longer the less is known. The scale shares the score in as many equal
/// parts as the market has courses.
pub fn conseil(score: u8, marche: &Marche) -> u16 {
    let n = marche.heures.len().max(1);
    let rang = usize::from(score.min(100)) * n / 101;
    marche.heures.iter().rev().nth(rang).or(marche.heures.first()).copied().unwrap_or(0)
}

/// Adds a title.
///
/// # Errors
/// A day to come, or a title that the person has.
pub fn certifier(
    p: &mut Parcours,
    titre: Titre,
    le: NaiveDate,
    aujourdhui: NaiveDate,
) -> Result<(), Refusal> {
    if le > aujourdhui {
        return Err(Refusal::field("le", "Cette date est à venir."));
    }
    if p.a(titre) {
        return Err(Refusal::conflict(format!("Cette personne a déjà : {}.", titre.nom())));
    }
    p.certifications.push(Certification { titre, le });
    p.certifications.sort_by_key(|c| (c.le, c.titre));
    Ok(())
}

/// Goes to the next stage of a recognition of experience.
///
/// # Errors
/// A stage out of order, a day to come, or a day before the last stage.
pub fn avancer_vae(
    p: &mut Parcours,
    etape: EtapeVae,
    le: NaiveDate,
    aujourdhui: NaiveDate,
) -> Result<(), Refusal> {
    let derniere = p.vae.last().copied();
    let suites = EtapeVae::suites(derniere.map(|d| d.0));
    if !suites.contains(&etape) {
        let noms: Vec<&str> = suites.iter().map(|e| e.nom()).collect();
        return Err(Refusal::field(
            "etape",
            if noms.is_empty() {
                "L’expérience est déjà reconnue : il n’y a plus d’étape.".to_owned()
            } else {
                format!("L’étape qui vient est : {}.", noms.join(" ou "))
            },
        ));
    }
    if le > aujourdhui {
        return Err(Refusal::field("le", "Cette date est à venir."));
    }
    if derniere.is_some_and(|(_, d)| le < d) {
        return Err(Refusal::field("le", "Cette date est avant celle de l’étape précédente."));
    }
    p.vae.push((etape, le));
    Ok(())
}

/// Whether the levels are those of the scale.
///
/// # Errors
/// On the field `socle`.
pub fn niveaux_justes(socle: &[u8]) -> Result<(), Refusal> {
    if socle.iter().all(|n| *n <= NIVEAU_MAX) {
        Ok(())
    } else {
        Err(Refusal::field("socle", format!("Les niveaux vont de 0 à {NIVEAU_MAX}.")))
    }
}
