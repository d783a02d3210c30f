//! When something comes back: on named days, or on days of the week, every week or every other one. Workshops and the
//! stops of an itinerant lieu share it.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, NaiveDate, NaiveTime};
use kernel::calendrier::jour_en_lettres;
use platform::web::FormState;
use serde::{Deserialize, Serialize};

/// Days of the week as forms and sentences name them, from Monday.
pub(super) const JOURS: [&str; 7] = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];

/// How something comes back: keys of the form, with their words.
pub(super) const RYTHMES: [(&str, &str); 2] =
    [("semaines", "Chaque semaine, ou une semaine sur deux"), ("dates", "À des dates précises")];

/// Most days that a list may name.
const DATES_MAX: usize = 60;

/// Longest stretch that is ever laid out, in days: nothing asks for more than a year.
const ETENDUE_MAX: u64 = 370;

/// Which weeks: by their number in the calendar (ISO 8601), as posters in France say it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Parite {
    /// Every week.
    Toutes,
    /// Weeks 2, 4, 6…
    Paires,
    /// Weeks 1, 3, 5…
    Impaires,
}

impl Parite {
    /// Keys of the form, with their words.
    pub(super) const CHOIX: [(&'static str, &'static str); 3] = [
        ("toutes", "Toutes les semaines"),
        ("paires", "Les semaines paires"),
        ("impaires", "Les semaines impaires"),
    ];

    fn de_cle(cle: &str) -> Option<Self> {
        match cle {
            "toutes" => Some(Self::Toutes),
            "paires" => Some(Self::Paires),
            "impaires" => Some(Self::Impaires),
            _ => None,
        }
    }

    fn cle(self) -> &'static str {
        Self::CHOIX[self as usize].0
    }

    fn admet(self, jour: NaiveDate) -> bool {
        let paire = jour.iso_week().week().is_multiple_of(2);
        match self {
            Self::Toutes => true,
            Self::Paires => paire,
            Self::Impaires => !paire,
        }
    }
}

/// When it comes back.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "genre", rename_all = "snake_case")]
pub(crate) enum Rythme {
    /// On these days, in order, once each.
    Dates {
        /// The days.
        dates: Vec<NaiveDate>,
    },
    /// Every week, or every other one.
    Semaines {
        /// Days of the week, 0 for Monday, in order, at least one.
        jours: Vec<u8>,
        /// Which weeks.
        parite: Parite,
        /// The first day that counts.
        du: NaiveDate,
        /// The last, when one is known.
        au: Option<NaiveDate>,
    },
}

impl Rythme {
    /// The days from one to another, both included, in order; never more than a year of them.
    pub(crate) fn jours(&self, du: NaiveDate, au: NaiveDate) -> Vec<NaiveDate> {
        match self {
            Self::Dates { dates } => dates.iter().copied().filter(|d| (du..=au).contains(d)).collect(),
            Self::Semaines { jours, parite, du: debut, au: fin } => {
                let premier = du.max(*debut);
                let dernier = fin.map_or(au, |f| au.min(f));
                let bout = premier.checked_add_days(Days::new(ETENDUE_MAX)).unwrap_or(premier);
                premier
                    .iter_days()
                    .take_while(|j| *j <= dernier.min(bout))
                    .filter(|j| jours.contains(&rang(*j)) && parite.admet(*j))
                    .collect()
            }
        }
    }

    /// The last day of all; none when it goes on.
    pub(crate) fn dernier(&self) -> Option<NaiveDate> {
        match self {
            Self::Dates { dates } => dates.last().copied(),
            Self::Semaines { au, .. } => *au,
        }
    }

    /// « le mardi et le jeudi, les semaines paires, jusqu’au 30 juin 2027 ».
    pub(crate) fn phrase(&self) -> String {
        match self {
            Self::Dates { dates } => {
                let dits: Vec<String> = dates.iter().map(|d| format!("le {}", jour_en_lettres(*d))).collect();
                enumere(&dits)
            }
            Self::Semaines { jours, parite, du, au } => {
                let noms: Vec<String> = jours
                    .iter()
                    .filter_map(|j| JOURS.get(usize::from(*j)))
                    .map(|j| format!("le {j}"))
                    .collect();
                let semaines = match parite {
                    Parite::Toutes => String::new(),
                    autre => format!(", {}", Parite::CHOIX[*autre as usize].1.to_lowercase()),
                };
                let fin = au.map_or_else(String::new, |f| format!(" jusqu’au {}", jour_en_lettres(f)));
                format!("{}{semaines}, à partir du {}{fin}", enumere(&noms), jour_en_lettres(*du))
            }
        }
    }

    /// Reads the fields `rythme`, `dates`, `jours`, `parite`, `du`, `au`; what is wrong stands beside its field.
    pub(super) fn lit(form: &mut FormState, aujourdhui: NaiveDate) -> Option<Self> {
        match form.get("rythme") {
            "dates" => {
                let dates = form.parse("dates", |v| dates(v, aujourdhui))?;
                Some(Self::Dates { dates })
            }
            "semaines" => {
                let jours: BTreeSet<u8> = form
                    .all("jours")
                    .filter_map(|v| JOURS.iter().position(|j| *j == v))
                    .filter_map(|r| u8::try_from(r).ok())
                    .collect();
                if jours.is_empty() {
                    form.refuse("jours", "Cochez au moins un jour de la semaine.");
                }
                let parite =
                    form.parse_opt("parite", |v| Parite::de_cle(v).ok_or("Choisissez dans la liste."));
                let du = if form.get("du").is_empty() { Some(aujourdhui) } else { form.parse("du", jour) };
                let au = form.parse_opt("au", jour);
                let (parite, du, au) = (parite?.unwrap_or(Parite::Toutes), du?, au?);
                if au.is_some_and(|f| f < du) {
                    form.refuse("au", "Le dernier jour est avant le premier.");
                }
                (!jours.is_empty() && form.error("au").is_none()).then(|| Self::Semaines {
                    jours: jours.into_iter().collect(),
                    parite,
                    du,
                    au,
                })
            }
            _ => {
                form.refuse("rythme", "Dites quand cela a lieu.");
                None
            }
        }
    }

    /// The values of these fields.
    pub(super) fn champs(&self) -> Vec<(String, String)> {
        let paire = |k: &str, v: String| (k.to_owned(), v);
        match self {
            Self::Dates { dates } => {
                let lignes: Vec<String> = dates.iter().map(|d| d.format("%d/%m/%Y").to_string()).collect();
                vec![paire("rythme", "dates".to_owned()), paire("dates", lignes.join("\n"))]
            }
            Self::Semaines { jours, parite, du, au } => {
                let mut v = vec![
                    paire("rythme", "semaines".to_owned()),
                    paire("parite", parite.cle().to_owned()),
                    paire("du", du.to_string()),
                ];
                v.extend(au.map(|f| paire("au", f.to_string())));
                v.extend(
                    jours
                        .iter()
                        .filter_map(|j| JOURS.get(usize::from(*j)))
                        .map(|j| paire("jours", (*j).to_owned())),
                );
                v
            }
        }
    }
}

fn rang(jour: NaiveDate) -> u8 {
    u8::try_from(jour.weekday().num_days_from_monday()).unwrap_or(0)
}

/// « a, b et c ».
fn enumere(mots: &[String]) -> String {
    match mots {
        [] => String::new(),
        [seul] => seul.clone(),
        [debut @ .., dernier] => format!("{} et {dernier}", debut.join(", ")),
    }
}

/// A day as people type it, or as a date field sends it.
pub(super) fn jour(texte: &str) -> Result<NaiveDate, String> {
    let lu = ["%Y-%m-%d", "%d/%m/%Y"].iter().find_map(|f| NaiveDate::parse_from_str(texte, f).ok());
    lu.filter(|j| (2000..2200).contains(&j.year()))
        .ok_or_else(|| format!("« {} » n’est pas une date. Écrivez par exemple 24/12/2026.", court(texte)))
}

fn dates(texte: &str, aujourdhui: NaiveDate) -> Result<Vec<NaiveDate>, String> {
    let mots = texte.split(|c: char| c.is_whitespace() || c == ',' || c == ';').filter(|m| !m.is_empty());
    let lues: BTreeSet<NaiveDate> = mots.take(DATES_MAX + 1).map(jour).collect::<Result<_, _>>()?;
    if lues.len() > DATES_MAX {
        return Err(format!("Donnez {DATES_MAX} dates au plus, ou choisissez « Chaque semaine »."));
    }
    match lues.last() {
        Some(dernier) if *dernier < aujourdhui => {
            Err("Toutes ces dates sont passées. Ajoutez-en une à venir.".to_owned())
        }
        Some(_) => Ok(lues.into_iter().collect()),
        None => Err("Donnez au moins une date, comme 24/12/2026.".to_owned()),
    }
}

fn court(texte: &str) -> String {
    texte.chars().take(20).collect()
}

/// An hour of the day: « 14:30 », « 14h30 », « 14 h ».
fn heure(texte: &str) -> Result<NaiveTime, &'static str> {
    let net: String =
        texte.chars().filter(|c| !c.is_whitespace()).collect::<String>().replace(['h', 'H'], ":");
    let net = if net.ends_with(':') { format!("{net}00") } else { net };
    NaiveTime::parse_from_str(&net, "%H:%M").map_err(|_| "Écrivez une heure, comme 14:30.")
}

/// Reads `debut` and `fin`: the end follows the beginning, the same day.
pub(super) fn horaires(form: &mut FormState) -> Option<(NaiveTime, NaiveTime)> {
    let (debut, fin) = (form.parse("debut", heure), form.parse("fin", heure));
    let (debut, fin) = (debut?, fin?);
    if fin <= debut {
        form.refuse("fin", "L’heure de fin doit suivre l’heure de début.");
        return None;
    }
    Some((debut, fin))
}

/// « de 14 h à 16 h 30 ».
pub(super) fn plage(jour: NaiveDate, debut: NaiveTime, fin: NaiveTime) -> String {
    let dite = |h| super::ouverture::heure_seule(jour.and_time(h));
    format!("de {} à {}", dite(debut), dite(fin))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn le(a: i32, m: u32, j: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(a, m, j).unwrap()
    }

    fn lu(champs: &[(&str, &str)]) -> Result<Rythme, Vec<String>> {
        let mut form = FormState::filled(champs.iter().map(|(k, v)| (*k, *v)));
        let lu = Rythme::lit(&mut form, le(2026, 11, 22));
        lu.ok_or_else(|| form.errors().iter().map(|(k, _)| k.clone()).collect())
    }

    #[test]
    fn days_come_back_as_said() {
        let mardis = |parite, au| Rythme::Semaines { jours: vec![1, 3], parite, du: le(2026, 11, 24), au };
        let du_au = |r: &Rythme| r.jours(le(2026, 11, 1), le(2026, 12, 10));
        // The 24th of November 2026 is in week 48.
        assert_eq!(
            du_au(&mardis(Parite::Paires, None)),
            [le(2026, 11, 24), le(2026, 11, 26), le(2026, 12, 8), le(2026, 12, 10)]
        );
        assert_eq!(du_au(&mardis(Parite::Impaires, None)), [le(2026, 12, 1), le(2026, 12, 3)]);
        assert_eq!(du_au(&mardis(Parite::Toutes, Some(le(2026, 11, 26)))).len(), 2);
        // Two odd weeks follow each other where a year has fifty-three: 2026 has.
        let fin = mardis(Parite::Impaires, None).jours(le(2026, 12, 28), le(2027, 1, 10));
        assert_eq!(fin, [le(2026, 12, 29), le(2026, 12, 31), le(2027, 1, 5), le(2027, 1, 7)]);
        let dates = Rythme::Dates { dates: vec![le(2026, 11, 30), le(2026, 12, 24)] };
        assert_eq!(du_au(&dates), [le(2026, 11, 30)]);
        assert_eq!(dates.phrase(), "le 30 novembre 2026 et le 24 décembre 2026");
        assert_eq!(
            mardis(Parite::Paires, Some(le(2027, 6, 30))).phrase(),
            "le mardi et le jeudi, les semaines paires, à partir du 24 novembre 2026 jusqu’au 30 juin 2027"
        );
    }

    #[test]
    fn forms_are_read_or_refused_beside_their_field() {
        let dates = lu(&[("rythme", "dates"), ("dates", "24/12/2026, 2026-12-01\n24/12/2026")]).unwrap();
        assert_eq!(dates, Rythme::Dates { dates: vec![le(2026, 12, 1), le(2026, 12, 24)] });
        let beaucoup =
            (0..70).map(|n| (le(2027, 1, 1) + Days::new(n)).to_string()).collect::<Vec<_>>().join(" ");
        for (champs, faux) in [
            (&[("rythme", "x")][..], "rythme"),
            (&[("rythme", "dates"), ("dates", "31/02/2027")], "dates"),
            (&[("rythme", "dates"), ("dates", "01/01/2020")], "dates"),
            (&[("rythme", "dates"), ("dates", " ,; ")], "dates"),
            (&[("rythme", "dates"), ("dates", &beaucoup)], "dates"),
            (&[("rythme", "semaines")], "jours"),
            (&[("rythme", "semaines"), ("jours", "mardi"), ("parite", "z")], "parite"),
            (&[("rythme", "semaines"), ("jours", "mardi"), ("du", "2027-01-01"), ("au", "2026-12-01")], "au"),
        ] {
            assert_eq!(lu(champs).unwrap_err(), [faux], "{champs:?}");
        }
    }

    #[test]
    fn hours_follow_each_other() {
        let lues = |d: &str, f: &str| horaires(&mut FormState::filled([("debut", d), ("fin", f)]));
        assert_eq!(
            lues("14h", "16 h 30").map(|(d, f)| (d.to_string(), f.to_string())),
            Some(("14:00:00".into(), "16:30:00".into()))
        );
        assert!(
            lues("14:00", "14:00").is_none()
                && lues("25:00", "26:00").is_none()
                && lues("", "10:00").is_none()
        );
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(jours in proptest::collection::btree_set(0u8..7, 1..7), parite in 0usize..3, du in 0u64..900, duree in proptest::option::of(0u64..900)) {
            let du = le(2026, 11, 22) + Days::new(du);
            let parite = [Parite::Toutes, Parite::Paires, Parite::Impaires][parite];
            let r = Rythme::Semaines { jours: jours.into_iter().collect(), parite, du, au: duree.map(|n| du + Days::new(n)) };
            let mut form = FormState::filled(r.champs());
            prop_assert_eq!(Rythme::lit(&mut form, le(2026, 11, 22)), Some(r.clone()));
            let tous = r.jours(du, du + Days::new(500));
            prop_assert!(tous.len() <= 371 && tous.windows(2).all(|w| w[0] < w[1]));
        }

        #[test]
        fn any_text_is_read_or_refused(texte in ".{0,80}") {
            let mut form = FormState::filled([("rythme", "dates"), ("dates", texte.as_str()), ("debut", &texte), ("fin", &texte)]);
            let _ = Rythme::lit(&mut form, le(2026, 11, 22));
            let _ = horaires(&mut form);
        }
    }
}
