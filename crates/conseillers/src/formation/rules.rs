//! Who may follow what, and what becomes of it: pure.

use chrono::{DateTime, Datelike, Months, NaiveDate, TimeDelta, Utc};
use kernel::{CodeRegion, Periode, Refusal};

use super::model::{
    Certification, EtapeVae, EtatInscription, FicheSession, Inscription, Marche, NIVEAU_MAX, Nature,
    Parcours, Session, Titre,
};

/// Longest name of a lot or of a module, in characters.
pub const TEXTE_MAX: usize = 120;
/// Most seats of a session.
pub const PLACES_MAX: u32 = 500;
/// Most modules of a session: the second market has fifteen.
pub const MODULES_MAX: usize = 15;
/// A session is at most as long as this, in days.
pub const DUREE_MAX: i64 = 400;
/// Hours of a module: a few days.
pub const HEURES_MODULE: std::ops::RangeInclusive<u16> = 7..=70;
/// Hours of a course towards CCP2 and CCP3: within those of the programme's courses.
pub const HEURES_REMN: std::ops::RangeInclusive<u16> = 70..=420;
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
        Some(_) if f.nature != Nature::Initiale => {
            let bornes = if f.nature == Nature::Module { HEURES_MODULE } else { HEURES_REMN };
            if !bornes.contains(&f.heures) {
                refuse(
                    "heures",
                    format!("Cette formation dure de {} à {} heures.", bornes.start(), bornes.end()),
                );
            }
        }
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
    /// Région and days of the post that the person holds under a validated contract, or will; none without such a contract.
    pub poste: Option<(&'a CodeRegion, Periode)>,
    /// Everything the person asked for so far, with its session.
    pub inscriptions: &'a [(Inscription, Session)],
    /// Titles, test, recognition.
    pub parcours: &'a Parcours,
}

/// Whether the person may ask for a seat on that day: the session is open and for their région, their validated contract is
/// under way when it begins (registration is refused while papers of the contract are missing), and they may follow a
/// course of this kind. Who has not passed the test of the initial course may ask: they wait in line until they did, and the
/// body that they ask is who passes it with them.
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
    en_poste(p, s)?;
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
    selon_la_nature(p, s)
}

/// Whether the validated contract of the person covers the first day of the session, in its région: asked again when a seat
/// comes free.
///
/// # Errors
/// A sentence that says what is missing.
pub fn en_poste(p: &Personne<'_>, s: &Session) -> Result<(), Refusal> {
    let non = |phrase: &str| Err(Refusal::conflict(phrase));
    let Some((region, periode)) = p.poste else {
        return non(
            "Votre contrat n’est pas encore validé : l’inscription sera possible dès que votre employeur aura donné les \
             pièces du contrat et que l’administration les aura validées.",
        );
    };
    if !s.fiche.regions.is_empty() && !s.fiche.regions.contains(region) {
        return non("Cette session est réservée à d’autres régions. Choisissez une session de votre région.");
    }
    if !periode.contient(s.fiche.debut) {
        return non("Votre contrat ne couvre pas le premier jour de cette session. Choisissez-en une autre.");
    }
    Ok(())
}

/// One initial course a person; one module a year after it; CCP2 and CCP3 after CCP1 (domain, 3.10).
fn selon_la_nature(p: &Personne<'_>, s: &Session) -> Result<(), Refusal> {
    let suivie = |nature: Nature, annee: Option<i32>| {
        p.inscriptions.iter().any(|(i, autre)| {
            matches!(i.etat, EtatInscription::Suivie { .. })
                && autre.fiche.nature == nature
                && annee.is_none_or(|a| autre.fiche.debut.year() == a)
        })
    };
    let phrase = match s.fiche.nature {
        Nature::Initiale if suivie(Nature::Initiale, None) => {
            "Vous avez déjà suivi la formation initiale : une seule est prise en charge."
        }
        Nature::Module if !suivie(Nature::Initiale, None) && !p.parcours.a(Titre::Ccp1) => {
            "Les modules se suivent après la formation initiale. Demandez d’abord une place dans celle-ci."
        }
        Nature::Module if suivie(Nature::Module, Some(s.fiche.debut.year())) => {
            "Vous avez déjà suivi un module cette année-là : un seul par an est pris en charge."
        }
        Nature::Remn if p.parcours.remn() => "Vous avez déjà le titre complet.",
        Nature::Remn if !p.parcours.a(Titre::Ccp1) => {
            "Le CCP2 et le CCP3 se préparent quand on a le CCP1. Passez-le d’abord avec votre organisme de formation."
        }
        _ => return Ok(()),
    };
    Err(Refusal::conflict(phrase))
}

/// Whether the person still has to pass the test before a seat of that session is theirs.
pub fn attend_le_test(parcours: &Parcours, s: &Session) -> bool {
    s.fiche.nature == Nature::Initiale && parcours.positionnement.is_none()
}

/// How many modules a person chooses in that session.
pub fn a_choisir(s: &Session) -> usize {
    match s.fiche.nature {
        _ if s.fiche.modules.is_empty() => 0,
        Nature::Initiale => Marche::du(s.fiche.debut).map_or(0, |m| usize::from(m.modules)),
        Nature::Module => 1,
        Nature::Remn => 0,
    }
}

/// The last day to pass the Pix certification after that session, for somebody who followed it.
pub fn pix_avant(i: &Inscription, s: &Session) -> Option<NaiveDate> {
    let due = s.fiche.nature == Nature::Initiale && matches!(i.etat, EtatInscription::Suivie { .. });
    due.then(|| s.fiche.fin.checked_add_months(Months::new(MOIS_POUR_PIX))).flatten()
}

/// The modules that the person chose, as many as the market asks for.
///
/// # Errors
/// On the field `modules`.
pub fn modules_choisis(s: &Session, choisis: Vec<String>) -> Result<Vec<String>, Refusal> {
    let attendus = a_choisir(s);
    let mut uniques = choisis;
    uniques.sort_unstable();
    uniques.dedup();
    if uniques.len() != attendus || uniques.iter().any(|m| !s.fiche.modules.contains(m)) {
        return Err(Refusal::field(
            "modules",
            format!("Choisissez {} de la liste.", kernel::text::compte(attendus as u64, "module", "modules")),
        ));
    }
    Ok(uniques)
}

/// A seat, or a place in the line: seats go by the order of the requests, to those who passed the test.
pub fn place(s: &Session, prises: u32, parcours: &Parcours) -> EtatInscription {
    if prises < s.fiche.places && !attend_le_test(parcours, s) {
        EtatInscription::Inscrite
    } else {
        EtatInscription::EnAttente
    }
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
