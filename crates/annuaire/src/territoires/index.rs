//! An index of names: exact, by the beginning of any word, and with small typing errors, in well under a millisecond.
//!
//! Names are keys of [`super::saisie::cle`]. The beginnings are two sorted arrays; errors are found through the trigrams
//! that two spellings share, so that the costly distance is computed on a few names only.

use std::ops::Range;

/// Names whose trigrams agree best, and whose distance is then computed.
const CANDIDATS_MAX: usize = 200;

/// Where the key begins with the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Debut {
    /// At its beginning.
    Nom,
    /// At one of its later words.
    Mot,
}

pub(super) struct IndexNoms {
    /// The keys, sorted; `ordre[i]` is the number that the caller gave to `cles[i]`.
    cles: Vec<Box<str>>,
    ordre: Vec<u32>,
    /// Later words of keys: (place of the key, offset of the word), sorted by the rest of the key.
    mots: Vec<(u32, u16)>,
    /// Trigrams: `postings[bornes[t]..bornes[t + 1]]` are the places of the keys that hold trigram `t`.
    bornes: Vec<u32>,
    postings: Vec<u32>,
}

/// Letters, digits, blank and border: 38 signs.
const SIGNES: usize = 38;

fn signe(c: char) -> usize {
    match c {
        'a'..='z' => c as usize - 'a' as usize + 2,
        '0'..='9' => c as usize - '0' as usize + 28,
        ' ' => 1,
        _ => 0,
    }
}

/// The trigrams of a key between two borders, without repetition.
fn trigrammes(cle: &str) -> Vec<usize> {
    let mut out = Vec::with_capacity(cle.len() + 2);
    let (mut a, mut b) = (0, 0);
    for c in cle.chars().map(signe).chain([0]) {
        out.push((a * SIGNES + b) * SIGNES + c);
        (a, b) = (b, c);
    }
    out.sort_unstable();
    out.dedup();
    out
}

fn place(i: usize) -> u32 {
    u32::try_from(i).unwrap_or(u32::MAX)
}

impl IndexNoms {
    /// Indexes the keys; the place of a key in the list is its number.
    pub(super) fn new(cles: Vec<String>) -> Self {
        let mut paires: Vec<(Box<str>, u32)> =
            cles.into_iter().enumerate().map(|(i, cle)| (cle.into_boxed_str(), place(i))).collect();
        paires.sort_unstable();
        let (cles, ordre): (Vec<Box<str>>, Vec<u32>) = paires.into_iter().unzip();
        let mut mots: Vec<(u32, u16)> = cles
            .iter()
            .enumerate()
            .flat_map(|(i, cle)| {
                cle.match_indices(' ')
                    .filter_map(move |(o, _)| u16::try_from(o + 1).ok().map(|o| (place(i), o)))
            })
            .collect();
        mots.sort_unstable_by_key(|&(i, o)| &cles[i as usize][usize::from(o)..]);
        let listes: Vec<Vec<usize>> = cles.iter().map(|cle| trigrammes(cle)).collect();
        let mut bornes = vec![0_u32; SIGNES * SIGNES * SIGNES + 1];
        for t in listes.iter().flatten() {
            bornes[t + 1] += 1;
        }
        for t in 1..bornes.len() {
            bornes[t] += bornes[t - 1];
        }
        let mut suivant = bornes.clone();
        let mut postings = vec![0_u32; bornes[bornes.len() - 1] as usize];
        for (i, liste) in listes.iter().enumerate() {
            for &t in liste {
                postings[suivant[t] as usize] = place(i);
                suivant[t] += 1;
            }
        }
        Self { cles, ordre, mots, bornes, postings }
    }

    fn bornes(&self, prefixe: &str) -> Range<usize> {
        let debut = self.cles.partition_point(|cle| **cle < *prefixe);
        let fin = debut + self.cles[debut..].partition_point(|cle| cle.starts_with(prefixe));
        debut..fin
    }

    /// Numbers of the names with this very key.
    pub(super) fn exacts<'a>(&'a self, cle: &'a str) -> impl Iterator<Item = u32> + 'a {
        let debut = self.cles.partition_point(|c| **c < *cle);
        self.cles[debut..]
            .iter()
            .zip(&self.ordre[debut..])
            .take_while(move |(c, _)| ***c == *cle)
            .map(|(_, n)| *n)
    }

    /// Numbers of the names that begin with the text, or one of whose words does.
    pub(super) fn debuts<'a>(&'a self, prefixe: &'a str) -> impl Iterator<Item = (u32, Debut)> + 'a {
        let noms = self.bornes(prefixe);
        let reste = |&(i, o): &(u32, u16)| &self.cles[i as usize][usize::from(o)..];
        let debut = self.mots.partition_point(|m| reste(m) < prefixe);
        let fin = debut + self.mots[debut..].partition_point(|m| reste(m).starts_with(prefixe));
        self.ordre[noms]
            .iter()
            .map(|n| (*n, Debut::Nom))
            .chain(self.mots[debut..fin].iter().map(|(i, _)| (self.ordre[*i as usize], Debut::Mot)))
    }

    /// Numbers of the names a few letters away from the text, with the number of errors (a letter more, less, wrong, or
    /// two exchanged): one up to 6 letters, two beyond.
    pub(super) fn proches(&self, cle: &str) -> Vec<(u32, usize)> {
        let longueur = cle.chars().count();
        let erreurs = if longueur < 4 {
            return Vec::new();
        } else if longueur < 7 {
            1
        } else {
            2
        };
        let siens = trigrammes(cle);
        // One error spoils at most three trigrams, an exchange four.
        let communs = siens.len().saturating_sub(4 * erreurs).max(2);
        let mut comptes = vec![0_u8; self.cles.len()];
        let mut touches: Vec<u32> = Vec::new();
        for &t in &siens {
            for &i in &self.postings[self.bornes[t] as usize..self.bornes[t + 1] as usize] {
                let compte = &mut comptes[i as usize];
                *compte = compte.saturating_add(1);
                if usize::from(*compte) == communs {
                    touches.push(i);
                }
            }
        }
        touches.retain(|i| self.cles[*i as usize].len().abs_diff(cle.len()) <= erreurs);
        touches.sort_unstable_by_key(|i| std::cmp::Reverse(comptes[*i as usize]));
        touches.truncate(CANDIDATS_MAX);
        let mut proches: Vec<(u32, usize)> = touches
            .into_iter()
            .filter_map(|i| {
                let d = strsim::osa_distance(&self.cles[i as usize], cle);
                (d <= erreurs).then(|| (self.ordre[i as usize], d))
            })
            .collect();
        proches.sort_by_key(|(n, d)| (*d, *n));
        proches
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index() -> IndexNoms {
        let noms = ["bourg en bresse", "bresse", "paris", "parisot", "saint etienne", "paris"];
        IndexNoms::new(noms.map(str::to_owned).to_vec())
    }

    #[test]
    fn finds_exactly_and_by_beginnings() {
        let index = index();
        assert_eq!(index.exacts("paris").collect::<Vec<_>>(), [2, 5]);
        assert_eq!(index.exacts("pari").count(), 0);
        assert_eq!(
            index.debuts("par").collect::<Vec<_>>(),
            [(2, Debut::Nom), (5, Debut::Nom), (3, Debut::Nom)]
        );
        assert_eq!(index.debuts("bress").collect::<Vec<_>>(), [(1, Debut::Nom), (0, Debut::Mot)]);
    }

    #[test]
    fn forgives_small_errors() {
        let index = index();
        for typed in ["siant etienne", "saint etiene", "saint ettienne", "sainr etienme"] {
            assert_eq!(index.proches(typed).first().map(|p| p.0), Some(4), "{typed}");
        }
        assert_eq!(index.proches("parsi").first().map(|p| p.0), Some(2));
        assert_eq!(index.proches("xyz"), []);
        assert_eq!(index.proches("zzzzzzzz"), []);
    }
}
