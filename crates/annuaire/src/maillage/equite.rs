//! Whether départements are treated alike.

use kernel::CodeDepartement;

use super::bilan::{Bilan, as_f64};
use super::calcul::Couverture;
use super::model::{Critere, Seuil};
use crate::territoires::Territoires;

/// A département and the share of its inhabitants within reach.
#[derive(Clone, PartialEq, Debug)]
pub struct PartDepartement {
    /// Its code.
    pub code: CodeDepartement,
    /// Its sums.
    pub bilan: Bilan,
    /// Share of its inhabitants within the threshold, 0 to 1.
    pub part: f64,
}

/// How unequal the shares of the départements are.
#[derive(Clone, PartialEq, Debug)]
pub struct Equite {
    /// From the least to the best served; those where nobody lives are left out.
    pub departements: Vec<PartDepartement>,
    /// Gini coefficient of the shares, each département weighing its inhabitants: 0 when all have the same share, near 1
    /// when one has everything. Half the mean difference between the shares of two inhabitants drawn at random, divided
    /// by the mean share.
    pub gini: Option<f64>,
    /// Best share divided by the least; `None` when the least is nil.
    pub rapport: Option<f64>,
}

impl Equite {
    /// The least served.
    pub fn moins_servi(&self) -> Option<&PartDepartement> {
        self.departements.first()
    }

    /// The best served.
    pub fn mieux_servi(&self) -> Option<&PartDepartement> {
        self.departements.last()
    }
}

/// Gini coefficient of values with weights, values sorted from the least. `None` when the mean is nil.
pub(super) fn gini(sorted: &[(f64, f64)]) -> Option<f64> {
    let weight: f64 = sorted.iter().map(|(_, w)| w).sum();
    let total: f64 = sorted.iter().map(|(x, w)| x * w).sum();
    if weight <= 0.0 || total <= 0.0 {
        return None;
    }
    // Twice the area between the diagonal and the Lorenz curve, by trapezes.
    let (mut cumulated, mut area) = (0.0, 0.0);
    for (x, w) in sorted {
        let next = cumulated + x * w / total;
        area += w / weight * (cumulated + next);
        cumulated = next;
    }
    Some((1.0 - area).max(0.0))
}

impl Couverture {
    /// Compares the départements, overseas collectivities included.
    pub fn equite(&self, territoires: &Territoires, critere: Critere, seuil: Seuil) -> Equite {
        let mut departements: Vec<PartDepartement> = territoires
            .departements()
            .iter()
            .filter_map(|d| {
                let bilan = self.bilan(territoires.rangs_du_departement(&d.code), critere);
                bilan.part(seuil).map(|part| PartDepartement { code: d.code.clone(), bilan, part })
            })
            .collect();
        departements.sort_by(|a, b| a.part.total_cmp(&b.part).then_with(|| a.code.cmp(&b.code)));
        let weighted: Vec<(f64, f64)> =
            departements.iter().map(|d| (d.part, as_f64(d.bilan.population))).collect();
        let rapport = match (departements.first(), departements.last()) {
            (Some(least), Some(best)) if least.part > 0.0 => Some(best.part / least.part),
            _ => None,
        };
        Equite { gini: gini(&weighted), rapport, departements }
    }
}
