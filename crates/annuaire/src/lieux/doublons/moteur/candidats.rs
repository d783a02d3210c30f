//! Which records are worth comparing: those that stand close by, share a telephone, an address, a site or a number, or
//! a word of their names within a commune. Never all with all: a key that too many share is left to the others.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};

use kernel::Position;

use super::bareme::{Comparaison, POSSIBLE, comparer};
use super::nom::Poids;
use super::traits::{Frequences, Traits};

/// Side of the grid, in metres: two records less apart than this always meet.
const MAILLE_M: f64 = 260.0;
/// Metres of a degree of latitude.
const DEGRE_M: f64 = 111_195.0;
/// Most records of a cell: beyond, only their other keys make them meet.
const CELLULE_MAX: usize = 300;
/// Most records of another key.
const GROUPE_MAX: usize = 40;

/// Two records that look alike: their ranks, the first below the second.
#[derive(Clone, PartialEq, Debug)]
pub struct Paire {
    /// Rank of one.
    pub a: u32,
    /// Rank of the other.
    pub b: u32,
    /// Why.
    pub comparaison: Comparaison,
}

/// Every pair worth showing, by falling score, then by rank. Uses as many threads as the machine has cores.
pub fn paires(traits: &[Traits]) -> Vec<Paire> {
    let frequences = Frequences::compte(traits);
    let groupes = Groupes::new(traits);
    let fils = std::thread::available_parallelism().map_or(1, usize::from).min(16);
    let part = traits.len().div_ceil(fils * 8).max(256);
    let suivant = std::sync::atomic::AtomicUsize::new(0);
    let travail = || {
        let mut trouvees = Vec::new();
        let mut vus: Vec<u32> = Vec::new();
        loop {
            let debut = suivant.fetch_add(part, std::sync::atomic::Ordering::Relaxed);
            if debut >= traits.len() {
                return trouvees;
            }
            for i in debut..(debut + part).min(traits.len()) {
                groupes.voisins(traits, i, &mut vus);
                for &j in &vus {
                    let comparaison = comparer(&traits[i], &traits[j as usize], &frequences);
                    if comparaison.score() >= POSSIBLE {
                        trouvees.push(Paire { a: rang(i), b: j, comparaison });
                    }
                }
            }
        }
    };
    let mut toutes: Vec<Paire> = std::thread::scope(|s| {
        let fils: Vec<_> = (1..fils).map(|_| s.spawn(travail)).collect();
        let mut toutes = travail();
        for f in fils {
            match f.join() {
                Ok(trouvees) => toutes.extend(trouvees),
                Err(panique) => std::panic::resume_unwind(panique),
            }
        }
        toutes
    });
    toutes.sort_by_key(|p| (-p.comparaison.score(), p.a, p.b));
    toutes
}

fn rang(i: usize) -> u32 {
    u32::try_from(i).unwrap_or(u32::MAX)
}

/// Records by what they share.
struct Groupes {
    grille: HashMap<(i32, i32), Vec<u32>>,
    cles: HashMap<u64, Vec<u32>>,
}

impl Groupes {
    fn new(traits: &[Traits]) -> Self {
        let mut grille: HashMap<(i32, i32), Vec<u32>> = HashMap::new();
        let mut cles: HashMap<u64, Vec<u32>> = HashMap::new();
        for (i, t) in traits.iter().enumerate() {
            if let Some(p) = t.position {
                grille.entry(cellule(p)).or_default().push(rang(i));
            }
            pour_chaque_cle(t, |cle| cles.entry(cle).or_default().push(rang(i)));
        }
        grille.retain(|_, g| g.len() <= CELLULE_MAX);
        // Alone, or too many: says nothing.
        cles.retain(|_, g| (2..=GROUPE_MAX).contains(&g.len()));
        cles.shrink_to_fit();
        Self { grille, cles }
    }

    /// The records of higher rank that share a cell, a neighbouring cell or a key, once each.
    fn voisins(&self, traits: &[Traits], i: usize, vus: &mut Vec<u32>) {
        vus.clear();
        let t = &traits[i];
        let moi = rang(i);
        let mut prend = |g: &Vec<u32>| vus.extend(g.iter().filter(|j| **j > moi));
        if let Some(p) = t.position {
            let (y, _) = cellule(p);
            for dy in -1..=1 {
                // A row of cells has its own width: the column is found again in each.
                let x = colonne(y + dy, p.longitude);
                for dx in -1..=1 {
                    self.grille.get(&(y + dy, x + dx)).map(&mut prend);
                }
            }
        }
        pour_chaque_cle(t, |cle| {
            self.cles.get(&cle).map(&mut prend);
        });
        vus.sort_unstable();
        vus.dedup();
    }
}

#[expect(clippy::cast_possible_truncation, reason = "cells of the Earth fit")]
fn cellule(p: Position) -> (i32, i32) {
    let y = (p.latitude * DEGRE_M / MAILLE_M).floor() as i32;
    (y, colonne(y, p.longitude))
}

/// The column of a longitude in a row: cells are square on the ground.
#[expect(clippy::cast_possible_truncation, reason = "cells of the Earth fit")]
fn colonne(y: i32, longitude: f64) -> i32 {
    let latitude = f64::from(y) * MAILLE_M / DEGRE_M;
    (longitude * DEGRE_M * latitude.to_radians().cos().abs().max(0.01) / MAILLE_M).floor() as i32
}

/// The keys of a record, as hashes: a collision costs one comparison, and changes nothing.
fn pour_chaque_cle(t: &Traits, mut prend: impl FnMut(u64)) {
    let mut cle = |genre: u8, valeur: &str, commune: &str| {
        let mut h = std::hash::DefaultHasher::new();
        (genre, valeur, commune).hash(&mut h);
        prend(h.finish());
    };
    for coordonnee in t.coordonnees() {
        cle(0, coordonnee, "");
        // A switchboard that too many share may still tell within the commune.
        cle(1, coordonnee, &t.commune);
    }
    for mot in t.nom.mots.iter().filter(|m| m.poids >= Poids::Genre && m.texte.len() > 2) {
        cle(2, &mot.texte, &t.commune);
    }
    for mot in t.adresse.mots.iter().filter(|m| m.len() > 3) {
        cle(3, mot, &t.commune);
    }
}
