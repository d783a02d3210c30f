//! Days, dates, weeks and holidays in plain French.

use chrono::Weekday;
use kernel::text::MOIS;
use opening_hours_syntax::rules::day::{
    Date, DateOffset, DaySelector, HolidayKind, Month, MonthdayRange, WeekDayOffset, WeekDayRange, WeekRange,
    YearRange,
};

use super::enumere;

const JOURS: [&str; 7] = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];

/// The days of a rule; nothing for every day. `conjointes` says that « SH Mo-Fr » are the weekdays of the holidays.
pub(super) fn en_clair(jours: &DaySelector, conjointes: bool) -> Option<String> {
    let mut periodes: Vec<String> = Vec::new();
    if !jours.year.is_empty() {
        periodes.push(enumere(jours.year.iter().map(annees)));
    }
    if !jours.monthday.is_empty() {
        periodes.push(enumere(jours.monthday.iter().map(dates)));
    }
    if !jours.week.is_empty() {
        periodes.push(enumere(jours.week.iter().map(semaines)));
    }
    let scolaires = |j: &&WeekDayRange| matches!(j, WeekDayRange::Holiday { kind: HolidayKind::School, .. });
    let autres: Vec<&WeekDayRange> = jours.weekday.iter().filter(|j| !scolaires(j)).collect();
    let jointes = conjointes && autres.len() < jours.weekday.len() && !autres.is_empty();
    if jointes {
        periodes.insert(0, "pendant les vacances scolaires".to_owned());
    }
    let noms: Vec<String> = if jointes {
        autres.into_iter().map(jour).collect()
    } else {
        jours.weekday.iter().map(jour).collect()
    };
    let tous = noms.as_slice() == ["tous les jours"];
    if !noms.is_empty() && (!tous || periodes.is_empty()) {
        periodes.push(enumere(noms));
    }
    (!periodes.is_empty()).then(|| periodes.join(", "))
}

fn nom(jour: Weekday) -> &'static str {
    JOURS[jour.num_days_from_monday() as usize]
}

fn jour(j: &WeekDayRange) -> String {
    match j {
        WeekDayRange::Fixed { range, offset, nth_from_start, nth_from_end } => {
            let (de, a) = (*range.start(), *range.end());
            let tous = nth_from_start.iter().chain(nth_from_end).all(|n| *n);
            let duree = (a.num_days_from_monday() + 7 - de.num_days_from_monday()) % 7;
            let texte = if !tous {
                rangs(nom(de), nth_from_start, nth_from_end)
            } else if duree == 0 {
                format!("le {}", nom(de))
            } else if duree == 6 {
                "tous les jours".to_owned()
            } else if duree == 1 {
                format!("le {} et le {}", nom(de), nom(a))
            } else {
                format!("du {} au {}", nom(de), nom(a))
            };
            decale(texte, *offset)
        }
        WeekDayRange::Holiday { kind: HolidayKind::Public, offset } => {
            decale("les jours fériés".to_owned(), *offset)
        }
        WeekDayRange::Holiday { kind: HolidayKind::School, offset } => {
            decale("pendant les vacances scolaires".to_owned(), *offset)
        }
    }
}

fn decale(texte: String, jours: i16) -> String {
    let n = jours.unsigned_abs();
    let unite = if n > 1 { "jours" } else { "jour" };
    match jours {
        0 => texte,
        1.. => format!("{n} {unite} après {texte}"),
        _ => format!("{n} {unite} avant {texte}"),
    }
}

fn rangs(nom: &str, debut: &[bool; 5], fin: &[bool; 5]) -> String {
    let avant = ["le 1er", "le 2e", "le 3e", "le 4e", "le 5e"];
    let arriere =
        ["le dernier", "l’avant-dernier", "l’antépénultième", "le 4e avant la fin", "le 5e avant la fin"];
    let dits = avant
        .iter()
        .zip(debut)
        .chain(arriere.iter().zip(fin))
        .filter(|(_, oui)| **oui)
        .map(|(r, _)| (*r).to_owned());
    format!("{} {nom} du mois", enumere(dits))
}

fn annees(a: &YearRange) -> String {
    let (bornes, pas) = a.into_parts();
    let (de, fin) = (bornes.start().0, bornes.end().0);
    let texte = if de == fin {
        format!("en {de}")
    } else if fin >= 9_999 {
        format!("à partir de {de}")
    } else {
        format!("de {de} à {fin}")
    };
    if pas > 1 { format!("{texte}, une année sur {pas}") } else { texte }
}

fn semaines(s: &WeekRange) -> String {
    let (bornes, pas) = s.into_parts();
    match (bornes.start().0, bornes.end().0, pas) {
        (2, 52, 2) => "les semaines paires".to_owned(),
        (1, 51 | 53, 2) => "les semaines impaires".to_owned(),
        (de, a, _) if de == a => format!("la semaine {de}"),
        (de, a, 1) => format!("des semaines {de} à {a}"),
        (de, a, pas) => format!("une semaine sur {pas}, de la semaine {de} à la semaine {a}"),
    }
}

fn mois(m: Month) -> &'static str {
    MOIS[usize::from(m as u8) - 1]
}

fn dates(d: &MonthdayRange) -> String {
    match d {
        MonthdayRange::Month { range, year } => {
            let annee = year.map_or_else(String::new, |a| format!(" {}", a.0));
            let (de, a) = (mois(*range.start()), mois(*range.end()));
            let elide = if de.starts_with(['a', 'o']) { "d’" } else { "de " };
            if range.start() == range.end() {
                format!("en {de}{annee}")
            } else {
                format!("{elide}{de} à {a}{annee}")
            }
        }
        MonthdayRange::Date { start, end } if start == end => format!("le {}", date(start)),
        MonthdayRange::Date { start, end } => format!("du {} au {}", date(start), date(end)),
    }
}

fn date((d, decalage): &(Date, DateOffset)) -> String {
    let annee = d.year().map_or_else(String::new, |a| format!(" {}", a.0));
    let texte = match d {
        Date::Fixed { month, day: 1, .. } => format!("1er {}{annee}", mois(*month)),
        Date::Fixed { month, day, .. } => format!("{day} {}{annee}", mois(*month)),
        Date::Weekday { month, wday, nth, .. } => {
            let rang = match nth {
                -1 => "dernier".to_owned(),
                1 => "1er".to_owned(),
                n => format!("{}e", n.unsigned_abs()),
            };
            format!("{rang} {} de {}{annee}", nom(*wday), mois(*month))
        }
        Date::Easter { .. } => format!("dimanche de Pâques{annee}"),
    };
    let texte = match decalage.wday_offset {
        WeekDayOffset::None => texte,
        WeekDayOffset::Next(jour) => format!("{} qui suit le {texte}", nom(jour)),
        WeekDayOffset::Prev(jour) => format!("{} qui précède le {texte}", nom(jour)),
    };
    match decalage.day_offset {
        0 => texte,
        n => {
            let (jours, sens) = (n.unsigned_abs(), if n > 0 { "après" } else { "avant" });
            format!("{jours}{}jour{} {sens} le {texte}", '\u{a0}', if jours > 1 { "s" } else { "" })
        }
    }
}
