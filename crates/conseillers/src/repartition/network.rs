//! The problem as whole numbers: who is within reach of whom, how much, how many.

use std::collections::{BTreeMap, BTreeSet};

use super::Probleme;
use crate::entree::{Id, Refus};
use crate::sphere::{Bande, Point};

/// Needs are read to the millionth: everything is then a whole number, and sums are exact.
const MILLIONTH: f64 = 1e6;
/// Pairs of a request and a commune within reach: what memory allows (a national file with a
/// radius of 100 km has 15 million).
const PAIRS: usize = 30_000_000;
/// Posts that could be granted, over all requests.
const POSTS: u64 = 5_000_000;

/// A problem made ready. Requests and communes keep their ranks.
#[derive(Debug)]
pub(super) struct Reseau {
    /// Need of each commune, in units.
    pub(super) need: Vec<i64>,
    /// Need one post serves, in units.
    pub(super) capacity: i64,
    /// Most posts each request can use.
    pub(super) most: Vec<u32>,
    /// Département of each request, and the least each receives.
    pub(super) departement: Vec<u32>,
    pub(super) least: Vec<u32>,
    /// Ceilings, and those that each département is under.
    pub(super) caps: Vec<u32>,
    pub(super) under: Vec<Vec<u32>>,
    pub(super) posts: u32,
    /// Pairs of each request: `reach[starts[d]..starts[d + 1]]` are its communes.
    pub(super) starts: Vec<usize>,
    pub(super) reach: Vec<u32>,
    /// Pairs of each commune: ranks in `reach`, and their requests.
    pub(super) sources: Vec<usize>,
    pub(super) source: Vec<(u32, u32)>,
    /// Millionths in one unit, the largest that divides every figure.
    step: i64,
    /// Millionths that reading the figures may have cost.
    rounding: f64,
    /// Départements that ask for less than the minimum.
    pub(super) short: Vec<Id>,
}

impl Reseau {
    pub(super) fn new(probleme: &Probleme) -> Result<Self, Refus> {
        let mut rounding = 0.0;
        let mut read = |value: f64| {
            let scaled = value * MILLIONTH;
            if (scaled - scaled.round()).abs() > 1e-3 {
                rounding += 0.5;
            }
            scaled.round() as i64
        };
        let total: f64 = probleme.communes.iter().map(|c| c.besoin).sum();
        if total > 1e12 || probleme.capacite_par_poste > 1e12 {
            return Err(Refus(
                "les besoins ou la capacité dépassent mille milliards : vérifiez l’unité des chiffres."
                    .to_owned(),
            ));
        }
        let mut need: Vec<i64> = probleme.communes.iter().map(|c| read(c.besoin)).collect();
        let mut capacity = read(probleme.capacite_par_poste);
        let step = need.iter().copied().fold(capacity, gcd).max(1);
        need.iter_mut().for_each(|n| *n /= step);
        capacity /= step;

        let (starts, reach) = pairs(probleme, &need)?;
        let (sources, source) = mirrored(need.len(), &starts, &reach);
        let (departement, noms) = departements(probleme);
        let mut reseau = Self {
            most: vec![0; departement.len()],
            least: vec![0; noms.len()],
            caps: Vec::new(),
            under: vec![Vec::new(); noms.len()],
            posts: 0,
            short: Vec::new(),
            need,
            capacity,
            departement,
            starts,
            reach,
            sources,
            source,
            step,
            rounding,
        };
        reseau.ceilings(probleme, &noms)?;
        reseau.limits(probleme, &noms)?;
        Ok(reseau)
    }

    /// Which ceilings each département is under. Two that overlap without one holding the other are refused: the best choice
    /// under prices would no longer be found by sorting.
    fn ceilings(&mut self, probleme: &Probleme, noms: &[&Id]) -> Result<(), Refus> {
        let mut groups: Vec<BTreeSet<usize>> = Vec::new();
        for plafond in &probleme.plafonds {
            let group: BTreeSet<usize> =
                plafond.departements.iter().filter_map(|id| noms.binary_search(&id).ok()).collect();
            if group.is_empty() {
                continue;
            }
            if groups.iter().any(|g| !g.is_disjoint(&group) && !g.is_subset(&group) && !group.is_subset(g)) {
                return Err(Refus(format!(
                    "le plafond de {} postes en chevauche un autre : deux plafonds doivent être séparés, ou l’un dans l’autre.",
                    plafond.postes
                )));
            }
            let rank = self.caps.len() as u32;
            self.caps.push(u32::try_from(plafond.postes).unwrap_or(u32::MAX));
            group.iter().for_each(|&departement| self.under[departement].push(rank));
            groups.push(group);
        }
        Ok(())
    }

    /// The départements that a ceiling keeps from receiving one more post; empty when there is no ceiling.
    pub(super) fn full(&self, by_departement: &[u32]) -> Vec<bool> {
        if self.caps.is_empty() {
            return Vec::new();
        }
        let mut left = self.caps.clone();
        for (under, &count) in self.under.iter().zip(by_departement) {
            under.iter().for_each(|&cap| left[cap as usize] = left[cap as usize].saturating_sub(count));
        }
        self.under.iter().map(|under| under.iter().any(|&cap| left[cap as usize] == 0)).collect()
    }

    /// How many posts each request can use, each département must receive, and the envelope gives.
    fn limits(&mut self, probleme: &Probleme, noms: &[&Id]) -> Result<(), Refus> {
        let asked = |rank: usize| {
            let demande = &probleme.demandes[rank];
            demande
                .postes
                .min(probleme.maximum_par_demande.unwrap_or(u64::MAX))
                .min(probleme.postes_a_attribuer)
        };
        let mut by_departement = vec![0u64; noms.len()];
        for (d, &departement) in self.departement.iter().enumerate() {
            let sum = &mut by_departement[departement as usize];
            *sum = sum.saturating_add(asked(d));
        }
        let mut floor = 0u64;
        for (departement, &sum) in by_departement.iter().enumerate() {
            let alone = |cap: &u32| self.under.iter().filter(|u| u.contains(cap)).count() == 1;
            let ceiling =
                self.under[departement].iter().filter(|c| alone(c)).map(|&c| self.caps[c as usize]).min();
            let least = probleme.minimum_par_departement.min(sum).min(ceiling.map_or(u64::MAX, u64::from));
            if least < probleme.minimum_par_departement {
                self.short.push(noms[departement].clone());
            }
            floor = floor.saturating_add(least);
            self.least[departement] = u32::try_from(least).map_err(|_| too_large())?;
        }
        if floor > probleme.postes_a_attribuer {
            return Err(Refus(format!(
                "donner le minimum à chaque département demande {floor} postes et l’enveloppe n’en a que {} : baissez « minimum_par_departement » ou augmentez « postes_a_attribuer ».",
                probleme.postes_a_attribuer
            )));
        }
        for (cap, &most) in self.caps.iter().enumerate() {
            let inside = self.under.iter().zip(&self.least).filter(|(u, _)| u.contains(&(cap as u32)));
            let floor: u64 = inside.map(|(_, &least)| u64::from(least)).sum();
            if floor > u64::from(most) {
                return Err(Refus(format!(
                    "donner le minimum à chaque département demande {floor} postes là où un plafond n’en laisse que {most} : baissez le minimum ou relevez ce plafond."
                )));
            }
        }
        let mut total = 0u64;
        for d in 0..self.most.len() {
            let around: i64 = self.around(d).iter().map(|&c| self.need[c as usize]).sum();
            // More would serve nobody, and is only granted to reach a minimum.
            let useful = (around as u64)
                .checked_div(self.capacity as u64)
                .map_or(0, |whole| whole + u64::from(around % self.capacity > 0));
            let most = asked(d).min(useful.max(u64::from(self.least[self.departement[d] as usize])));
            total += most;
            if total > POSTS {
                return Err(too_large());
            }
            self.most[d] = most as u32;
        }
        self.posts = probleme.postes_a_attribuer.min(total) as u32;
        Ok(())
    }

    /// Communes within reach of a request.
    pub(super) fn around(&self, demande: usize) -> &[u32] {
        &self.reach[self.starts[demande]..self.starts[demande + 1]]
    }

    /// (request, rank of the pair) of each request within reach of a commune.
    pub(super) fn asking(&self, commune: usize) -> &[(u32, u32)] {
        &self.source[self.sources[commune]..self.sources[commune + 1]]
    }

    /// A number of units in the measure of the file.
    pub(super) fn measure(&self, units: i64) -> f64 {
        (i128::from(units) * i128::from(self.step)) as f64 / MILLIONTH
    }

    /// A bound in the measure of the file, with what figures finer than a millionth may add.
    pub(super) fn measure_bound(&self, units: i64) -> f64 {
        if units == 0 { 0.0 } else { self.measure(units) + self.rounding / MILLIONTH }
    }
}

fn too_large() -> Refus {
    Refus("ce problème dépasse ce que le moteur peut tenir en mémoire : réduisez le rayon ou le nombre de postes par demande.".to_owned())
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Who is within reach of whom; communes without need serve nothing and are left out.
fn pairs(probleme: &Probleme, need: &[i64]) -> Result<(Vec<usize>, Vec<u32>), Refus> {
    let points: Vec<Point> = probleme.communes.iter().map(|c| Point::new(c.position)).collect();
    let bande = Bande::new(&points);
    let mut starts = vec![0];
    let mut reach = Vec::new();
    for demande in &probleme.demandes {
        let here = Point::new(demande.position);
        let near = bande.around(&here, probleme.rayon_km);
        reach.extend(
            near.filter(|&c| need[c] > 0 && here.km(&points[c]) <= probleme.rayon_km).map(|c| c as u32),
        );
        if reach.len() > PAIRS {
            return Err(too_large());
        }
        let start = starts.last().copied().unwrap_or(0);
        reach[start..].sort_unstable();
        starts.push(reach.len());
    }
    Ok((starts, reach))
}

fn mirrored(communes: usize, starts: &[usize], reach: &[u32]) -> (Vec<usize>, Vec<(u32, u32)>) {
    let mut sources = vec![0; communes + 1];
    for &c in reach {
        sources[c as usize + 1] += 1;
    }
    for c in 0..communes {
        sources[c + 1] += sources[c];
    }
    let mut next = sources.clone();
    let mut source = vec![(0, 0); reach.len()];
    for d in 0..starts.len() - 1 {
        for pair in starts[d]..starts[d + 1] {
            let at = &mut next[reach[pair] as usize];
            source[*at] = (d as u32, pair as u32);
            *at += 1;
        }
    }
    (sources, source)
}

fn departements(probleme: &Probleme) -> (Vec<u32>, Vec<&Id>) {
    let ranks: BTreeMap<&Id, u32> = {
        let ids: BTreeSet<&Id> = probleme.demandes.iter().map(|d| &d.departement).collect();
        ids.into_iter().zip(0..).collect()
    };
    (probleme.demandes.iter().map(|d| ranks[&d.departement]).collect(), ranks.into_keys().collect())
}
