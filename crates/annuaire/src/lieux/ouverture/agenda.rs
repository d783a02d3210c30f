//! Hours made ready for many questions: what a search index holds of a lieu.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};
use opening_hours_syntax::rules::day::WeekDayRange;
use opening_hours_syntax::rules::time::Time;
use opening_hours_syntax::rules::{OpeningHoursExpression, RuleSequence};

use super::{Horaires, MINUTES_JOUR};

/// Minutes of a week.
const SEMAINE: u16 = 7 * MINUTES_JOUR;
/// Days that are reckoned ahead for the hours that are not the same every week.
const AVANCE: u16 = 40;

/// Answers « open at that time? » in a few nanoseconds: hours that are the same every week, three quarters of them,
/// are a handful of minutes of the week; the others are reckoned for forty days and, beyond, evaluated.
#[derive(Clone, Debug)]
pub struct Agenda {
    forme: Forme,
    horaires: Horaires,
}

#[derive(Clone, Debug)]
enum Forme {
    /// Stretches in minutes from Monday midnight, in order, apart, none across the end of the week.
    Hebdomadaire(Box<[(u16, u16)]>),
    /// Stretches in minutes from midnight of the day.
    Date(NaiveDate, Box<[(u16, u16)]>),
}

impl Agenda {
    /// Makes hours ready, those with dates from the day before `aujourdhui` on.
    pub fn new(horaires: Horaires, aujourdhui: NaiveDate) -> Self {
        let base = aujourdhui.pred_opt().unwrap_or(aujourdhui);
        let forme = if est_hebdomadaire(&horaires.regles.get_expression()) {
            Forme::Hebdomadaire(hebdomadaire(&horaires, aujourdhui))
        } else {
            Forme::Date(base, horaires.intervalles(base, AVANCE).into())
        };
        Self { forme, horaires }
    }

    /// The hours themselves.
    pub fn horaires(&self) -> &Horaires {
        &self.horaires
    }

    /// Whether every week is the same: the answers then never age.
    pub fn hebdomadaire(&self) -> bool {
        matches!(self.forme, Forme::Hebdomadaire(_))
    }

    /// Whether the lieu is surely open at that instant.
    pub fn ouvert_a(&self, instant: DateTime<Utc>) -> bool {
        self.ouvert_a_l_heure(self.horaires.heure_locale(instant))
    }

    /// Whether the lieu is surely open at that time of its own clock.
    pub fn ouvert_a_l_heure(&self, local: NaiveDateTime) -> bool {
        match &self.forme {
            Forme::Hebdomadaire(plages) => contient(plages, minute_de_semaine(local)),
            Forme::Date(base, plages) => {
                let minutes = (local - base.and_time(NaiveTime::MIN)).num_minutes();
                // The first day lacks what began the day before, and the last what ends the day after.
                match u16::try_from(minutes) {
                    Ok(m) if (MINUTES_JOUR..(AVANCE - 1) * MINUTES_JOUR).contains(&m) => contient(plages, m),
                    _ => self.horaires.ouvert_a_l_heure(local),
                }
            }
        }
    }
}

fn contient(plages: &[(u16, u16)], minute: u16) -> bool {
    let suivante = plages.partition_point(|(_, fin)| *fin <= minute);
    plages.get(suivante).is_some_and(|(debut, _)| *debut <= minute)
}

fn minute_de_semaine(local: NaiveDateTime) -> u16 {
    let minutes =
        local.weekday().num_days_from_monday() * u32::from(MINUTES_JOUR) + local.hour() * 60 + local.minute();
    u16::try_from(minutes).unwrap_or(0)
}

/// Reads two weeks and keeps the second: what began on a Sunday evening is in it.
fn hebdomadaire(horaires: &Horaires, aujourdhui: NaiveDate) -> Box<[(u16, u16)]> {
    let lundi = aujourdhui
        .checked_sub_days(chrono::Days::new(u64::from(aujourdhui.weekday().num_days_from_monday())))
        .unwrap_or(aujourdhui);
    horaires
        .intervalles(lundi, 15)
        .into_iter()
        .filter(|(_, fin)| *fin > SEMAINE)
        .map(|(debut, fin)| (debut.max(SEMAINE) - SEMAINE, fin.min(2 * SEMAINE) - SEMAINE))
        .filter(|(debut, fin)| debut < fin)
        .collect()
}

/// Whether no rule depends on a date: no year, month, week, rank in the month nor holiday.
fn est_hebdomadaire(expression: &OpeningHoursExpression) -> bool {
    expression.rules.iter().all(regle_hebdomadaire)
}

fn regle_hebdomadaire(regle: &RuleSequence) -> bool {
    let jours = &regle.day_selector;
    let sans_date = jours.year.is_empty() && jours.monthday.is_empty() && jours.week.is_empty();
    let simples = jours.weekday.iter().all(|j| match j {
        WeekDayRange::Fixed { offset, nth_from_start, nth_from_end, .. } => {
            *offset == 0 && nth_from_start.iter().chain(nth_from_end).all(|n| *n)
        }
        WeekDayRange::Holiday { .. } => false,
    });
    let fixes = regle
        .time_selector
        .spans
        .iter()
        .all(|s| matches!((s.range.start, s.range.end), (Time::Fixed(_), Time::Fixed(_))));
    sans_date && simples && fixes
}
