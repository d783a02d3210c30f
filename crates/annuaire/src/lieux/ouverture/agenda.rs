//! Hours made ready for many questions: what a search index holds of a lieu.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use opening_hours_syntax::rules::day::WeekDayRange;
use opening_hours_syntax::rules::time::Time;
use opening_hours_syntax::rules::{OpeningHoursExpression, RuleSequence};

use super::{Calendrier, Etat, Habitudes, Horaires, MINUTES_JOUR, Regles, etat};

/// Minutes of a week.
const SEMAINE: u16 = 7 * MINUTES_JOUR;
/// Days that are reckoned for the hours that are not the same every week, from two days before on.
const RECKONED: u16 = 42;
/// Most stretches that are kept: real hours have sixty in six weeks. Hours with more are known for fewer days, so that
/// no expression, however strange, takes more than two kilobytes.
const PLAGES_MAX: usize = 512;
/// Days at the end of the reckoned ones within which the next opening may be left unsaid.
const MARGE: u16 = 7;

/// Says « open? » and « until when? » in a few nanoseconds, without the expression: hours that are the same every week,
/// three quarters of them, are a handful of minutes of the week and never age; the others are reckoned from the day
/// before to [`Agenda::HORIZON_JOURS`] days later, and have to be made again in time.
#[derive(Clone, Debug)]
pub struct Agenda {
    fuseau: Tz,
    habitudes: Habitudes,
    forme: Forme,
}

#[derive(Clone, Debug)]
enum Forme {
    /// Stretches in minutes from Monday midnight, in order, apart, none across the end of the week.
    Hebdomadaire(Box<[(u16, u16)]>),
    /// Stretches in minutes from midnight of `base`, for so many days; the first of these only brings what goes on
    /// after its midnight. `ensuite`: the opening that follows, when the last days have none.
    Date { base: NaiveDate, jours: u16, plages: Box<[(u16, u16)]>, ensuite: Option<NaiveDateTime> },
}

impl Agenda {
    /// Days that are known, from the day before it was made on.
    pub const HORIZON_JOURS: u16 = RECKONED - 1;

    /// Days before today that a calendar needs to hold: those since the Sunday before, and one more.
    pub(super) const VUS_AVANT: u64 = 8;
    /// Days that it needs in all: the next opening is looked for within a year.
    pub(super) const VUS: usize = 410;

    /// Makes hours ready, those with dates from the day before `aujourdhui` on. The calendar is
    /// [`Calendrier::des_agendas`] of that day for their territory.
    pub fn new(horaires: &Horaires, calendrier: &Calendrier, aujourdhui: NaiveDate) -> Self {
        let veille = aujourdhui.pred_opt().unwrap_or(aujourdhui);
        let semaine = horaires.chaque_semaine().then(|| hebdomadaire(horaires, calendrier, aujourdhui));
        let forme = match semaine {
            Some(plages) if plages.len() <= PLAGES_MAX => Forme::Hebdomadaire(plages),
            _ => dates(horaires, calendrier, veille.pred_opt().unwrap_or(veille)),
        };
        Self { fuseau: horaires.fuseau(), habitudes: horaires.habitudes(veille), forme }
    }

    /// Whether every week is the same: the answers then never age.
    pub fn hebdomadaire(&self) -> bool {
        matches!(self.forme, Forme::Hebdomadaire(_))
    }

    /// What a typical week offers.
    pub fn habitudes(&self) -> Habitudes {
        self.habitudes
    }

    /// The time of the lieu at that instant.
    pub fn heure_locale(&self, instant: DateTime<Utc>) -> NaiveDateTime {
        instant.with_timezone(&self.fuseau).naive_local()
    }

    /// Whether it is surely open at that minute of its own clock, or at some minute of that day; never beyond the days
    /// that are known.
    pub fn ouvre(&self, jour: NaiveDate, heure: Option<NaiveTime>) -> bool {
        let (minuit, plages) = match &self.forme {
            Forme::Hebdomadaire(plages) => (rang_du_jour(jour) * MINUTES_JOUR, plages),
            Forme::Date { base, jours, plages, .. } => match u16::try_from((jour - *base).num_days()) {
                Ok(n) if (1..*jours).contains(&n) => (n * MINUTES_JOUR, plages),
                _ => return false,
            },
        };
        let (debut, fin) = match heure {
            Some(h) => (minuit + minute(h), minuit + minute(h) + 1),
            None => (minuit, minuit + MINUTES_JOUR),
        };
        let suivante = plages.partition_point(|(_, f)| *f <= debut);
        plages.get(suivante).is_some_and(|(d, _)| *d < fin)
    }

    /// Open or closed at that time of its own clock, and until when; unknown beyond the days that are known.
    pub fn etat_local(&self, local: NaiveDateTime) -> Etat {
        match &self.forme {
            Forme::Hebdomadaire(plages) => etat_hebdomadaire(plages, local),
            Forme::Date { base, .. } if local.date() <= *base => Etat::Inconnu,
            Forme::Date { base, jours, plages, ensuite } => match etat(plages, *base, *jours, local) {
                Etat::Ferme(None) => Etat::Ferme(*ensuite),
                autre => autre,
            },
        }
    }
}

fn minute(heure: NaiveTime) -> u16 {
    u16::try_from(heure.hour() * 60 + heure.minute()).unwrap_or(0)
}

fn rang_du_jour(jour: NaiveDate) -> u16 {
    u16::try_from(jour.weekday().num_days_from_monday()).unwrap_or(0)
}

fn etat_hebdomadaire(plages: &[(u16, u16)], local: NaiveDateTime) -> Etat {
    let rang = rang_du_jour(local.date());
    let maintenant = rang * MINUTES_JOUR + minute(local.time());
    let lundi = local.date().checked_sub_days(Days::new(u64::from(rang))).unwrap_or(local.date());
    let a = |m: u16| lundi.and_time(NaiveTime::MIN).checked_add_signed(TimeDelta::minutes(i64::from(m)));
    let premiere = plages.first().copied();
    let suivante = plages.partition_point(|(_, fin)| *fin <= maintenant);
    match plages.get(suivante) {
        Some((debut, fin)) if *debut <= maintenant => match premiere {
            // The week goes round: what ends with Sunday goes on with Monday.
            Some((0, SEMAINE)) => Etat::Ouvert(None),
            Some((0, lendemain)) if *fin == SEMAINE => Etat::Ouvert(a(SEMAINE + lendemain)),
            _ => Etat::Ouvert(a(*fin)),
        },
        Some((debut, _)) => Etat::Ferme(a(*debut)),
        None => Etat::Ferme(premiere.and_then(|(debut, _)| a(SEMAINE + debut))),
    }
}

/// Reads eight days and keeps the last seven: what began on the Sunday evening before is in them.
fn hebdomadaire(horaires: &Horaires, calendrier: &Calendrier, aujourdhui: NaiveDate) -> Box<[(u16, u16)]> {
    let dimanche =
        aujourdhui.checked_sub_days(Days::new(u64::from(rang_du_jour(aujourdhui)) + 1)).unwrap_or(aujourdhui);
    horaires
        .intervalles_selon(calendrier, dimanche, 8)
        .into_iter()
        .map(|(debut, fin)| (debut.max(MINUTES_JOUR) - MINUTES_JOUR, fin.max(MINUTES_JOUR) - MINUTES_JOUR))
        .map(|(debut, fin)| (debut.min(SEMAINE), fin.min(SEMAINE)))
        .filter(|(debut, fin)| debut < fin)
        .collect()
}

fn dates(horaires: &Horaires, calendrier: &Calendrier, base: NaiveDate) -> Forme {
    let mut plages = horaires.intervalles_selon(calendrier, base, RECKONED);
    let mut jours = RECKONED;
    if let Some((debut, _)) = plages.get(PLAGES_MAX) {
        jours = debut / MINUTES_JOUR;
        plages.truncate(PLAGES_MAX);
    }
    let derniere = plages.last().map_or(0, |(_, fin)| *fin);
    let ensuite = (derniere < (RECKONED - MARGE) * MINUTES_JOUR)
        .then(|| horaires.plus_loin(calendrier, base))
        .flatten();
    Forme::Date { base, jours, plages: plages.into(), ensuite }
}

impl Horaires {
    /// Whether no rule depends on a date: no year, month, week, rank in the month nor holiday.
    fn chaque_semaine(&self) -> bool {
        match &self.regles {
            Regles::Simples(simples) => simples.chaque_semaine(),
            Regles::Toutes { hors, pendant } => pendant.is_none() && est_hebdomadaire(&hors.get_expression()),
        }
    }
}

pub(super) fn est_hebdomadaire(expression: &OpeningHoursExpression) -> bool {
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
