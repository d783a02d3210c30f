//! The proof that an assignment is the best, and its check, which shares nothing with the search:
//! it looks at pairs one by one.
//!
//! Two bounds, each of which the assignment reaches:
//! - **posts filled**: a cover, some candidates and some posts such that every possible pair holds
//!   one of them; no assignment has more pairs than the cover has members (König);
//! - **distance**: a price for each candidate and each post such that no pair is worth more than
//!   it costs; no assignment as full has a smaller total (weak duality of the assignment).

use std::collections::HashMap;
use std::fmt;

use super::{Affectation, Probleme, Site, units};
use crate::sphere::{Bande, Point};

/// What proves an assignment; ranks are those of the problem.
#[derive(Clone, Debug, PartialEq)]
pub struct Certificat {
    /// Kilometres of one unit of the prices: distances are rounded to it.
    pub unite_km: f64,
    /// Candidates of the cover.
    pub couverture_candidats: Vec<bool>,
    /// Posts of the cover.
    pub couverture_postes: Vec<bool>,
    /// Price of each candidate, zero or more, zero for whoever stays free.
    pub prix_candidats: Vec<i64>,
    /// Price of each post, at most the ceiling, which is the price of every unfilled one.
    pub prix_postes: Vec<i64>,
    /// The ceiling.
    pub plafond: i64,
}

/// What a certificate fails to prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Faute {
    /// Ranks or lengths that do not belong to the problem.
    Forme,
    /// Someone or some post is used twice.
    Double,
    /// A chosen pair may not meet, or its distance is not that.
    Paire,
    /// The cover misses a possible pair.
    Couverture,
    /// The cover has not as many members as posts are filled.
    Nombre,
    /// A price is out of bounds, or a pair is worth more than it costs.
    Prix,
    /// The prices do not add up to the distance.
    Total,
}

impl fmt::Display for Faute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Forme => "le certificat n’est pas celui de ce problème",
            Self::Double => "une personne ou un poste sert deux fois",
            Self::Paire => "une paire choisie n’est pas possible",
            Self::Couverture => "la couverture oublie une paire possible",
            Self::Nombre => "la couverture ne compte pas les postes pourvus",
            Self::Prix => "un prix est impossible",
            Self::Total => "les prix ne font pas la distance",
        })
    }
}

impl Certificat {
    /// From ranks in the order of fairness to ranks of the problem.
    pub(super) fn in_order_of_input(self, candidats: &[usize], postes: &[usize]) -> Self {
        fn back<T: Copy + Default>(values: &[T], order: &[usize]) -> Vec<T> {
            let mut out = vec![T::default(); values.len()];
            for (&value, &rank) in values.iter().zip(order) {
                out[rank] = value;
            }
            out
        }
        Self {
            couverture_candidats: back(&self.couverture_candidats, candidats),
            couverture_postes: back(&self.couverture_postes, postes),
            prix_candidats: back(&self.prix_candidats, candidats),
            prix_postes: back(&self.prix_postes, postes),
            ..self
        }
    }

    /// Members of the cover: no assignment fills more posts.
    pub fn pourvus_au_plus(&self) -> usize {
        let count = |flags: &[bool]| flags.iter().filter(|f| **f).count();
        count(&self.couverture_candidats) + count(&self.couverture_postes)
    }

    /// What the prices add up to, in units: no assignment that fills `pourvus` posts is shorter.
    pub fn distance_au_moins(&self, pourvus: usize) -> i128 {
        let sum = |prices: &[i64]| prices.iter().map(|&p| i128::from(p)).sum::<i128>();
        let vides = self.prix_postes.len().saturating_sub(pourvus) as i128;
        sum(&self.prix_postes) - vides * i128::from(self.plafond) - sum(&self.prix_candidats)
    }
}

/// Checks that the assignment is possible and that the certificate proves it the best.
///
/// # Errors
/// What does not hold.
pub fn verifie(
    probleme: &Probleme,
    affectations: &[Affectation],
    certificat: &Certificat,
) -> Result<(), Faute> {
    let candidats: Vec<Site> = probleme.candidats.iter().map(Site::candidat).collect();
    let postes: Vec<Site> = probleme.postes.iter().map(Site::poste).collect();
    let sizes = [certificat.couverture_candidats.len(), certificat.prix_candidats.len()];
    let sizes_p = [certificat.couverture_postes.len(), certificat.prix_postes.len()];
    if sizes != [candidats.len(); 2]
        || sizes_p != [postes.len(); 2]
        || certificat.unite_km.is_nan()
        || certificat.unite_km <= 0.0
    {
        return Err(Faute::Forme);
    }
    let unit = certificat.unite_km;
    let mut taken = vec![false; candidats.len()];
    let mut filled = vec![false; postes.len()];
    let mut distance = 0;
    for affectation in affectations {
        let (Some(candidat), Some(poste)) =
            (candidats.get(affectation.candidat), postes.get(affectation.poste))
        else {
            return Err(Faute::Forme);
        };
        if std::mem::replace(&mut taken[affectation.candidat], true)
            || std::mem::replace(&mut filled[affectation.poste], true)
        {
            return Err(Faute::Double);
        }
        let km = poste.meets(candidat).filter(|km| *km == affectation.km).ok_or(Faute::Paire)?;
        distance += i128::from(units(km, unit));
    }
    if certificat.pourvus_au_plus() != affectations.len() {
        return Err(Faute::Nombre);
    }
    let unfilled = filled.iter().zip(&certificat.prix_postes).filter(|(f, _)| !**f);
    if certificat.prix_candidats.iter().any(|&u| u < 0)
        || certificat.prix_postes.iter().any(|&v| v > certificat.plafond)
        || unfilled.into_iter().any(|(_, &v)| v != certificat.plafond)
    {
        return Err(Faute::Prix);
    }
    if certificat.distance_au_moins(affectations.len()) != distance {
        return Err(Faute::Total);
    }
    pairs(&candidats, &postes, certificat)
}

/// Looks at every pair that could break a bound. Of several at the same point, with the same reach
/// and day, the cheapest candidate and the dearest post stand for all.
fn pairs(candidats: &[Site], postes: &[Site], certificat: &Certificat) -> Result<(), Faute> {
    let unit = certificat.unite_km;
    let candidats =
        strictest(candidats, &certificat.couverture_candidats, &certificat.prix_candidats, i64::min);
    let postes = strictest(postes, &certificat.couverture_postes, &certificat.prix_postes, i64::max);
    let points: Vec<Point> = candidats.iter().map(|c| c.site.point).collect();
    let bande = Bande::new(&points);
    for poste in &postes {
        // A covered post can only break a price, with someone nearer than it is worth.
        let reach_km = if poste.covered { (poste.price as f64 + 1.0) * unit } else { f64::INFINITY };
        if reach_km < 0.0 {
            continue;
        }
        for c in bande.around(&poste.site.point, reach_km) {
            let candidat = &candidats[c];
            let slack = i128::from(poste.price) - i128::from(candidat.price);
            let open = !poste.covered && !candidat.covered;
            if slack <= 0 && !open {
                continue;
            }
            if let Some(km) = poste.site.meets(&candidat.site) {
                if open {
                    return Err(Faute::Couverture);
                }
                if i128::from(units(km, unit)) < slack {
                    return Err(Faute::Prix);
                }
            }
        }
    }
    Ok(())
}

/// What a proof says of one end of a pair.
struct End {
    site: Site,
    covered: bool,
    price: i64,
}

/// Ends that differ, each with the hardest that is said of those alike.
fn strictest(sites: &[Site], covered: &[bool], prices: &[i64], harder: fn(i64, i64) -> i64) -> Vec<End> {
    let mut ends: Vec<End> = Vec::new();
    let mut known = HashMap::new();
    for ((site, &covered), &price) in sites.iter().zip(covered).zip(prices) {
        let rank = *known.entry(site.identity()).or_insert(ends.len());
        match ends.get_mut(rank) {
            Some(end) => {
                end.covered &= covered;
                end.price = harder(end.price, price);
            }
            None => ends.push(End { site: *site, covered, price }),
        }
    }
    ends
}
