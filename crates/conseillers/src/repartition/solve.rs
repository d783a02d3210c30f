//! From a problem to a proposal and its bound.

use super::alike::Alike;
use super::bound::{Prix, exact, holds};
use super::dual::{Dual, Limits, choose};
use super::explore::{Explored, explore};
use super::flow::Flow;
use super::network::Reseau;
use super::search::Search;
use super::{Probleme, Solution};
use crate::entree::Refus;

/// Pairs looked at while prices are sought, posts moved (each time), parts explored, and how many
/// times the first two take turns: with them, a national problem takes some seconds.
const PHASES: usize = 3;
const PRICING: usize = 70_000_000;
const MOVING: u64 = 150_000_000;
const EXPLORING: i64 = 250_000_000;

/// Proposes which requests to grant, and bounds what any other proposal could serve.
///
/// # Errors
/// One French sentence when the rules contradict each other or the problem is too large.
pub fn resout(probleme: &Probleme) -> Result<Solution, Refus> {
    match Alike::of(probleme) {
        Some(alike) => Ok(alike.spread(probleme, distinct(&alike.probleme)?)),
        None => distinct(probleme),
    }
}

/// The same, each commune and each request by itself.
pub(super) fn distinct(probleme: &Probleme) -> Result<Solution, Refus> {
    let net = Reseau::new(probleme)?;
    let limits = Limits::whole(&net);
    let impossible = || Refus("les minima par département ne peuvent être tenus ensemble.".to_owned());

    // A first attribution, and the prices its smallest cut suggests.
    let mut first = Search::new(&net, &limits, limits.low.clone());
    if !first.fill() {
        return Err(impossible());
    }
    let mut best = Explored { served: first.flow.served, posts: first.posts.clone(), bound: i64::MAX };
    let cut =
        |flow: &Flow<'_>| flow.tight().into_iter().map(|t| f64::from(u8::from(t))).collect::<Vec<f64>>();
    let everything = Flow::of(&net, &net.most);
    let starts = [cut(&first.flow), cut(&everything), vec![0.0; net.need.len()]];
    drop((first, everything));

    let mut dual = Dual::new(&net);
    let mut proof = Prix(vec![0; net.need.len()]);
    let mut bound = i64::MAX;
    let mut start = starts[0].clone();
    for prices in starts {
        let prix = Prix::rounded(&prices);
        let found = exact(&net, &limits, &prix).ok_or_else(impossible)?;
        if found < bound {
            (bound, proof, start) = (found, prix, prices);
        }
    }
    start = start.iter().map(|p| 0.25 + 0.5 * p).collect();
    let rounds = (PRICING / (net.reach.len() + net.need.len() + 1)).clamp(30, 600);
    for _ in 0..PHASES {
        if close(best.served, bound) {
            break;
        }
        let priced = dual.improve(&start, &limits, best.served as f64, rounds).ok_or_else(impossible)?;
        let prix = Prix::rounded(&priced.prices);
        let found = exact(&net, &limits, &prix).ok_or_else(impossible)?;
        if found < bound {
            (bound, proof) = (found, prix);
        }
        for posts in [best.posts.clone(), priced.posts.clone(), rounded(&net, &limits, &priced.mean)] {
            if !close(best.served, bound) {
                let mut search = Search::new(&net, &limits, posts);
                search.fill();
                search.better(MOVING);
                keep(&mut best, &search);
            }
        }
        start = priced.prices;
    }
    best.bound = bound;
    let mut explored = false;
    if best.served < bound {
        best = explore(&net, &mut dual, best, &start, EXPLORING);
        explored = best.bound < bound;
    }
    conclude(probleme, &net, best, proof, explored)
}

/// The whole attribution nearest to an average of many.
fn rounded(net: &Reseau, limits: &Limits, mean: &[f64]) -> Vec<u32> {
    let mut shares: Vec<(f64, u32)> = Vec::new();
    for (d, &count) in mean.iter().enumerate() {
        shares.extend((0..limits.high[d]).map(|post| (count - f64::from(post), d as u32)));
    }
    choose(net, limits, &mut shares).map_or_else(|| limits.low.clone(), |(_, posts)| posts)
}

/// Whether so little is left to gain that a large problem is done: small ones are explored.
fn close(served: i64, bound: i64) -> bool {
    bound - served <= bound / 5_000
}

fn keep(best: &mut Explored, search: &Search<'_>) {
    if search.flow.served > best.served {
        best.served = search.flow.served;
        best.posts.clone_from(&search.posts);
    }
}

/// Counts again from nothing what the posts serve, checks every rule, and writes the solution.
fn conclude(
    probleme: &Probleme,
    net: &Reseau,
    best: Explored,
    prix: Prix,
    explore: bool,
) -> Result<Solution, Refus> {
    let flow = Flow::of(net, &best.posts);
    if !holds(probleme, net, &best.posts, &flow.sent, flow.served) || flow.served > best.bound {
        return Err(Refus(
            "la proposition trouvée ne respecte pas les règles : défaut du programme, à signaler.".to_owned(),
        ));
    }
    let mut attributions: Vec<(usize, u64)> =
        best.posts.iter().enumerate().filter(|(_, c)| **c > 0).map(|(d, &c)| (d, u64::from(c))).collect();
    attributions.sort_by(|a, b| probleme.demandes[a.0].id.cmp(&probleme.demandes[b.0].id));
    Ok(Solution {
        attributions,
        besoin_servi: net.measure(flow.served),
        borne: net.measure_bound(best.bound),
        prix,
        explore,
        minimum_reduit: net.short.clone(),
    })
}
