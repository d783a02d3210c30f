//! The national assignment: which candidate could take which post, so that most posts are filled,
//! then people live nearest, then ties are fair. Optimal, and proven so.
//!
//! `docs/conseillers/matching.md` gives the model, the algorithm and the certificate.

mod certificate;
mod classes;
mod reading;
mod report;
mod simplex;
mod solve;
mod ties;
mod tree;

#[cfg(test)]
mod tests;

pub use certificate::{Certificat, Faute, verifie};
pub use reading::lit;
pub(crate) use report::decimal;
pub use report::{json, texte};
pub use solve::resout;

use chrono::{Datelike, NaiveDate};
use kernel::Position;

use crate::entree::Id;
use crate::sphere::Point;

/// Someone who would take a post.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidat {
    /// Its identifier.
    pub id: Id,
    /// Where the person lives.
    pub position: Position,
    /// How far the person would go, in kilometres; `None`: the whole country.
    pub rayon_km: Option<f64>,
    /// First day the person is free; `None`: at once.
    pub disponible_le: Option<NaiveDate>,
}

/// A post to fill.
#[derive(Clone, Debug, PartialEq)]
pub struct Poste {
    /// Its identifier.
    pub id: Id,
    /// Where the post is.
    pub position: Position,
    /// Its first day; `None`: to be agreed, so that no date excludes anyone.
    pub debut_le: Option<NaiveDate>,
}

/// Everyone and every post at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Probleme {
    /// Candidates; ids differ.
    pub candidats: Vec<Candidat>,
    /// Posts; ids differ.
    pub postes: Vec<Poste>,
}

/// A candidate on a post: ranks in [`Probleme`], and the kilometres between them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Affectation {
    /// Rank of the candidate.
    pub candidat: usize,
    /// Rank of the post.
    pub poste: usize,
    /// Great-circle kilometres.
    pub km: f64,
}

/// The best assignment, and what proves it.
#[derive(Clone, Debug, PartialEq)]
pub struct Solution {
    /// Filled posts, by id of post.
    pub affectations: Vec<Affectation>,
    /// Sum of the kilometres.
    pub distance_totale_km: f64,
    /// What proves that no other assignment is better.
    pub certificat: Certificat,
}

/// One end of a possible assignment, a candidate or a post alike: the two may meet when they are
/// within both reaches and `key` of each is at most `limit` of the other.
#[derive(Clone, Copy, Debug)]
struct Site {
    point: Point,
    /// Kilometres; infinite for a post and for a candidate of the whole country.
    reach_km: f64,
    /// A candidate's first free day; minus the first day of a post.
    key: i32,
    /// The largest `key` this end accepts: what the other has in mirror.
    limit: i32,
}

impl Site {
    fn candidat(candidat: &Candidat) -> Self {
        Self {
            point: Point::new(candidat.position),
            reach_km: candidat.rayon_km.unwrap_or(f64::INFINITY),
            key: candidat.disponible_le.map_or(i32::MIN, |d| d.num_days_from_ce()),
            limit: candidat.disponible_le.map_or(i32::MAX, |d| -d.num_days_from_ce()),
        }
    }

    fn poste(poste: &Poste) -> Self {
        Self {
            point: Point::new(poste.position),
            reach_km: f64::INFINITY,
            key: poste.debut_le.map_or(i32::MIN, |d| -d.num_days_from_ce()),
            limit: poste.debut_le.map_or(i32::MAX, |d| d.num_days_from_ce()),
        }
    }

    /// What two ends have alike when nothing tells them apart.
    fn identity(&self) -> (u64, u64, u64, i32) {
        let [lat, lon] = self.point.radians().map(f64::to_bits);
        (lat, lon, self.reach_km.to_bits(), self.limit)
    }

    /// Kilometres to the other end, if the two may meet.
    fn meets(&self, other: &Self) -> Option<f64> {
        if other.key > self.limit {
            return None;
        }
        let km = self.point.km(&other.point);
        (km <= self.reach_km && km <= other.reach_km).then_some(km)
    }
}

/// What a kilometre is worth in the whole numbers the search computes with, so that sums are exact.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Precision {
    unit_km: f64,
    /// What an unfilled post costs: more than any chain of exchanges can save.
    unfilled: i64,
}

impl Precision {
    /// The finest step from a tenth of a micrometre up that keeps every sum of the search within
    /// 64 bits: with 4 000 posts the total is right to 4·10⁻⁷ km at worst.
    fn fitting(postes: &[Site], candidats: &[Site]) -> Self {
        let farthest = candidats.iter().map(|c| c.reach_km).fold(0.0, f64::max).min(20_016.0);
        // A way through the tree sees each class of the smaller side once: with the price of an
        // unfilled post, and the edge that is weighed against it, at most six such chains.
        let chain = postes.len().min(candidats.len()) as f64 + 2.0;
        let mut unit_km = 1e-10;
        while farthest / unit_km * chain * 8.0 > i64::MAX as f64 {
            unit_km *= 10.0;
        }
        Self { unit_km, unfilled: (farthest / unit_km * chain * 2.0) as i64 + 2 }
    }

    fn units(self, km: f64) -> i64 {
        units(km, self.unit_km)
    }
}

/// Kilometres in whole units.
fn units(km: f64, unit_km: f64) -> i64 {
    (km / unit_km).round() as i64
}
