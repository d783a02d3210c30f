//! Hours as people read them.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, Timelike, Utc};

use super::{Etat, Horaires, Plage, jour_ferie};

const JOURS: [&str; 7] = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];
/// A day of the week to come, as a line of the table.
#[derive(Clone, Debug)]
pub struct JourLu {
    /// « Lundi », with the date on the days that differ: « lundi 25 décembre ».
    pub nom: String,
    /// Whether it is today, where the lieu stands.
    pub aujourdhui: bool,
    /// « 9 h – 12 h », in order; empty when closed.
    pub plages: Vec<String>,
    /// Name of the public holiday.
    pub ferie: Option<&'static str>,
}

/// The seven days to come, from today on.
#[derive(Clone, Debug)]
pub struct Semaine {
    /// Today first.
    pub jours: Vec<JourLu>,
    /// « Ouvert jusqu’à 17 h », « Fermé, ouvre demain à 9 h ».
    pub etat: Etat,
    /// Today where the lieu stands.
    pub aujourdhui: NaiveDate,
    /// Now where the lieu stands.
    pub maintenant: NaiveDateTime,
}

impl Semaine {
    /// Reads the week at that instant.
    pub fn de(horaires: &Horaires, maintenant: DateTime<Utc>) -> Self {
        let local = maintenant.with_timezone(&horaires.fuseau()).naive_local();
        let aujourdhui = local.date();
        let departement = horaires.departement.as_ref().map_or("", |d| d.as_str());
        let jours = (0..7)
            .filter_map(|n: u64| {
                let jour = aujourdhui.checked_add_days(Days::new(n))?;
                let ferie = jour_ferie(departement, jour);
                let nom = majuscule(JOURS[jour.weekday().num_days_from_monday() as usize]);
                let nom = if ferie.is_some() { format!("{nom} {}", quantieme(jour)) } else { nom };
                let plages = horaires.jour(jour).iter().map(en_clair).collect();
                Some(JourLu { nom, aujourdhui: jour == aujourdhui, plages, ferie })
            })
            .collect();
        let base = aujourdhui.pred_opt().unwrap_or(aujourdhui);
        let etat = super::etat(&horaires.intervalles(base, 40), base, 40, local);
        Self { jours, etat, aujourdhui, maintenant: local }
    }

    /// Whether two weeks that follow each other differ: the page then says so.
    pub fn varie(horaires: &Horaires, aujourdhui: NaiveDate) -> bool {
        (0..7).any(|n| {
            let jour = |s: u64| aujourdhui.checked_add_days(Days::new(n + 7 * s)).map(|d| horaires.jour(d));
            (1..4).any(|s| jour(s) != jour(0))
        })
    }
}

pub(super) fn en_clair(p: &Plage) -> String {
    let entier = p.debut == 0 && p.fin >= super::MINUTES_JOUR;
    if entier && !p.commentaire.trim().is_empty() {
        return majuscule(p.commentaire.trim());
    }
    let heures =
        if entier { "24 h sur 24".to_owned() } else { format!("{} – {}", minute(p.debut), minute(p.fin)) };
    match (p.commentaire.trim(), p.certaine) {
        ("", true) => heures,
        ("", false) => format!("{heures} (à confirmer)"),
        (c, _) => format!("{heures} ({c})"),
    }
}

fn minute(m: u16) -> String {
    let m = m % super::MINUTES_JOUR;
    heures_minutes(u32::from(m / 60), u32::from(m % 60))
}

fn heures_minutes(h: u32, m: u32) -> String {
    if m == 0 { format!("{h}\u{a0}h") } else { format!("{h}\u{a0}h\u{a0}{m:02}") }
}

fn majuscule(mot: &str) -> String {
    let mut lettres = mot.chars();
    lettres.next().map_or_else(String::new, |c| c.to_uppercase().chain(lettres).collect())
}

/// « samedi 21 mars ».
pub fn jour_long(jour: NaiveDate) -> String {
    format!("{} {}", JOURS[jour.weekday().num_days_from_monday() as usize], quantieme(jour))
}

fn quantieme(jour: NaiveDate) -> String {
    let n = if jour.day() == 1 { "1er".to_owned() } else { jour.day().to_string() };
    format!("{n} {}", kernel::text::MOIS[jour.month0() as usize])
}

/// The hour alone: « 9 h 30 ».
pub fn heure_seule(quand: NaiveDateTime) -> String {
    heures_minutes(quand.hour(), quand.minute())
}

/// An hour as seen from now: « 17 h 30 », « demain à 9 h », « lundi à 9 h », « le 3 août à 9 h ».
pub fn heure(quand: NaiveDateTime, maintenant: NaiveDateTime) -> String {
    let heure = heure_seule(quand);
    match (quand.date() - maintenant.date()).num_days() {
        0 => heure,
        1 => format!("demain à {heure}"),
        2..7 => format!("{} à {heure}", JOURS[quand.weekday().num_days_from_monday() as usize]),
        _ => format!("le {} à {heure}", quantieme(quand.date())),
    }
}

impl Etat {
    /// A sentence: « Ouvert jusqu’à 17 h », « Fermé, ouvre lundi à 9 h »; nothing when unknown.
    pub fn phrase(&self, maintenant: NaiveDateTime) -> Option<String> {
        match self {
            Self::Ouvert(Some(fin)) => Some(format!("Ouvert jusqu’à {}", heure(*fin, maintenant))),
            Self::Ouvert(None) => Some("Ouvert en continu".to_owned()),
            Self::Ferme(Some(debut)) if debut.date() == maintenant.date() => {
                Some(format!("Fermé, ouvre à {}", heure(*debut, maintenant)))
            }
            Self::Ferme(Some(debut)) => Some(format!("Fermé, ouvre {}", heure(*debut, maintenant))),
            Self::Ferme(None) => Some("Fermé".to_owned()),
            Self::Inconnu => None,
        }
    }

    /// Whether it is open.
    pub fn ouvert(&self) -> bool {
        matches!(self, Self::Ouvert(_))
    }
}
