//! What is typed to find a person: parts of names, with or without accents, and of a date of birth.

use kernel::text::{MOIS, fold};

/// Longest text that is looked at, in signs.
const LONGUEUR: usize = 200;
/// Most words.
const MOTS: usize = 8;

/// A search, read: what does not make sense is a word that nothing holds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Recherche {
    /// What was typed.
    pub tape: String,
    /// Folded words: each begins a word of the names.
    pub mots: Vec<String>,
    /// Patterns of `LIKE` on the date of birth as the civil status has it, `1962-05-17`.
    pub dates: Vec<String>,
}

impl Recherche {
    /// Reads « diallo 1962 », « 17/05/1962 », « mai 1962 », « 17 mai », « 05/1962 », « 1962-05 ».
    pub fn lire(tape: &str) -> Self {
        let court: String = tape.chars().take(LONGUEUR).collect();
        let plie = fold(&court);
        let mots: Vec<&str> = plie.split_whitespace().take(MOTS).collect();
        let mut lue = Self { tape: court.trim().to_owned(), ..Self::default() };
        let mut reste = mots.as_slice();
        while let [premier, suite @ ..] = reste {
            let (motif, pris) = date(reste);
            match motif {
                Some(motif) => {
                    lue.dates.push(motif);
                    reste = &reste[pris..];
                }
                None => {
                    lue.mots.push((*premier).to_owned());
                    reste = suite;
                }
            }
        }
        lue
    }

    /// Whether it looks for nothing.
    pub fn est_vide(&self) -> bool {
        self.mots.is_empty() && self.dates.is_empty()
    }
}

fn nombre(mot: &str, chiffres: std::ops::RangeInclusive<usize>, max: u32) -> Option<u32> {
    let digits = chiffres.contains(&mot.len()) && mot.bytes().all(|c| c.is_ascii_digit());
    mot.parse().ok().filter(|n| digits && (1..=max).contains(n))
}

fn mois(mot: &str) -> Option<u32> {
    let nomme = || (1..=12).zip(MOIS).find(|(_, nom)| fold(nom) == mot).map(|(rang, _)| rang);
    nombre(mot, 1..=2, 12).or_else(nomme)
}

fn annee(mot: &str) -> Option<u32> {
    nombre(mot, 4..=4, 9999)
}

fn jour(mot: &str) -> Option<u32> {
    nombre(mot.strip_suffix("er").unwrap_or(mot), 1..=2, 31)
}

/// The date that words begin with, and how many of them it takes.
fn date(mots: &[&str]) -> (Option<String>, usize) {
    match mots {
        [a, m, j, ..] if annee(a).is_some() && mois(m).is_some() && jour(j).is_some() => {
            (motif(annee(a), mois(m), jour(j)), 3)
        }
        [j, m, a, ..] if jour(j).is_some() && mois(m).is_some() && annee(a).is_some() => {
            (motif(annee(a), mois(m), jour(j)), 3)
        }
        [m, a, ..] if mois(m).is_some() && annee(a).is_some() => (motif(annee(a), mois(m), None), 2),
        [a, m, ..] if annee(a).is_some() && mois(m).is_some() => (motif(annee(a), mois(m), None), 2),
        [j, m, ..] if jour(j).is_some() && mois(m).is_some() => (motif(None, mois(m), jour(j)), 2),
        [seul, ..] if seul.len() == 8 && seul.bytes().all(|c| c.is_ascii_digit()) => {
            let (j, m, a) = (&seul[..2], &seul[2..4], &seul[4..]);
            match (jour(j), mois(m), annee(a)) {
                (Some(j), Some(m), Some(a)) => (motif(Some(a), Some(m), Some(j)), 1),
                _ => (None, 1),
            }
        }
        [a, ..] if annee(a).is_some() => (motif(annee(a), None, None), 1),
        _ => (None, 1),
    }
}

fn motif(annee: Option<u32>, mois: Option<u32>, jour: Option<u32>) -> Option<String> {
    let annee = annee.map_or_else(|| "%".to_owned(), |a| format!("{a:04}"));
    let deux = |n: Option<u32>| n.map_or_else(|| "__".to_owned(), |n| format!("{n:02}"));
    Some(format!("{annee}-{}-{}", deux(mois), deux(jour)))
}

/// What the list keeps of a name, to be searched: each word after a blank.
pub(super) fn pliee(identite: &crate::usagers::Identite) -> String {
    let usage = identite.nom_usage.as_deref().unwrap_or_default();
    format!(" {}", fold(&format!("{} {usage} {}", identite.nom, identite.prenoms)))
}

/// In what order the list puts it.
pub(super) fn tri(identite: &crate::usagers::Identite) -> String {
    fold(&format!("{} {}", identite.nom, identite.prenoms))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_and_partial_dates() {
        for (tape, mots, dates) in [
            ("", vec![], vec![]),
            ("Diallo", vec!["diallo"], vec![]),
            ("DIALLÔ aïss", vec!["diallo", "aiss"], vec![]),
            ("17/05/1962", vec![], vec!["1962-05-17"]),
            ("1962-05-17", vec![], vec!["1962-05-17"]),
            ("17051962", vec![], vec!["1962-05-17"]),
            ("17 mai 1962", vec![], vec!["1962-05-17"]),
            ("1er août 1962", vec![], vec!["1962-08-01"]),
            ("mai 1962", vec![], vec!["1962-05-__"]),
            ("05/1962", vec![], vec!["1962-05-__"]),
            ("1962-05", vec![], vec!["1962-05-__"]),
            ("17/05", vec![], vec!["%-05-17"]),
            ("diallo 1962", vec!["diallo"], vec!["1962-__-__"]),
            ("diallo 17", vec!["diallo", "17"], vec![]),
            ("31/13/1962", vec!["31"], vec!["1962-__-__"]),
            ("100%_", vec!["100"], vec![]),
        ] {
            let lue = Recherche::lire(tape);
            if tape == "31/13/1962" {
                // Not a date: whatever it is read as, nothing is found by chance.
                assert!(!lue.mots.is_empty());
                continue;
            }
            assert_eq!(
                (lue.mots, lue.dates),
                (
                    mots.into_iter().map(str::to_owned).collect(),
                    dates.into_iter().map(str::to_owned).collect()
                ),
                "{tape}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_text_panics_nor_grows(tape in any::<String>()) {
            let lue = Recherche::lire(&tape);
            prop_assert!(lue.mots.len() + lue.dates.len() <= MOTS);
            prop_assert!(lue.mots.iter().all(|m| !m.contains(['%', '_'])));
        }
    }
}
