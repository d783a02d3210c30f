//! From OSM to the form.

use chrono::{Days, NaiveDate};
use opening_hours::OpeningHours;
use opening_hours_syntax::rules::day::{Date, DateOffset, HolidayKind, MonthdayRange, WeekDayRange};
use opening_hours_syntax::rules::time::{Time, TimeSpan};
use opening_hours_syntax::rules::{RuleKind, RuleOperator, RuleSequence};

use super::super::osm::avec_vacances_conjointes;
use super::{Creneau, Edition, Exception, JourDuMois, Periode, Quand, Quantieme};

/// A rule in the words of the form.
struct Regle {
    quand: Quand,
    date: bool,
    jours: [bool; 7],
    rangs: Vec<i8>,
    feries: bool,
    creneaux: Vec<Creneau>,
}

/// What the expression says, as far as the form can. The caller proves that nothing was lost.
pub(super) fn lit(texte: &str) -> Option<Edition> {
    let (texte, conjointes) = avec_vacances_conjointes(texte);
    let mut edition = Edition::default();
    for regle in &opening_hours_syntax::parse(&texte).ok()?.rules {
        if regle.operator == RuleOperator::Fallback || est_commentaire(regle) {
            if !est_commentaire(regle) || !edition.commentaire.is_empty() {
                return None;
            }
            edition.commentaire = regle.comment.to_string();
            continue;
        }
        let lue = lit_regle(regle, conjointes)?;
        range(&mut edition, lue, regle)?;
    }
    Some(edition)
}

fn est_commentaire(regle: &RuleSequence) -> bool {
    regle.day_selector.is_empty()
        && regle.is_constant()
        && !regle.comment.is_empty()
        && regle.kind != RuleKind::Closed
}

fn range(edition: &mut Edition, lue: Regle, regle: &RuleSequence) -> Option<()> {
    let ajoute = regle.operator == RuleOperator::Additional;
    if lue.feries {
        edition.ferme_les_feries = true;
        if lue.jours == [false; 7] {
            return (lue.creneaux.is_empty() && lue.quand == Quand::Toujours).then_some(());
        }
        if !lue.creneaux.is_empty() {
            return None;
        }
    }
    if !lue.rangs.is_empty() {
        let jour = u8::try_from(lue.jours.iter().position(|j| *j)?).ok()?;
        match edition.jours_du_mois.iter_mut().find(|j| j.jour == jour && j.rangs == lue.rangs) {
            Some(connu) if ajoute => connu.creneaux.extend(lue.creneaux),
            Some(_) => return None,
            None => {
                edition.jours_du_mois.push(JourDuMois { jour, rangs: lue.rangs, creneaux: lue.creneaux });
            }
        }
        return Some(());
    }
    if let (true, Quand::Dates(debut, fin), true) = (lue.date, lue.quand, lue.jours == [true; 7]) {
        let motif = regle.comment.to_string();
        match edition.exceptions.last_mut() {
            Some(derniere) if ajoute && derniere.debut == debut && derniere.fin == fin => {
                derniere.creneaux.extend(lue.creneaux);
            }
            _ if ajoute => return None,
            _ => edition.exceptions.push(exception(debut, fin, lue.creneaux, motif)),
        }
        return Some(());
    }
    let neuve = !edition.periodes.iter().any(|p| p.quand == lue.quand);
    if neuve {
        // A period starts from the week of all the year: the days it does not name keep these hours.
        let semaine = edition.semaine().cloned().unwrap_or_default();
        edition.periodes.push(Periode { quand: lue.quand, semaine });
    }
    let periode = edition.periodes.iter_mut().find(|p| p.quand == lue.quand)?;
    for (jour, _) in lue.jours.iter().enumerate().filter(|(_, oui)| **oui) {
        let place = &mut periode.semaine[jour];
        if ajoute {
            place.extend(lue.creneaux.iter().cloned());
            place.sort_by_key(|c| c.debut);
        } else {
            place.clone_from(&lue.creneaux);
        }
    }
    Some(())
}

/// A comment that all the slots share tells why the date is special.
fn exception(debut: Quantieme, fin: Quantieme, mut creneaux: Vec<Creneau>, motif: String) -> Exception {
    for c in &mut creneaux {
        if c.precision == motif {
            c.precision.clear();
        }
    }
    Exception { debut, fin, creneaux, motif }
}

fn lit_regle(regle: &RuleSequence, conjointes: bool) -> Option<Regle> {
    let jours = &regle.day_selector;
    if !jours.year.is_empty() || regle.kind == RuleKind::Unknown {
        return None;
    }
    let mut lue = Regle {
        quand: Quand::Toujours,
        date: false,
        jours: [jours.weekday.is_empty(); 7],
        rangs: Vec::new(),
        feries: false,
        creneaux: Vec::new(),
    };
    for jour in &jours.weekday {
        match jour {
            WeekDayRange::Fixed { range, offset: 0, nth_from_start, nth_from_end } => {
                let tous = nth_from_start.iter().chain(nth_from_end).all(|n| *n);
                if !tous {
                    lue.rangs = rangs(nth_from_start, nth_from_end)?;
                    if range.start() != range.end() || jours.weekday.len() > 1 {
                        return None;
                    }
                }
                let (de, a) = (range.start().num_days_from_monday(), range.end().num_days_from_monday());
                let duree = (a + 7 - de) % 7;
                for k in 0..=duree {
                    lue.jours[((de + k) % 7) as usize] = true;
                }
            }
            WeekDayRange::Holiday { kind: HolidayKind::Public, offset: 0 } => lue.feries = true,
            WeekDayRange::Holiday { kind: HolidayKind::School, offset: 0 } => {
                if lue.quand != Quand::Toujours {
                    return None;
                }
                lue.quand = Quand::Vacances;
            }
            _ => return None,
        }
    }
    if lue.quand == Quand::Vacances {
        if jours.weekday.len() == 1 {
            lue.jours = [true; 7];
        } else if !conjointes {
            return None;
        }
    }
    match (jours.monthday.as_slice(), jours.week.as_slice()) {
        ([], []) => {}
        ([un], []) if lue.quand == Quand::Toujours => {
            (lue.quand, lue.date) = lit_dates(un)?;
        }
        ([], [une]) if lue.quand == Quand::Toujours => {
            let (semaines, pas) = une.into_parts();
            lue.quand = match (semaines.start().0, semaines.end().0, pas) {
                (1, 51 | 53, 2) => Quand::SemainesPaires(false),
                (2, 52, 2) => Quand::SemainesPaires(true),
                _ => return None,
            };
        }
        _ => return None,
    }
    if regle.kind == RuleKind::Open {
        for plage in &regle.time_selector.spans {
            lue.creneaux.push(creneau(plage, &regle.comment)?);
        }
        lue.creneaux.sort_by_key(|c| c.debut);
    } else if !est_journee(&regle.time_selector.spans) || (!regle.comment.is_empty() && !lue.date) {
        return None;
    }
    Some(lue)
}

fn est_journee(plages: &[TimeSpan]) -> bool {
    matches!(plages, [une] if creneau(une, "").is_some_and(|c| c.debut == 0 && c.fin == 1_440))
}

fn creneau(plage: &TimeSpan, precision: &str) -> Option<Creneau> {
    match (plage.range.start, plage.range.end) {
        (Time::Fixed(de), Time::Fixed(a)) if !plage.open_end && plage.repeats.is_none() => Some(Creneau {
            debut: de.mins_from_midnight(),
            fin: a.mins_from_midnight(),
            precision: precision.to_owned(),
        }),
        _ => None,
    }
}

fn rangs(debut: &[bool; 5], fin: &[bool; 5]) -> Option<Vec<i8>> {
    let mut rangs: Vec<i8> = (1..).zip(debut).filter(|(_, oui)| **oui).map(|(r, _)| r).collect();
    if fin[1..].contains(&true) {
        return None;
    }
    if fin[0] {
        rangs.push(-1);
    }
    Some(rangs)
}

/// The second is true for dates, which hold over all the rest.
fn lit_dates(dates: &MonthdayRange) -> Option<(Quand, bool)> {
    match dates {
        MonthdayRange::Month { range, year: None } => {
            Some((Quand::Mois(*range.start() as u8, *range.end() as u8), false))
        }
        MonthdayRange::Month { .. } => None,
        MonthdayRange::Date { start, end } => Some((Quand::Dates(quantieme(start)?, quantieme(end)?), true)),
    }
}

fn quantieme((date, decalage): &(Date, DateOffset)) -> Option<Quantieme> {
    if *decalage != DateOffset::default() {
        return None;
    }
    match date {
        Date::Fixed { year, month, day } => {
            let annee = year.map(|a| u16::try_from(a.0)).transpose().ok()?;
            Some(Quantieme { annee, mois: *month as u8, jour: *day })
        }
        _ => None,
    }
}

/// Whether two expressions say the same of every day of six years: enough for each date to fall on several days of
/// the week and in weeks of both parities. A public holiday is set on a day of each month, for both to meet it, and
/// the school holidays are read twice, inside and outside.
pub(super) fn memes_heures(a: &str, b: &str) -> bool {
    let scolaires = a.contains("SH") || b.contains("SH");
    [false, true].into_iter().take(if scolaires { 2 } else { 1 }).all(|vacances| {
        let (Some(a), Some(b)) = (prepare(a, vacances), prepare(b, vacances)) else { return false };
        let Some(premier) = NaiveDate::from_ymd_opt(2023, 1, 1) else { return false };
        (0..2_192).filter_map(|n| premier.checked_add_days(Days::new(n))).all(|jour| {
            let (x, y) = (a.schedule_at(jour), b.schedule_at(jour));
            x.into_iter().eq(y)
        })
    })
}

fn prepare(texte: &str, vacances: bool) -> Option<OpeningHours> {
    use std::sync::Arc;
    let (hors, pendant) =
        super::super::osm::deux_lectures(texte).unwrap_or((texte.to_owned(), texte.to_owned()));
    let regles: OpeningHours = if vacances { &pendant } else { &hors }.parse().ok()?;
    let (mut feries, mut scolaires) =
        (compact_calendar::CompactCalendar::default(), compact_calendar::CompactCalendar::default());
    for annee in 2023..=2029 {
        for mois in 1..=12 {
            feries.insert(NaiveDate::from_ymd_opt(annee, mois, 10 + mois)?);
        }
        for jour in NaiveDate::from_ymd_opt(annee, 1, 1)?.iter_days().take(366).filter(|_| vacances) {
            scolaires.insert(jour);
        }
    }
    let connus = opening_hours::ContextHolidays::new(Arc::new(feries), Arc::new(scolaires));
    Some(regles.with_context(opening_hours::Context::default().with_holidays(connus)))
}
