//! The words of the lieux, and which lieux have a word, its beginning, or a word that differs by a typing error.

use std::collections::HashMap;

use super::vocabulaire;

/// How much a word tells of a lieu: in its name, in its commune, elsewhere.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Poids {
    Texte = 1,
    Lieu = 2,
    Nom = 3,
}

/// Most words of a search that are read: nobody types more, and each costs a pass.
const MOTS_MAX: usize = 12;

/// The words of all lieux, sorted, each with its lieux: place in the index, shifted by two bits of weight.
#[derive(Debug, Default)]
pub(super) struct IndexMots {
    mots: Vec<Box<str>>,
    lettres: Vec<u64>,
    debuts: Vec<u32>,
    lieux: Vec<u32>,
}

/// Gathers the words while the index is built.
#[derive(Debug, Default)]
pub(super) struct Recolte {
    rangs: HashMap<Box<str>, usize>,
    lieux: Vec<Vec<u32>>,
    /// Words of the texts of the standard, which thousands of lieux share.
    libelles: HashMap<&'static str, Vec<usize>>,
}

impl Recolte {
    /// Adds the words of a text of the lieu that will stand at that place.
    pub(super) fn ajoute(&mut self, place: u32, texte: &str, poids: Poids) {
        for mot in kernel::text::fold(texte).split(' ').filter(|m| !m.is_empty()) {
            let rang = self.rang(mot);
            self.note(rang, place, poids);
        }
    }

    /// The same for a text of the standard.
    pub(super) fn ajoute_libelle(&mut self, place: u32, libelle: &'static str, poids: Poids) {
        let rangs = match self.libelles.remove(libelle) {
            Some(rangs) => rangs,
            None => kernel::text::fold(libelle)
                .split(' ')
                .filter(|m| !m.is_empty())
                .map(|m| self.rang(m))
                .collect(),
        };
        rangs.iter().for_each(|rang| self.note(*rang, place, poids));
        self.libelles.insert(libelle, rangs);
    }

    fn rang(&mut self, mot: &str) -> usize {
        let racine = racine(mot);
        if let Some(rang) = self.rangs.get(racine) {
            return *rang;
        }
        self.lieux.push(Vec::new());
        self.rangs.insert(racine.into(), self.lieux.len() - 1);
        self.lieux.len() - 1
    }

    fn note(&mut self, rang: usize, place: u32, poids: Poids) {
        let entree = place << 2 | poids as u32;
        let lieux = &mut self.lieux[rang];
        match lieux.last_mut().filter(|e| **e >> 2 == place) {
            Some(e) => *e = (*e).max(entree),
            None => lieux.push(entree),
        }
    }

    pub(super) fn finit(mut self) -> IndexMots {
        let mut tout: Vec<(Box<str>, usize)> = self.rangs.into_iter().collect();
        tout.sort_unstable();
        let mut index = IndexMots::default();
        for (mot, rang) in tout {
            index.lettres.push(lettres(&mot));
            index.mots.push(mot);
            index.debuts.push(u32::try_from(index.lieux.len()).unwrap_or(u32::MAX));
            index.lieux.append(&mut self.lieux[rang]);
        }
        index.debuts.push(u32::try_from(index.lieux.len()).unwrap_or(u32::MAX));
        index.lieux.shrink_to_fit();
        index
    }
}

/// Without the plural: « ateliers » and « atelier » are one word.
pub(super) fn racine(mot: &str) -> &str {
    if mot.len() > 3 && mot.is_ascii() { mot.strip_suffix(['s', 'x']).unwrap_or(mot) } else { mot }
}

/// The words of a search, folded; those that say nothing are left out unless there is no other.
pub(super) fn mots_de(texte: &str) -> Vec<String> {
    let plie = kernel::text::fold(texte);
    let tous: Vec<&str> = plie.split(' ').filter(|m| !m.is_empty()).collect();
    let pleins: Vec<&str> = tous.iter().copied().filter(|m| !vocabulaire::vide(m)).collect();
    let gardes = if pleins.is_empty() { tous } else { pleins };
    gardes.into_iter().take(MOTS_MAX).map(str::to_owned).collect()
}

/// What a word of the search was read as.
#[derive(Debug)]
pub(super) struct Lecture {
    /// Words of the index.
    pub(super) mots: Vec<usize>,
    /// The word that was probably meant, when the one typed is not known.
    pub(super) corrige: Option<Box<str>>,
}

impl IndexMots {
    /// The lieux of a word of the index, with the weight of the word.
    pub(super) fn lieux(&self, mot: usize) -> impl Iterator<Item = (usize, u8)> + '_ {
        let (debut, fin) = (self.debuts[mot] as usize, self.debuts[mot + 1] as usize);
        self.lieux[debut..fin].iter().map(|e| ((e >> 2) as usize, (e & 3) as u8))
    }

    fn frequence(&self, mot: usize) -> u32 {
        self.debuts[mot + 1] - self.debuts[mot]
    }

    /// The words of the index that a word of the search means: itself; words that it begins, for the last one; and
    /// when it is unknown, or fifty times rarer than a neighbour, the nearest words.
    pub(super) fn lit(&self, mot: &str, dernier: bool, connu: bool) -> Lecture {
        let racine = racine(mot);
        let mut trouves: Vec<usize> = Vec::new();
        let debut = self.mots.partition_point(|m| m.as_ref() < racine);
        if dernier && mot.chars().count() >= 2 {
            trouves.extend((debut..self.mots.len()).take_while(|i| self.mots[*i].starts_with(racine)));
        } else if self.mots.get(debut).is_some_and(|m| m.as_ref() == racine) {
            trouves.push(debut);
        }
        let frequence: u32 = trouves.iter().map(|i| self.frequence(*i)).sum();
        let proches = if connu || frequence > 20 { Vec::new() } else { self.proches(racine, frequence) };
        let corrige = proches
            .iter()
            .max_by_key(|i| (self.frequence(**i), std::cmp::Reverse(**i)))
            .filter(|_| trouves.is_empty())
            .map(|i| self.mots[*i].clone());
        trouves.extend(proches);
        trouves.sort_unstable();
        trouves.dedup();
        Lecture { mots: trouves, corrige }
    }

    /// Words at one typing error, at two for long words, nearest only; none for short words and numbers.
    fn proches(&self, mot: &str, frequence: u32) -> Vec<usize> {
        let n = mot.chars().count();
        if n < 4 || mot.bytes().any(|b| b.is_ascii_digit()) {
            return Vec::new();
        }
        let permis = if n < 8 { 1 } else { 2 };
        let cherchees = lettres(mot);
        let mut trouves: Vec<(usize, usize)> = Vec::new();
        for (i, present) in self.lettres.iter().enumerate() {
            // An error changes two letters of the set at most.
            if (present ^ cherchees).count_ones() as usize > 2 * permis {
                continue;
            }
            let autre = &self.mots[i];
            if autre.len().abs_diff(mot.len()) > permis || self.frequence(i) < frequence.saturating_mul(50) {
                continue;
            }
            let distance = strsim::osa_distance(mot, autre);
            if (1..=permis).contains(&distance) {
                trouves.push((distance, i));
            }
        }
        let moins = trouves.iter().map(|(d, _)| *d).min();
        trouves.into_iter().filter(|(d, _)| Some(*d) == moins).map(|(_, i)| i).collect()
    }
}

/// The letters and digits of a word as a set of bits, to pass over words that are surely too far.
fn lettres(mot: &str) -> u64 {
    mot.bytes().fold(0, |bits, b| {
        bits | match b {
            b'a'..=b'z' => 1 << (b - b'a'),
            b'0'..=b'9' => 1 << (26 + b - b'0'),
            _ => 1 << 40,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index() -> IndexMots {
        let mut r = Recolte::default();
        for (i, nom) in
            ["Médiathèque de Guéret", "Mairie de Limoges", "Médiathèques réunies", "Mission locale"]
                .iter()
                .enumerate()
        {
            r.ajoute(u32::try_from(i).unwrap(), nom, Poids::Nom);
            r.ajoute(u32::try_from(i).unwrap(), "mairie", Poids::Texte);
        }
        r.finit()
    }

    fn trouves(index: &IndexMots, mot: &str, dernier: bool) -> Vec<usize> {
        let mut t: Vec<usize> = index
            .lit(mot, dernier, false)
            .mots
            .iter()
            .flat_map(|m| index.lieux(*m))
            .map(|(l, _)| l)
            .collect();
        t.sort_unstable();
        t.dedup();
        t
    }

    #[test]
    fn finds_words_beginnings_and_typing_errors() {
        let index = index();
        for (mot, dernier, attendus) in [
            ("mediatheque", false, vec![0, 2]),
            ("mediatheques", false, vec![0, 2]),
            ("media", true, vec![0, 2]),
            ("media", false, vec![]),
            ("mediateque", false, vec![0, 2]),
            ("medaitheque", false, vec![0, 2]),
            ("limoge", false, vec![1]),
            ("xyzzy", true, vec![]),
            ("m", true, vec![]),
        ] {
            assert_eq!(trouves(&index, mot, dernier), attendus, "{mot}");
        }
        assert_eq!(index.lit("mediateque", true, false).corrige.as_deref(), Some("mediatheque"));
        assert!(index.lit("gueret", true, false).corrige.is_none());
    }

    #[test]
    fn keeps_the_best_weight_of_a_word() {
        let index = index();
        let mairie = index.lit("mairie", false, false).mots;
        let poids: Vec<(usize, u8)> = index.lieux(mairie[0]).collect();
        assert_eq!(poids, [(0, 1), (1, 3), (2, 1), (3, 1)]);
    }

    #[test]
    fn leaves_out_words_that_say_nothing() {
        assert_eq!(mots_de("Aide pour les impôts"), ["impots"]);
        assert_eq!(mots_de("de la"), ["de", "la"]);
        assert!(mots_de("  –  ").is_empty());
        assert_eq!(mots_de(&"mot ".repeat(500)).len(), MOTS_MAX);
    }
}
