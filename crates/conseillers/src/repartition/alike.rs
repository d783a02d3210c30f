//! Communes on one point, and requests on one point in one département, taken together: nothing
//! tells them apart but their names. The answer is then given back to each.

use std::collections::HashMap;

use kernel::Position;

use super::bound::Prix;
use super::{Probleme, Solution};

const MILLIONTH: f64 = 1e6;

/// A problem whose places differ, and which of its communes and requests stands for each.
#[derive(Debug)]
pub(super) struct Alike {
    pub(super) probleme: Probleme,
    communes: Vec<usize>,
    demandes: Vec<usize>,
    /// Posts each request of the file may receive.
    most: Vec<u64>,
}

impl Alike {
    /// `None` when nothing is alike, or when adding up would not be exact.
    pub(super) fn of(probleme: &Probleme) -> Option<Self> {
        let total: f64 = probleme.communes.iter().map(|c| c.besoin).sum();
        // Minima above the envelope would no longer be read as they are.
        if total * MILLIONTH >= 9e15 || probleme.minimum_par_departement > probleme.postes_a_attribuer {
            return None;
        }
        let most: Vec<u64> = probleme
            .demandes
            .iter()
            .map(|d| d.postes.min(probleme.maximum_par_demande.unwrap_or(u64::MAX)))
            .map(|postes| postes.min(probleme.postes_a_attribuer))
            .collect();
        let (communes, first_c) = ranks(probleme.communes.iter().enumerate().map(|(rank, c)| {
            // A need finer than a millionth is read apart: the bound tells what that may cost.
            let scaled = c.besoin * MILLIONTH;
            let own = if (scaled - scaled.round()).abs() > 1e-3 { rank + 1 } else { 0 };
            (place(c.position), own)
        }));
        let (demandes, first_d) =
            ranks(probleme.demandes.iter().map(|d| (place(d.position), &d.departement)));
        if first_c.len() == communes.len() && first_d.len() == demandes.len() {
            return None;
        }
        let mut merged = probleme.clone();
        merged.communes = first_c.iter().map(|&first| probleme.communes[first].clone()).collect();
        let mut needs = vec![0.0; merged.communes.len()];
        for (commune, &class) in probleme.communes.iter().zip(&communes) {
            needs[class] += (commune.besoin * MILLIONTH).round();
        }
        for (commune, need) in merged.communes.iter_mut().zip(needs) {
            commune.besoin = need / MILLIONTH;
        }
        merged.demandes = first_d.iter().map(|&first| probleme.demandes[first].clone()).collect();
        merged.demandes.iter_mut().for_each(|d| d.postes = 0);
        for (&most, &class) in most.iter().zip(&demandes) {
            let postes = &mut merged.demandes[class].postes;
            *postes = postes.saturating_add(most);
        }
        merged.maximum_par_demande = None;
        Some(Self { probleme: merged, communes, demandes, most })
    }

    /// The answer of the file from that of the problem made smaller: of the requests that are
    /// alike, each receives one post, by id, before any receives another.
    pub(super) fn spread(&self, probleme: &Probleme, solution: Solution) -> Solution {
        let mut open: Vec<Vec<usize>> = vec![Vec::new(); self.probleme.demandes.len()];
        for (rank, &class) in self.demandes.iter().enumerate() {
            open[class].push(rank);
        }
        let id = |rank: &usize| &probleme.demandes[*rank].id;
        let mut postes = vec![0; self.most.len()];
        for &(class, mut left) in &solution.attributions {
            let open = &mut open[class];
            open.sort_by(|a, b| id(a).cmp(id(b)));
            while left > 0 && !open.is_empty() {
                open.retain(|&rank| {
                    if left > 0 && postes[rank] < self.most[rank] {
                        postes[rank] += 1;
                        left -= 1;
                    }
                    postes[rank] < self.most[rank]
                });
            }
        }
        let mut attributions: Vec<(usize, u64)> =
            postes.into_iter().enumerate().filter(|(_, count)| *count > 0).collect();
        attributions.sort_by(|a, b| id(&a.0).cmp(id(&b.0)));
        let prix = Prix(self.communes.iter().map(|&class| solution.prix.0[class]).collect());
        Solution { attributions, prix, ..solution }
    }

    /// The answer of the problem made smaller from one of the file, `None` when that breaks a rule
    /// that the smaller one cannot see.
    pub(super) fn gather(&self, solution: &Solution) -> Option<Solution> {
        let mut postes = vec![0u64; self.probleme.demandes.len()];
        for &(rank, count) in &solution.attributions {
            if count > *self.most.get(rank)? {
                return None;
            }
            postes[self.demandes[rank]] += count;
        }
        let attributions = postes.into_iter().enumerate().filter(|(_, count)| *count > 0).collect();
        Some(Solution { attributions, prix: self.price(&solution.prix)?, ..solution.clone() })
    }

    /// Of the prices of communes on one point, the first: any prices bound.
    pub(super) fn price(&self, prix: &Prix) -> Option<Prix> {
        if prix.0.len() != self.communes.len() {
            return None;
        }
        let mut prices = vec![None; self.probleme.communes.len()];
        for (&price, &class) in prix.0.iter().zip(&self.communes) {
            prices[class].get_or_insert(price);
        }
        Some(Prix(prices.into_iter().flatten().collect()))
    }
}

fn place(position: Position) -> (u64, u64) {
    // Zero is written with one sign.
    ((position.latitude + 0.0).to_bits(), (position.longitude + 0.0).to_bits())
}

/// The class of each key, and the rank of the first of each class.
fn ranks<K: Eq + std::hash::Hash>(keys: impl Iterator<Item = K>) -> (Vec<usize>, Vec<usize>) {
    let (mut known, mut firsts) = (HashMap::new(), Vec::new());
    let classes = keys
        .enumerate()
        .map(|(rank, key)| {
            *known.entry(key).or_insert_with(|| {
                firsts.push(rank);
                firsts.len() - 1
            })
        })
        .collect();
    (classes, firsts)
}

#[cfg(test)]
mod tests {
    use super::super::solve::distinct;
    use super::super::{Commune, Demande, borne, resout, verifie};
    use super::*;
    use crate::entree::Id;

    /// A few places for many, whose sums and limits differ with `seed`.
    fn problem(seed: usize) -> Probleme {
        let place = |n: usize| Position { latitude: 48.0 + 0.05 * (n % 3) as f64, longitude: 2.0 };
        let commune = |n: usize| Commune {
            id: Id::Nombre(n as i64),
            position: place(n * n + seed),
            besoin: ((n * 37 + seed * 11) % 90) as f64 / if n == 4 { 7.0 } else { 2.0 },
        };
        let demande = |n: usize| Demande {
            id: Id::Nombre(100 - n as i64),
            position: place(n / 2 + seed),
            departement: ["01", "02"][(n + seed) % 2].into(),
            postes: ((n + seed) % 4) as u64,
        };
        let mut probleme = Probleme {
            communes: (0..9).map(commune).collect(),
            demandes: (0..6).map(demande).collect(),
            ..super::super::tests::towns(seed as u64 % 7)
        };
        probleme.rayon_km = [0.0, 6.0, 12.0][seed % 3];
        probleme.capacite_par_poste = [10.0, 25.0, 200.0][seed / 3 % 3];
        probleme.maximum_par_demande = [None, Some(1), Some(2)][seed / 9 % 3];
        probleme.minimum_par_departement = (seed / 27 % 2) as u64;
        probleme
    }

    #[test]
    fn what_is_alike_changes_no_answer() {
        for seed in 0..400 {
            let probleme = problem(seed);
            assert!(Alike::of(&probleme).is_some() || probleme.postes_a_attribuer == 0, "{seed}");
            match (resout(&probleme), distinct(&probleme)) {
                (Ok(ours), Ok(theirs)) => {
                    assert!((ours.besoin_servi - theirs.besoin_servi).abs() < 1e-5, "{seed}");
                    assert_eq!(verifie(&probleme, &ours), Ok(()), "{seed}");
                    assert!(borne(&probleme, &ours.prix).unwrap() >= theirs.besoin_servi, "{seed}");
                }
                (ours, theirs) => assert_eq!(ours, theirs, "{seed}"),
            }
        }
    }

    #[test]
    fn many_on_one_point_share_by_turns() {
        let mut probleme = problem(0);
        probleme
            .communes
            .iter_mut()
            .for_each(|c| (c.position, c.besoin) = (probleme.demandes[0].position, 50.0));
        let first = probleme.demandes[0].clone();
        probleme.demandes =
            (0..4).map(|n| Demande { id: Id::Nombre(9 - n), postes: 3, ..first.clone() }).collect();
        probleme.postes_a_attribuer = 6;
        let solution = resout(&probleme).unwrap();
        // By id: the last of the list comes first.
        assert_eq!(solution.attributions, [(3, 2), (2, 2), (1, 1), (0, 1)]);
        assert_eq!(verifie(&probleme, &solution), Ok(()));
        let greedy = Solution { attributions: vec![(0, 4), (1, 2)], ..solution };
        assert!(verifie(&probleme, &greedy).unwrap_err().0.contains("règle"));
    }

    #[test]
    fn a_country_on_one_point_is_answered() {
        let place = Position { latitude: 48.85, longitude: 2.35 };
        let first = Demande { id: Id::Nombre(0), position: place, departement: "75".into(), postes: 3 };
        let probleme = Probleme {
            communes: (0..34_969)
                .map(|n| Commune { id: Id::Nombre(n), position: place, besoin: 700.0 })
                .collect(),
            demandes: (0..5_000).map(|n| Demande { id: Id::Nombre(n), ..first.clone() }).collect(),
            ..super::super::tests::towns(4_000)
        };
        let solution = resout(&probleme).unwrap();
        assert_eq!((solution.besoin_servi, solution.borne), (4_400_000.0, 4_400_000.0));
        assert_eq!(solution.attributions.len(), 4_000);
    }
}
