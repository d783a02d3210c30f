//! The bound that is published, in whole numbers, and the check of a proposal. Nothing here is
//! shared with the search but the problem made ready.

use super::alike::Alike;
use super::dual::{Limits, choose};
use super::network::Reseau;
use super::{Probleme, Solution};
use crate::entree::Refus;
use crate::sphere::Point;

/// Prices are whole numbers of this fraction.
const SCALE: i64 = 1 << 20;

/// A price for each commune, from 0 to 2²⁰ (which stands for 1): what proves a bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prix(pub Vec<i64>);

impl Prix {
    pub(super) fn rounded(prices: &[f64]) -> Self {
        Self(prices.iter().map(|p| ((p * SCALE as f64).round() as i64).clamp(0, SCALE)).collect())
    }
}

/// The most that can be served if each commune pays its price, in units; exact. `None` when the
/// limits leave no choice.
pub(super) fn exact(net: &Reseau, limits: &Limits, prix: &Prix) -> Option<i64> {
    let price = |c: usize| prix.0[c].clamp(0, SCALE);
    let mut sum: i128 = (0..net.need.len()).map(|c| i128::from(price(c)) * i128::from(net.need[c])).sum();
    let mut increments: Vec<(i128, u32)> = Vec::new();
    for d in 0..net.most.len() {
        let mut around: Vec<usize> = net.around(d).iter().map(|&c| c as usize).collect();
        around.sort_by_key(|&c| price(c));
        // Worth of the first posts together, one post after another.
        let mut before = 0;
        for post in 1..=limits.high[d] {
            let mut room = i128::from(net.capacity) * i128::from(post);
            let mut worth = 0;
            for &c in &around {
                let amount = room.min(i128::from(net.need[c]));
                worth += amount * i128::from(SCALE - price(c));
                room -= amount;
                if room == 0 {
                    break;
                }
            }
            if post <= limits.low[d] {
                sum += worth - before;
            } else {
                increments.push((worth - before, d as u32));
            }
            before = worth;
        }
    }
    let (chosen, _) = choose(net, limits, &mut increments)?;
    // What is served by any choice of posts is a whole number of units: the fraction is not.
    i64::try_from((sum + chosen).div_euclid(i128::from(SCALE))).ok()
}

/// The bound that prices prove: no attribution serves more.
///
/// # Errors
/// When the problem itself is refused, or the prices are not one for each commune.
pub fn borne(probleme: &Probleme, prix: &Prix) -> Result<f64, Refus> {
    if prix.0.len() != probleme.communes.len() {
        return Err(Refus("il faut un prix pour chaque commune.".to_owned()));
    }
    if let Some(alike) = Alike::of(probleme)
        && let Some(prix) = alike.price(prix)
    {
        return borne(&alike.probleme, &prix);
    }
    let net = Reseau::new(probleme)?;
    let units = exact(&net, &Limits::whole(&net), prix)
        .ok_or_else(|| Refus("les minima ne peuvent être tenus.".to_owned()))?;
    Ok(net.measure_bound(units))
}

/// Checks a proposal: the rules hold, and the flow `sent` (in units, for each pair) serves what is
/// said within reach, needs and capacities.
pub(super) fn holds(probleme: &Probleme, net: &Reseau, posts: &[u32], sent: &[i64], served: i64) -> bool {
    let mut by_departement = vec![0u64; net.least.len()];
    let mut by_commune = vec![0i64; net.need.len()];
    let mut total = 0u64;
    for (d, &count) in posts.iter().enumerate() {
        let demande = &probleme.demandes[d];
        let most = demande.postes.min(probleme.maximum_par_demande.unwrap_or(u64::MAX));
        let here = Point::new(demande.position);
        let mut used = 0;
        let pairs = net.starts[d]..net.starts[d + 1];
        for (&commune, &amount) in net.reach[pairs.clone()].iter().zip(&sent[pairs]) {
            let commune = commune as usize;
            let within = || here.km(&Point::new(probleme.communes[commune].position)) <= probleme.rayon_km;
            if amount < 0 || (amount > 0 && !within()) {
                return false;
            }
            used += amount;
            by_commune[commune] += amount;
        }
        if u64::from(count) > most || i128::from(used) > i128::from(net.capacity) * i128::from(count) {
            return false;
        }
        total += u64::from(count);
        by_departement[net.departement[d] as usize] += u64::from(count);
    }
    let under_ceilings = net.caps.iter().enumerate().all(|(cap, &most)| {
        let inside = net.under.iter().zip(&by_departement).filter(|(u, _)| u.contains(&(cap as u32)));
        inside.map(|(_, &sum)| sum).sum::<u64>() <= u64::from(most)
    });
    under_ceilings
        && total <= probleme.postes_a_attribuer
        && by_departement.iter().zip(&net.least).all(|(&sum, &least)| sum >= u64::from(least))
        && by_commune.iter().zip(&net.need).all(|(served, need)| served <= need)
        && by_commune.iter().sum::<i64>() == served
}

/// Checks a solution from the outside: the rules hold, what is served is what these posts serve at
/// best, and the prices prove the bound (unless it was proven by exploration).
///
/// # Errors
/// One sentence that says what does not hold.
pub fn verifie(probleme: &Probleme, solution: &Solution) -> Result<(), Refus> {
    let wrong = |what: &str| Refus(format!("la proposition ne tient pas : {what}."));
    if let Some(alike) = Alike::of(probleme) {
        let solution = alike.gather(solution).ok_or_else(|| wrong("une règle n’est pas respectée"))?;
        return verifie(&alike.probleme, &solution);
    }
    let net = Reseau::new(probleme)?;
    let mut posts = vec![0; probleme.demandes.len()];
    for &(d, count) in &solution.attributions {
        *posts.get_mut(d).ok_or_else(|| wrong("une demande n’existe pas"))? =
            u32::try_from(count).map_err(|_| wrong("trop de postes"))?;
    }
    let flow = super::flow::Flow::of(&net, &posts);
    if !holds(probleme, &net, &posts, &flow.sent, flow.served) {
        return Err(wrong("une règle n’est pas respectée"));
    }
    if net.measure(flow.served) != solution.besoin_servi {
        return Err(wrong("le besoin servi n’est pas celui-là"));
    }
    if solution.besoin_servi > solution.borne {
        return Err(wrong("la borne est dépassée"));
    }
    if !solution.explore && borne(probleme, &solution.prix)? > solution.borne {
        return Err(wrong("les prix ne prouvent pas la borne"));
    }
    Ok(())
}
