//! What is not as usual in the weeks to come: public holidays, closings, other hours.

use std::collections::HashMap;

use chrono::{Datelike, Days, NaiveDate};

use super::semaine::{en_clair, jour_long};
use super::{Horaires, Plage, jour_ferie};

/// Days that are looked at: about three months.
const JOURS: u64 = 91;

/// Longest list that is given.
const LIGNES_MAX: usize = 12;

/// One day, or several that follow each other, when hours are not the usual ones.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AVenir {
    /// First day.
    pub du: NaiveDate,
    /// Last day.
    pub au: NaiveDate,
    /// « lundi 6 avril (lundi de Pâques) », « du lundi 3 août au vendredi 21 août ».
    pub quand: String,
    /// « Fermé », « 9 h – 12 h », or that the lieu does not say.
    pub horaires: String,
    /// Whether the lieu does not say what it does on that public holiday.
    pub inconnu: bool,
}

/// Public holidays on days when the lieu usually opens, and the days whose hours differ from those of the same day in
/// other weeks. A day of the week that changes every other week has no usual hours: nothing is said of it.
pub fn a_venir(h: &Horaires, aujourdhui: NaiveDate) -> Vec<AVenir> {
    let jours: Vec<(NaiveDate, Vec<Plage>)> = (0..JOURS)
        .filter_map(|n| aujourdhui.checked_add_days(Days::new(n)))
        .map(|j| (j, h.jour(j)))
        .collect();
    let habituels = habituels(&jours);
    let departement = h.departement.as_ref().map_or("", |d| d.as_str());
    let mut lignes: Vec<AVenir> = Vec::new();
    for (jour, plages) in &jours {
        let ferie = jour_ferie(departement, *jour);
        let Some(habituel) = habituels[jour.weekday().num_days_from_monday() as usize] else { continue };
        let pareil = plages == habituel;
        if pareil && (ferie.is_none() || habituel.is_empty()) {
            continue;
        }
        let inconnu = pareil && !h.dit_les_feries;
        let horaires = match plages {
            _ if inconnu => "Le lieu ne dit pas s’il ouvre : téléphonez avant de venir.".to_owned(),
            _ if plages.is_empty() => "Fermé".to_owned(),
            _ => plages.iter().map(en_clair).collect::<Vec<_>>().join(", "),
        };
        match lignes.last_mut() {
            // Days that follow each other, over the closed days between them, are one line.
            Some(l) if ferie.is_none() && l.horaires == horaires && suit(l.au, *jour, &habituels) => {
                l.au = *jour;
                l.quand = format!("du {} au {}", jour_long(l.du), jour_long(*jour));
            }
            _ => {
                let quand = match ferie {
                    Some(f) => format!("{} ({f})", jour_long(*jour)),
                    None => jour_long(*jour),
                };
                lignes.push(AVenir { du: *jour, au: *jour, quand, horaires, inconnu });
            }
        }
    }
    lignes.truncate(LIGNES_MAX);
    lignes
}

/// For each day of the week, what most of its days offer; none when fewer than two thirds agree.
fn habituels(jours: &[(NaiveDate, Vec<Plage>)]) -> [Option<&[Plage]>; 7] {
    std::array::from_fn(|rang| {
        let memes: Vec<&[Plage]> = jours
            .iter()
            .filter(|(j, _)| j.weekday().num_days_from_monday() as usize == rang)
            .map(|(_, p)| p.as_slice())
            .collect();
        let mut comptes: HashMap<String, (usize, &[Plage])> = HashMap::new();
        for p in &memes {
            comptes.entry(format!("{p:?}")).or_insert((0, p)).0 += 1;
        }
        let (n, plages) = comptes.into_values().max_by_key(|(n, _)| *n)?;
        (n * 3 >= memes.len() * 2).then_some(plages)
    })
}

/// Whether only days that are usually closed stand between the two.
fn suit(avant: NaiveDate, jour: NaiveDate, habituels: &[Option<&[Plage]>; 7]) -> bool {
    avant
        .iter_days()
        .skip(1)
        .take_while(|j| *j < jour)
        .all(|j| habituels[j.weekday().num_days_from_monday() as usize].is_some_and(<[Plage]>::is_empty))
}

#[cfg(test)]
mod tests {
    use kernel::CodeDepartement;

    use super::*;

    fn lignes(expression: &str, departement: &str) -> Vec<(String, String)> {
        let h = Horaires::lit(expression, CodeDepartement::parse(departement).as_ref()).unwrap();
        let aujourdhui = NaiveDate::from_ymd_opt(2026, 3, 18).unwrap();
        a_venir(&h, aujourdhui).into_iter().map(|l| (l.quand, l.horaires.replace('\u{a0}', " "))).collect()
    }

    #[test]
    fn names_holidays_and_exceptions_only() {
        let tait = "Le lieu ne dit pas s’il ouvre : téléphonez avant de venir.";
        let lues = lignes("Mo-Fr 09:00-12:00", "23");
        assert_eq!(lues[0], ("lundi 6 avril (lundi de Pâques)".to_owned(), tait.to_owned()));
        assert_eq!(lues.len(), 5, "{lues:?}");
        let lues = lignes("Mo-Fr 09:00-12:00; PH off", "57");
        assert_eq!(lues[0], ("vendredi 3 avril (vendredi saint)".to_owned(), "Fermé".to_owned()));
        let lues = lignes("Mo-Fr 09:00-12:00; 2026 Apr 13-24 off; 2026 May 04 10:00-11:00", "23");
        assert!(
            lues.contains(&("du lundi 13 avril au vendredi 24 avril".to_owned(), "Fermé".to_owned())),
            "{lues:?}"
        );
        assert!(lues.contains(&("lundi 4 mai".to_owned(), "10 h – 11 h".to_owned())), "{lues:?}");
        assert_eq!(lignes("Sa 09:00-12:00", "23"), []);
        assert_eq!(lignes("week 1-53/2 Tu 09:00-12:00", "23"), []);
    }
}
