//! The measure itself: the nearest lieu of each kind from each point where people live.

use kernel::Position;
use kernel::geo::chord2_to_m;
use rstar::RTree;

use super::model::{Critere, MesureLieu};
use crate::territoires::{PointPopulation, Territoires};

/// What stands in a commune.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct OffreCommune {
    /// Lieux by criterion, [`Critere::rang`] being the place.
    pub lieux: [u32; Critere::NOMBRE],
    /// Minutes a week during which they are open, together.
    pub minutes: u64,
    /// How many of them have known hours.
    pub avec_horaires: u32,
}

/// The coverage of the country by its lieux at one moment.
#[derive(Clone, Debug)]
pub struct Couverture {
    pub(super) points: Vec<PointPopulation>,
    /// Metres from each point to the nearest lieu of each criterion; infinite when there is none in the country.
    pub(super) distances: Vec<[f32; Critere::NOMBRE]>,
    /// By place of the commune.
    pub(super) offres: Vec<OffreCommune>,
    /// Points of each commune: `debuts[c]..debuts[c + 1]`.
    pub(super) debuts: Vec<u32>,
    /// Lieux that were measured.
    pub lieux: usize,
    /// Of them, those that stand in the middle of their commune for want of a position.
    pub lieux_au_centre: usize,
    /// Lieux left out, since neither their position nor their commune is known.
    pub lieux_non_situes: usize,
}

impl Couverture {
    /// Measures every commune against every lieu. About a quarter of a second for 20 000 lieux on two cores; to be run
    /// off the threads that serve pages.
    pub fn calcule(territoires: &Territoires, lieux: &[MesureLieu]) -> Self {
        let points = territoires.points_de_population();
        let mut offres = vec![OffreCommune::default(); territoires.communes().len()];
        let mut situes: Vec<(Position, &MesureLieu)> = Vec::with_capacity(lieux.len());
        let mut lieux_au_centre = 0;
        for lieu in lieux {
            let rang = lieu.commune.as_ref().and_then(|code| territoires.rang_actuel(code));
            let centre = || territoires.communes()[rang?].position.map(|p| p.position);
            let Some(position) = lieu.position.or_else(centre) else { continue };
            lieux_au_centre += usize::from(lieu.position.is_none());
            situes.push((position, lieu));
            if let Some(rang) = rang {
                let offre = &mut offres[rang];
                for critere in Critere::tous().filter(|c| c.retient(lieu)) {
                    offre.lieux[critere.rang()] += 1;
                }
                offre.minutes += u64::from(lieu.minutes_semaine.unwrap_or(0));
                offre.avec_horaires += u32::from(lieu.minutes_semaine.is_some());
            }
        }
        let trees: Vec<RTree<[f64; 3]>> = Critere::tous()
            .map(|critere| {
                let retenus = situes.iter().filter(|(_, lieu)| critere.retient(lieu));
                RTree::bulk_load(retenus.map(|(position, _)| position.unit()).collect())
            })
            .collect();
        let mut debuts = vec![0_u32; offres.len() + 1];
        for point in &points {
            debuts[point.commune + 1] += 1;
        }
        for c in 1..debuts.len() {
            debuts[c] += debuts[c - 1];
        }
        Self {
            distances: distances(&points, &trees),
            points,
            offres,
            debuts,
            lieux: situes.len(),
            lieux_au_centre,
            lieux_non_situes: lieux.len() - situes.len(),
        }
    }

    /// What stands in a commune.
    pub fn offre(&self, rang: usize) -> OffreCommune {
        self.offres.get(rang).copied().unwrap_or_default()
    }

    /// The points of a commune with their distances.
    pub(super) fn points_de(
        &self,
        rang: usize,
    ) -> impl Iterator<Item = (&PointPopulation, &[f32; Critere::NOMBRE])> {
        let (debut, fin) = match (self.debuts.get(rang), self.debuts.get(rang + 1)) {
            (Some(debut), Some(fin)) => (*debut as usize, *fin as usize),
            _ => (0, 0),
        };
        self.points[debut..fin].iter().zip(&self.distances[debut..fin])
    }

    /// Metres from a commune to the nearest lieu: the mean over its points, weighted by inhabitants. `None` where nobody
    /// lives, or when no lieu of the country meets the criterion.
    pub fn distance_m(&self, rang: usize, critere: Critere) -> Option<f64> {
        let (mut sum, mut weight, mut plain, mut n) = (0.0, 0.0, 0.0, 0.0);
        for (point, distances) in self.points_de(rang) {
            let metres = f64::from(distances[critere.rang()]);
            let population = f64::from(point.population);
            (sum, weight) = (sum + metres * population, weight + population);
            (plain, n) = (plain + metres, n + 1.0);
        }
        // A few communes of the battlefields of Verdun have a mayor and no inhabitant.
        let mean = if weight > 0.0 {
            sum / weight
        } else if n > 0.0 {
            plain / n
        } else {
            return None;
        };
        mean.is_finite().then_some(mean)
    }

    /// Whether the distance of the commune depends on an estimated position.
    pub fn estimee(&self, rang: usize) -> bool {
        self.points_de(rang).any(|(point, _)| point.position.estimee())
    }
}

/// The nearest of each tree from each point, on as many threads as the machine offers, four at most.
fn distances(points: &[PointPopulation], trees: &[RTree<[f64; 3]>]) -> Vec<[f32; Critere::NOMBRE]> {
    let mut distances = vec![[f32::INFINITY; Critere::NOMBRE]; points.len()];
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(4);
    let part = points.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        for (points, distances) in points.chunks(part).zip(distances.chunks_mut(part)) {
            scope.spawn(move || {
                for (point, row) in points.iter().zip(distances) {
                    let unit = point.position.position.unit();
                    for (tree, cell) in trees.iter().zip(row) {
                        if let Some((_, chord2)) = tree.nearest_neighbor_with_distance_2(unit) {
                            *cell = metres(chord2);
                        }
                    }
                }
            });
        }
    });
    distances
}

/// Metres, to the metre: half a circumference of the Earth fits.
#[expect(clippy::cast_possible_truncation, reason = "at most twenty million metres, to the metre or two")]
fn metres(chord2: f64) -> f32 {
    chord2_to_m(chord2) as f32
}
