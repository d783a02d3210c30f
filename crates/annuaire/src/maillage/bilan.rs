//! Sums over a territory.

use super::calcul::Couverture;
use super::model::{Critere, SEUILS_M, Seuil};

/// The coverage of a set of communes for one criterion.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Bilan {
    /// Communes where people live.
    pub communes: u32,
    /// Inhabitants.
    pub population: u64,
    /// Inhabitants within each of [`SEUILS_M`].
    pub dans: [u64; SEUILS_M.len()],
    /// Inhabitants whose commune has an estimated position: how far the figures may be trusted.
    pub population_estimee: u64,
    /// Lieux that meet the criterion.
    pub lieux: u64,
    /// Minutes a week of all lieux, whatever the criterion.
    pub minutes: u64,
    /// Sum of inhabitants × metres, over those who have a lieu at all.
    somme: f64,
    /// Inhabitants of that sum.
    poids: u64,
}

impl Bilan {
    /// Share of the inhabitants within the threshold, 0 to 1; `None` where nobody lives.
    pub fn part(&self, seuil: Seuil) -> Option<f64> {
        ratio(self.dans[seuil.rang()], self.population)
    }

    /// Mean distance of an inhabitant, in metres.
    pub fn distance_moyenne_m(&self) -> Option<f64> {
        (self.poids > 0).then(|| self.somme / as_f64(self.poids))
    }

    /// Lieux for 10 000 inhabitants.
    pub fn lieux_pour_10000(&self) -> Option<f64> {
        ratio(self.lieux * 10_000, self.population)
    }

    /// Hours of opening a week for 10 000 inhabitants, counting lieux whose hours are known.
    pub fn heures_pour_10000(&self) -> Option<f64> {
        ratio(self.minutes * 10_000, self.population * 60)
    }

    /// Share of the inhabitants whose distance depends on an estimated position.
    pub fn part_estimee(&self) -> Option<f64> {
        ratio(self.population_estimee, self.population)
    }
}

/// Counts of people are far below 2^53.
#[expect(clippy::cast_precision_loss, reason = "counts of inhabitants and minutes are far below 2^53")]
pub(super) fn as_f64(n: u64) -> f64 {
    n as f64
}

fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| as_f64(part) / as_f64(whole))
}

/// A commune beyond the threshold.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ZoneBlanche {
    /// Place of the commune.
    pub rang: usize,
    /// Its inhabitants that are beyond: all of them, but in Paris, Lyon and Marseille.
    pub population: u64,
    /// Metres to the nearest lieu; `None` when the country has none.
    pub metres: Option<f64>,
    /// Whether the position of the commune is estimated: the zone is then to be checked.
    pub estimee: bool,
}

impl Couverture {
    /// Sums the communes of these places.
    pub fn bilan(&self, rangs: impl IntoIterator<Item = usize>, critere: Critere) -> Bilan {
        let mut bilan = Bilan::default();
        for rang in rangs {
            let mut peuplee = false;
            for (point, distances) in self.points_de(rang) {
                let metres = distances[critere.rang()];
                let population = u64::from(point.population);
                peuplee |= population > 0;
                bilan.population += population;
                for (dans, seuil) in bilan.dans.iter_mut().zip(Seuil::TOUS) {
                    if f64::from(metres) <= seuil.metres() {
                        *dans += population;
                    }
                }
                if metres.is_finite() {
                    bilan.somme += f64::from(metres) * as_f64(population);
                    bilan.poids += population;
                }
                if point.position.estimee() {
                    bilan.population_estimee += population;
                }
            }
            let offre = self.offre(rang);
            bilan.communes += u32::from(peuplee);
            bilan.lieux += u64::from(offre.lieux[critere.rang()]);
            bilan.minutes += offre.minutes;
        }
        bilan
    }

    /// The communes of these places with inhabitants beyond the threshold, the most populous first.
    pub fn zones_blanches(
        &self,
        rangs: impl IntoIterator<Item = usize>,
        critere: Critere,
        seuil: Seuil,
    ) -> Vec<ZoneBlanche> {
        let mut zones: Vec<ZoneBlanche> = rangs
            .into_iter()
            .filter_map(|rang| {
                let beyond =
                    self.points_de(rang).filter(|(_, d)| f64::from(d[critere.rang()]) > seuil.metres());
                let population: u64 = beyond.map(|(point, _)| u64::from(point.population)).sum();
                (population > 0).then(|| ZoneBlanche {
                    rang,
                    population,
                    metres: self.distance_m(rang, critere),
                    estimee: self.estimee(rang),
                })
            })
            .collect();
        zones.sort_by_key(|z| (std::cmp::Reverse(z.population), z.rang));
        zones
    }
}
