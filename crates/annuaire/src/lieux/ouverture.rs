//! When a lieu is open, in the time of its own territory: never in that of the server or of the visitor.

mod a_venir;
mod agenda;
mod feries;
mod fuseaux;
mod instants;
mod semaine;
mod vacances;

use std::sync::Arc;

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, TimeDelta};
use chrono_tz::Tz;
use compact_calendar::CompactCalendar;
use kernel::CodeDepartement;
use opening_hours::{Context, ContextHolidays, OpeningHours, RuleKind};

use super::horaires::osm;

pub use a_venir::{AVenir, a_venir};
pub use agenda::Agenda;
pub use feries::{jour_ferie, jours_feries, territoire_des_horaires};
pub use fuseaux::fuseau;
pub use semaine::{JourLu, Semaine, heure, heure_seule, jour_long};
pub use vacances::{Vacances, vacances};

/// Longest expression that is evaluated: real ones have less than 300 characters.
const LONGUEUR_MAX: usize = 2_000;

/// Minutes of a day.
pub const MINUTES_JOUR: u16 = 1_440;

/// A stretch of one day during which the lieu is open, or may be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plage {
    /// First minute, counted from midnight.
    pub debut: u16,
    /// Minute after the last one; beyond 1 440 when the lieu closes after midnight.
    pub fin: u16,
    /// Whether it is surely open: an expression may say « peut-être, sur rendez-vous ».
    pub certaine: bool,
    /// What the expression says of it: « sur rendez-vous ».
    pub commentaire: Arc<str>,
}

/// Hours of a lieu, parsed.
#[derive(Clone, Debug)]
pub struct Horaires {
    regles: OpeningHours,
    fuseau: Tz,
    departement: Option<CodeDepartement>,
    /// The rules of the school holidays, when some hold for days of the week within them (`SH Mo-Fr`): the library
    /// reads these as « school holidays, or Monday to Friday ».
    pendant_les_vacances: Option<OpeningHours>,
    /// Whether the expression says what happens on public holidays.
    pub dit_les_feries: bool,
    /// Whether the expression says what happens in the school holidays, whose dates are known only in part.
    pub dit_les_vacances: bool,
}

/// What a typical week offers, public holidays apart, over four weeks: a lieu that opens on one Saturday in two opens
/// on Saturdays.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Habitudes {
    /// Bit 0 for Monday.
    pub jours: u8,
    /// Open at some minute after 18:00.
    pub soir: bool,
    /// Open at some minute between 12:00 and 14:00.
    pub midi: bool,
    /// Minutes a week, on average.
    pub minutes: u16,
}

impl Horaires {
    /// Reads an OSM expression; `None` when it is empty or cannot be read.
    pub fn lit(expression: &str, departement: Option<&CodeDepartement>) -> Option<Self> {
        let texte = expression.trim();
        if texte.is_empty() || texte.len() > LONGUEUR_MAX {
            return None;
        }
        let hors_commentaires = osm::sans_commentaires(texte);
        let tout: OpeningHours = texte.parse().ok()?;
        let (regles, pendant_les_vacances) = match osm::deux_lectures(texte) {
            Some((hors, pendant)) => (hors.parse().ok()?, Some(pendant.parse().ok()?)),
            None => (tout, None),
        };
        Some(Self {
            regles,
            pendant_les_vacances,
            fuseau: fuseau(departement.map_or("", |d| d.as_str())),
            departement: departement.cloned(),
            dit_les_feries: hors_commentaires.contains("PH"),
            dit_les_vacances: hors_commentaires.contains("SH"),
        })
    }

    /// The clock that the lieu follows.
    pub fn fuseau(&self) -> Tz {
        self.fuseau
    }

    /// With the public holidays of these years, as its territory keeps them, and these school holidays: the sure ones
    /// and the unknown ones.
    fn avec_feries(
        &self,
        regles: &OpeningHours,
        annees: std::ops::RangeInclusive<i32>,
        (surs, inconnus): (CompactCalendar, CompactCalendar),
    ) -> OpeningHours {
        if !self.dit_les_feries && !self.dit_les_vacances {
            return regles.clone();
        }
        let mut feries = CompactCalendar::default();
        for annee in annees {
            for (jour, _) in jours_feries(self.code_departement(), annee) {
                feries.insert(jour);
            }
        }
        let connus = ContextHolidays::new(Arc::new(feries), Arc::new(surs));
        let inconnus = ContextHolidays::new(Arc::default(), Arc::new(inconnus));
        regles.clone().with_context(Context::default().with_holidays(connus).with_holidays_unknown(inconnus))
    }

    fn code_departement(&self) -> &str {
        self.departement.as_ref().map_or("", |d| d.as_str())
    }

    fn du_jour(&self, annees: std::ops::RangeInclusive<i32>) -> impl Fn(NaiveDate) -> Vec<Plage> {
        let (hors, pendant) = match &self.pendant_les_vacances {
            None if self.dit_les_vacances => {
                let vacances = vacances::calendriers(self.code_departement(), annees.clone());
                (self.avec_feries(&self.regles, annees, vacances), None)
            }
            None => (self.avec_feries(&self.regles, annees, Default::default()), None),
            Some(pendant) => {
                let toujours = (vacances::toujours(annees.clone()), Default::default());
                let hors = self.avec_feries(&self.regles, annees.clone(), Default::default());
                (hors, Some(self.avec_feries(pendant, annees, toujours)))
            }
        };
        let departement = self.departement.clone();
        move |jour| {
            let Some(pendant) = &pendant else { return plages(&hors, jour) };
            match vacances(departement.as_ref().map_or("", |d| d.as_str()), jour) {
                Vacances::Non => plages(&hors, jour),
                Vacances::Oui => plages(pendant, jour),
                Vacances::Inconnu => {
                    let (mut a, b) = (plages(&hors, jour), plages(pendant, jour));
                    if a != b {
                        for p in &mut a {
                            p.certaine &=
                                b.iter().any(|q| q.certaine && q.debut <= p.debut && p.fin <= q.fin);
                        }
                    }
                    a
                }
            }
        }
    }

    /// The stretches of one day, in order.
    pub fn jour(&self, jour: NaiveDate) -> Vec<Plage> {
        self.du_jour(jour.year()..=jour.year())(jour)
    }

    /// When it is surely open, from midnight of `base` on, for so many days: minutes counted from there, in local
    /// time, stretches that touch being one.
    pub fn intervalles(&self, base: NaiveDate, jours: u16) -> Vec<(u16, u16)> {
        let du_jour = self.du_jour(base.year()..=base.year() + 1);
        let mut out: Vec<(u16, u16)> = Vec::new();
        for n in 0..jours.min(44) {
            let Some(jour) = base.checked_add_days(Days::new(u64::from(n))) else { break };
            let minuit = n * MINUTES_JOUR;
            for p in du_jour(jour).into_iter().filter(|p| p.certaine) {
                let (debut, fin) = (minuit + p.debut, minuit.saturating_add(p.fin));
                match out.last_mut() {
                    Some(last) if last.1 >= debut => last.1 = last.1.max(fin),
                    _ => out.push((debut, fin)),
                }
            }
        }
        out
    }

    /// What the four weeks from `base` on offer.
    pub fn habitudes(&self, base: NaiveDate) -> Habitudes {
        let mut h = Habitudes::default();
        let mut minutes = 0_u32;
        for n in 0..28 {
            let Some(jour) = base.checked_add_days(Days::new(n)) else { break };
            for p in plages(&self.regles, jour).into_iter().filter(|p| p.certaine) {
                h.jours |= 1 << jour.weekday().num_days_from_monday();
                h.soir |= p.fin > 18 * 60;
                h.midi |= p.debut < 14 * 60 && p.fin > 12 * 60;
                minutes += u32::from(p.fin - p.debut);
            }
        }
        h.minutes = u16::try_from(minutes / 4).unwrap_or(u16::MAX);
        h
    }
}

fn plages(regles: &OpeningHours, jour: NaiveDate) -> Vec<Plage> {
    regles
        .schedule_at(jour)
        .into_iter()
        .filter(|r| r.kind != RuleKind::Closed)
        .map(|r| {
            let (debut, fin) = (r.range.start.mins_from_midnight(), r.range.end.mins_from_midnight());
            // « Mo-Fr "sur rendez-vous" »: days and a comment without hours do not open a lieu around the clock.
            let sans_heures = debut == 0 && fin >= MINUTES_JOUR && !r.comment.is_empty();
            let certaine = r.kind == RuleKind::Open && !sans_heures;
            Plage { debut, fin, certaine, commentaire: r.comment }
        })
        .filter(|p| p.debut < p.fin)
        .collect()
}

/// Whether a lieu is open, and until or from when, in its local time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Etat {
    /// Open; closes then, unless it does not within the horizon.
    Ouvert(Option<NaiveDateTime>),
    /// Closed; opens then, unless it does not within the horizon.
    Ferme(Option<NaiveDateTime>),
    /// No hours, or none that can be read.
    Inconnu,
}

/// The state at a local minute, from the output of [`Horaires::intervalles`] over `jours` days.
pub fn etat(intervalles: &[(u16, u16)], base: NaiveDate, jours: u16, maintenant: NaiveDateTime) -> Etat {
    let debut = base.and_time(chrono::NaiveTime::MIN);
    let horizon = u32::from(jours) * u32::from(MINUTES_JOUR);
    let Ok(minute) = u32::try_from((maintenant - debut).num_minutes()) else { return Etat::Inconnu };
    if maintenant < debut || minute >= horizon {
        return Etat::Inconnu;
    }
    let a = |m: u16| debut.checked_add_signed(TimeDelta::minutes(i64::from(m)));
    let suivant = intervalles.partition_point(|(_, fin)| u32::from(*fin) <= minute);
    match intervalles.get(suivant) {
        Some((d, fin)) if u32::from(*d) <= minute => {
            Etat::Ouvert(if u32::from(*fin) < horizon { a(*fin) } else { None })
        }
        Some((d, _)) => Etat::Ferme(a(*d)),
        None => Etat::Ferme(None),
    }
}

#[cfg(test)]
mod tests;
