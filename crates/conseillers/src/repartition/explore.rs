//! Small problems to the end: choices are split in two until the bound of each part says that
//! nothing better is in it.

use super::bound::{Prix, exact};
use super::dual::{Dual, Limits};
use super::flow::Flow;
use super::network::Reseau;
use super::search::Search;

/// What the exploration found.
#[derive(Debug)]
pub(super) struct Explored {
    pub(super) posts: Vec<u32>,
    pub(super) served: i64,
    /// No attribution serves more, in units.
    pub(super) bound: i64,
}

struct Part {
    limits: Limits,
    prices: Vec<f64>,
    bound: i64,
}

/// Explores from a known attribution and prices, as long as `work` pairs allow.
pub(super) fn explore(
    net: &Reseau,
    dual: &mut Dual<'_>,
    mut best: Explored,
    prices: &[f64],
    mut work: i64,
) -> Explored {
    const ROUNDS: usize = 60;
    let cost = (net.reach.len() + net.need.len()) as i64 + 50;
    // A problem of which too few parts could be looked at gains nothing.
    if work < cost * (ROUNDS * 100) as i64 {
        return best;
    }
    let mut open = vec![Part { limits: Limits::whole(net), prices: prices.to_vec(), bound: best.bound }];
    // A part that could better what is known by less than a ten-millionth is put aside; the bound
    // owns up to it.
    let mut aside = 0;
    let close = |served: i64| served + served / 10_000_000;
    while let Some(part) = open.pop() {
        if part.bound <= close(best.served) {
            aside = aside.max(part.bound);
            continue;
        }
        if work <= 0 {
            // What was not looked at may still hold its bound.
            let left = open.iter().map(|p| p.bound).fold(part.bound, i64::max);
            best.bound = best.bound.min(left.max(aside).max(best.served));
            return best;
        }
        let Some(priced) = dual.improve(&part.prices, &part.limits, best.served as f64, ROUNDS) else {
            continue;
        };
        work -= cost * ROUNDS as i64;
        let Some(bound) = exact(net, &part.limits, &Prix::rounded(&priced.prices)) else { continue };
        let bound = bound.min(part.bound);
        let mut search = Search::new(net, &part.limits, priced.posts.clone());
        if search.fill() {
            search.better((cost * 20) as u64);
            work -= search.flow.work as i64;
            let served = Flow::of(net, &search.posts).served;
            if served > best.served {
                best.served = served;
                best.posts = search.posts;
            }
        }
        if bound <= close(best.served) {
            aside = aside.max(bound);
            continue;
        }
        let Some(at) = doubtful(&part.limits, &priced.mean) else {
            // Nothing left to choose: what these posts serve is known exactly.
            let served = Flow::of(net, &part.limits.low).served;
            if served > best.served {
                best.served = served;
                best.posts = part.limits.low;
            }
            continue;
        };
        let (low, high) = (part.limits.low[at], part.limits.high[at]);
        let middle = (priced.mean[at].floor() as u32).clamp(low, high - 1);
        let mut fewer = part.limits.clone();
        fewer.high[at] = middle;
        let mut more = part.limits;
        more.low[at] = middle + 1;
        // The likelier side is looked at first: it is put last.
        let likely = priced.mean[at] - f64::from(middle) > 0.5;
        let sides = if likely { [fewer, more] } else { [more, fewer] };
        open.extend(sides.map(|limits| Part { limits, prices: priced.prices.clone(), bound }));
    }
    best.bound = best.bound.min(best.served.max(aside));
    best
}

/// The request whose number of posts is least settled.
fn doubtful(limits: &Limits, mean: &[f64]) -> Option<usize> {
    let doubt = |d: usize| (mean[d] - mean[d].round()).abs();
    (0..mean.len())
        .filter(|&d| limits.low[d] < limits.high[d])
        .max_by(|&a, &b| doubt(a).total_cmp(&doubt(b)).then(b.cmp(&a)))
}
