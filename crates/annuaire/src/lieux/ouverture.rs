//! When a lieu is open, in the time of its own territory: never in that of the server or of the visitor.

mod a_venir;
mod agenda;
mod calendrier;
mod feries;
mod fuseaux;
mod instants;
mod scolaire;
mod semaine;
mod simples;
mod vacances;

use std::sync::Arc;

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, TimeDelta};
use chrono_tz::Tz;
use kernel::CodeDepartement;
use opening_hours::{OpeningHours, RuleKind};

use self::simples::{Jour, Simples, Tranche};
use super::horaires::osm;

pub use a_venir::{AVenir, a_venir};
pub use agenda::Agenda;
pub use calendrier::Calendrier;
pub use feries::{jour_ferie, jours_feries};
pub use fuseaux::fuseau;
pub use scolaire::{Annee, Conge, Scolaire, Zone};
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
    regles: Regles,
    fuseau: Tz,
    departement: Option<CodeDepartement>,
    scolaire: Scolaire,
    /// Whether the expression says what happens on public holidays.
    pub dit_les_feries: bool,
    /// Whether the expression says what happens in the school holidays, whose dates are known only in part.
    pub dit_les_vacances: bool,
}

#[derive(Clone, Debug)]
enum Regles {
    /// Plainly written, as nearly all are.
    Simples(Simples),
    /// The whole grammar. `pendant`: the rules within the school holidays, when some hold for days of the week of these
    /// only (`SH Mo-Fr`), which the library reads as « school holidays, or Monday to Friday ».
    Toutes { hors: OpeningHours, pendant: Option<OpeningHours> },
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
        let regles = match Simples::lit(texte) {
            Some(simples) => Regles::Simples(simples),
            None => Regles::toutes(texte)?,
        };
        let hors_commentaires = osm::sans_commentaires(texte);
        Some(Self {
            regles,
            fuseau: fuseau(departement.map_or("", |d| d.as_str())),
            departement: departement.cloned(),
            scolaire: Scolaire::default(),
            dit_les_feries: hors_commentaires.contains("PH"),
            dit_les_vacances: hors_commentaires.contains("SH"),
        })
    }

    /// With the school calendars that are loaded.
    pub fn avec_scolaire(self, scolaire: &Scolaire) -> Self {
        Self { scolaire: scolaire.clone(), ..self }
    }

    /// The clock that the lieu follows.
    pub fn fuseau(&self) -> Tz {
        self.fuseau
    }

    fn code_departement(&self) -> &str {
        self.departement.as_ref().map_or("", |d| d.as_str())
    }

    /// The first of the next so many days whose school holidays matter to these hours and are not known, if one is.
    pub fn vacances_inconnues(&self, aujourdhui: NaiveDate, jours: u64) -> Option<NaiveDate> {
        let inconnu =
            |j: &NaiveDate| self.scolaire.vacances(self.code_departement(), *j) == Vacances::Inconnu;
        (0..jours)
            .filter(|_| self.dit_les_vacances)
            .filter_map(|n| aujourdhui.checked_add_days(Days::new(n)))
            .find(inconnu)
    }

    /// Days from that one on, with the day before them, as the territory keeps them.
    fn calendrier(&self, premier: NaiveDate, nombre: usize) -> Calendrier {
        let veille = premier.pred_opt().unwrap_or(premier);
        Calendrier::new(self.code_departement(), &self.scolaire, veille, nombre + 1)
    }

    fn lecteur<'h>(&'h self, calendrier: &'h Calendrier) -> Lecteur<'h> {
        let prets = match &self.regles {
            Regles::Simples(simples) => Prets::Simples(simples),
            Regles::Toutes { hors, pendant: None } => {
                Prets::Toutes(hors.clone().with_context(calendrier.contexte()), None)
            }
            Regles::Toutes { hors, pendant: Some(pendant) } => {
                let selon = |r: &OpeningHours, v| r.clone().with_context(calendrier.contexte_si(v));
                Prets::Toutes(selon(hors, false), Some(selon(pendant, true)))
            }
        };
        Lecteur { calendrier, prets, tampon: Vec::new() }
    }

    /// The stretches of one day, in order.
    pub fn jour(&self, jour: NaiveDate) -> Vec<Plage> {
        self.lecteur(&self.calendrier(jour, 1)).plages(jour)
    }

    /// When it is surely open, from midnight of `base` on, for so many days: minutes counted from there, in local
    /// time, stretches that touch being one.
    pub fn intervalles(&self, base: NaiveDate, jours: u16) -> Vec<(u16, u16)> {
        self.intervalles_selon(&self.calendrier(base, usize::from(jours)), base, jours)
    }

    fn intervalles_selon(&self, calendrier: &Calendrier, base: NaiveDate, jours: u16) -> Vec<(u16, u16)> {
        let mut lecteur = self.lecteur(calendrier);
        let mut out: Vec<(u16, u16)> = Vec::with_capacity(64);
        for n in 0..jours.min(44) {
            let Some(jour) = base.checked_add_days(Days::new(u64::from(n))) else { break };
            let minuit = n * MINUTES_JOUR;
            lecteur.certaines(jour, |debut, fin| {
                let (debut, fin) = (minuit + debut, minuit.saturating_add(fin));
                match out.last_mut() {
                    Some(last) if last.1 >= debut => last.1 = last.1.max(fin),
                    _ => out.push((debut, fin)),
                }
            });
        }
        out
    }

    /// What the four weeks from `base` on offer.
    pub fn habitudes(&self, base: NaiveDate) -> Habitudes {
        let mut h = Habitudes::default();
        let mut minutes = 0_u32;
        let mut compte = |jour: NaiveDate, fois: u32, debut: u16, fin: u16| {
            h.jours |= 1 << jour.weekday().num_days_from_monday();
            h.soir |= fin > 18 * 60;
            h.midi |= debut < 14 * 60 && fin > 12 * 60;
            minutes += fois * u32::from(fin - debut);
        };
        match &self.regles {
            Regles::Simples(simples) => {
                // Seven days tell the four weeks of hours that are the same every week.
                let (jours, fois) = if simples.chaque_semaine() { (7, 4) } else { (28, 1) };
                let mut tranches = Vec::new();
                let mut veille = Jour::ordinaire(base.pred_opt().unwrap_or(base));
                for jour in base.iter_days().take(jours) {
                    let ce_jour = Jour::ordinaire(jour);
                    simples.tranches_ordinaires(&veille, &ce_jour, &mut tranches);
                    tranches.iter().filter(|t| t.certaine()).for_each(|t| compte(jour, fois, t.debut, t.fin));
                    veille = ce_jour;
                }
            }
            Regles::Toutes { hors, .. } => {
                for jour in base.iter_days().take(28) {
                    let plages = plages(hors, jour);
                    plages.iter().filter(|p| p.certaine).for_each(|p| compte(jour, 1, p.debut, p.fin));
                }
            }
        }
        h.minutes = u16::try_from(minutes / 4).unwrap_or(u16::MAX);
        h
    }
}

impl Regles {
    fn toutes(texte: &str) -> Option<Self> {
        let tout: OpeningHours = texte.parse().ok()?;
        Some(match osm::deux_lectures(texte) {
            Some((hors, pendant)) => {
                Self::Toutes { hors: hors.parse().ok()?, pendant: Some(pendant.parse().ok()?) }
            }
            None => Self::Toutes { hors: tout, pendant: None },
        })
    }
}

/// Looks up days of one calendar.
struct Lecteur<'h> {
    calendrier: &'h Calendrier,
    prets: Prets<'h>,
    tampon: Vec<Tranche<'h>>,
}

enum Prets<'h> {
    Simples(&'h Simples),
    /// Outside the school holidays, or always; within them.
    Toutes(OpeningHours, Option<OpeningHours>),
}

impl Lecteur<'_> {
    /// The stretches of a day, in order; none beyond the calendar.
    fn plages(&mut self, jour: NaiveDate) -> Vec<Plage> {
        let Some((veille, ce_jour)) = self.calendrier.avec_la_veille(jour) else { return Vec::new() };
        match &self.prets {
            Prets::Simples(simples) => {
                simples.tranches(veille, ce_jour, &mut self.tampon);
                self.tampon.iter().map(Plage::from).collect()
            }
            Prets::Toutes(regles, None) => plages(regles, jour),
            Prets::Toutes(hors, Some(pendant)) => match ce_jour.vacances {
                Vacances::Non => plages(hors, jour),
                Vacances::Oui => plages(pendant, jour),
                Vacances::Inconnu => {
                    let (mut a, b) = (plages(hors, jour), plages(pendant, jour));
                    if a != b {
                        for p in &mut a {
                            p.certaine &=
                                b.iter().any(|q| q.certaine && q.debut <= p.debut && p.fin <= q.fin);
                        }
                    }
                    a
                }
            },
        }
    }

    /// The stretches of a day when it is surely open, in order.
    fn certaines(&mut self, jour: NaiveDate, mut chacune: impl FnMut(u16, u16)) {
        if let Prets::Simples(simples) = &self.prets {
            let Some((veille, ce_jour)) = self.calendrier.avec_la_veille(jour) else { return };
            simples.tranches(veille, ce_jour, &mut self.tampon);
            self.tampon.iter().filter(|t| t.certaine()).for_each(|t| chacune(t.debut, t.fin));
        } else {
            self.plages(jour).iter().filter(|p| p.certaine).for_each(|p| chacune(p.debut, p.fin));
        }
    }
}

impl From<&Tranche<'_>> for Plage {
    fn from(t: &Tranche<'_>) -> Self {
        Self { debut: t.debut, fin: t.fin, certaine: t.certaine(), commentaire: t.commentaire.clone() }
    }
}

fn plages(regles: &OpeningHours, jour: NaiveDate) -> Vec<Plage> {
    regles
        .schedule_at(jour)
        .into_iter()
        .filter(|r| r.kind != RuleKind::Closed)
        .map(|r| {
            let (debut, fin) = (r.range.start.mins_from_midnight(), r.range.end.mins_from_midnight());
            let certaine = r.kind == RuleKind::Open && !sans_heures(debut, fin, &r.comment);
            Plage { debut, fin, certaine, commentaire: r.comment }
        })
        .filter(|p| p.debut < p.fin)
        .collect()
}

/// « Mo-Fr "sur rendez-vous" »: days and a comment without hours do not open a lieu around the clock.
fn sans_heures(debut: u16, fin: u16, commentaire: &str) -> bool {
    debut == 0 && fin >= MINUTES_JOUR && !commentaire.is_empty()
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
