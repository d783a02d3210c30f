//! The bound by prices, in floating point: fast, and only ever used to find good prices. What is
//! published is worked out again in whole numbers by `bound`.
//!
//! Each commune pays a price between 0 and 1 for each unit it is served; the requests then no
//! longer compete for communes, and the best posts are chosen by sorting. Any prices give a bound.

use super::network::Reseau;

/// Posts each request receives at least and at most: the whole problem, or a part of it.
#[derive(Clone, Debug)]
pub(super) struct Limits {
    pub(super) low: Vec<u32>,
    pub(super) high: Vec<u32>,
}

impl Limits {
    pub(super) fn whole(net: &Reseau) -> Self {
        Self { low: vec![0; net.most.len()], high: net.most.clone() }
    }
}

/// Chooses posts by what each brings: minima first, then the best that ceilings allow (which lie apart or one in the other:
/// no choice is better). Increments of one request do not
/// grow, so that counting is enough. `None` when the limits leave no choice.
pub(super) fn choose<T: Copy + PartialOrd + std::ops::AddAssign + Default>(
    net: &Reseau,
    limits: &Limits,
    increments: &mut [(T, u32)],
) -> Option<(T, Vec<u32>)> {
    let mut posts = limits.low.clone();
    let mut missing = net.least.clone();
    let mut left = net.posts;
    let mut caps = net.caps.clone();
    for (d, &count) in posts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let departement = net.departement[d] as usize;
        missing[departement] = missing[departement].saturating_sub(count);
        left = left.checked_sub(count)?;
        for &cap in &net.under[departement] {
            caps[cap as usize] = caps[cap as usize].checked_sub(count)?;
        }
    }
    increments.sort_unstable_by(|a, b| {
        b.0.partial_cmp(&a.0).unwrap_or(std::cmp::Ordering::Equal).then(a.1.cmp(&b.1))
    });
    let mut sum = T::default();
    let mut kept = vec![false; increments.len()];
    for (&(value, d), kept) in increments.iter().zip(&mut kept) {
        let departement = net.departement[d as usize] as usize;
        if missing[departement] > 0 {
            missing[departement] -= 1;
            left = left.checked_sub(1)?;
            for &cap in &net.under[departement] {
                caps[cap as usize] = caps[cap as usize].checked_sub(1)?;
            }
            posts[d as usize] += 1;
            sum += value;
            *kept = true;
        }
    }
    if missing.iter().any(|&m| m > 0) {
        return None;
    }
    for (&(value, d), _) in increments.iter().zip(&kept).filter(|(_, kept)| !**kept) {
        if left == 0 || value <= T::default() {
            break;
        }
        let under = &net.under[net.departement[d as usize] as usize];
        if under.iter().any(|&cap| caps[cap as usize] == 0) {
            continue;
        }
        under.iter().for_each(|&cap| caps[cap as usize] -= 1);
        left -= 1;
        posts[d as usize] += 1;
        sum += value;
    }
    Some((sum, posts))
}

/// The best prices found so far, and where they lead.
#[derive(Clone, Debug)]
pub(super) struct Priced {
    pub(super) value: f64,
    pub(super) prices: Vec<f64>,
    /// Average of the posts chosen on the way: fractions are doubts.
    pub(super) mean: Vec<f64>,
    /// Posts chosen at the best prices.
    pub(super) posts: Vec<u32>,
}

/// The machine that evaluates prices; it keeps communes sorted from one time to the next.
#[derive(Debug)]
pub(super) struct Dual<'a> {
    net: &'a Reseau,
    order: Vec<u32>,
    words: Vec<u64>,
    increments: Vec<(f64, u32)>,
    load: Vec<f64>,
}

impl<'a> Dual<'a> {
    pub(super) fn new(net: &'a Reseau) -> Self {
        Self {
            net,
            order: net.reach.clone(),
            words: Vec::new(),
            increments: Vec::new(),
            load: vec![0.0; net.need.len()],
        }
    }

    /// The bound at these prices and the posts that give it; `self.load` is then what they serve.
    fn evaluate(&mut self, prices: &[f64], limits: &Limits) -> Option<(f64, Vec<u32>)> {
        let net = self.net;
        let capacity = net.capacity as f64;
        let mut sum: f64 = prices.iter().zip(&net.need).map(|(p, &n)| p * n as f64).sum();
        self.increments.clear();
        for d in 0..net.most.len() {
            let (low, high) = (limits.low[d], limits.high[d]);
            if high == 0 {
                continue;
            }
            let around = &mut self.order[net.starts[d]..net.starts[d + 1]];
            // Price and commune in one word: sorting words is quick, and rounding a price to sort
            // by it can do no harm here.
            self.words.clear();
            self.words.extend(
                around
                    .iter()
                    .map(|&c| (u64::from((prices[c as usize] as f32).to_bits()) << 32) | u64::from(c)),
            );
            self.words.sort_unstable();
            for (place, word) in around.iter_mut().zip(&self.words) {
                *place = (word & 0xFFFF_FFFF) as u32;
            }
            let mut communes = around.iter().map(|&c| c as usize);
            let (mut left, mut worth) = (0.0, 0.0);
            for post in 0..high {
                let (mut room, mut value) = (capacity, 0.0);
                while room > 0.0 {
                    if left <= 0.0 {
                        let Some(c) = communes.next() else { break };
                        left = net.need[c] as f64;
                        worth = 1.0 - prices[c];
                    }
                    let amount = f64::min(left, room);
                    left -= amount;
                    room -= amount;
                    value += amount * worth;
                }
                if post < low {
                    sum += value;
                } else {
                    self.increments.push((value, d as u32));
                }
            }
        }
        let (chosen, posts) = choose(net, limits, &mut self.increments)?;
        self.load.fill(0.0);
        for (d, &count) in posts.iter().enumerate().filter(|(_, c)| **c > 0) {
            let mut room = capacity * f64::from(count);
            for &c in &self.order[net.starts[d]..net.starts[d + 1]] {
                let amount = room.min(net.need[c as usize] as f64);
                self.load[c as usize] += amount;
                room -= amount;
                if room <= 0.0 || prices[c as usize] >= 1.0 {
                    break;
                }
            }
        }
        Some((sum + chosen, posts))
    }

    /// Lowers the bound by moving prices against what is over-served (subgradient with Polyak's
    /// step), stopping early below `target`. `None` when the limits leave no choice.
    pub(super) fn improve(
        &mut self,
        start: &[f64],
        limits: &Limits,
        target: f64,
        rounds: usize,
    ) -> Option<Priced> {
        let mut prices = start.to_vec();
        let (value, posts) = self.evaluate(&prices, limits)?;
        let mean = posts.iter().map(|&p| f64::from(p)).collect();
        let mut best = Priced { value, prices: prices.clone(), mean, posts };
        let (mut pace, mut stuck) = (1.0, 0);
        let mut direction = vec![0.0; prices.len()];
        let mut last = value;
        for _ in 0..rounds {
            let mut norm = 0.0;
            for (c, way) in direction.iter_mut().enumerate() {
                // As a share of the need, so that small communes move as much as large ones.
                let need = self.net.need[c] as f64;
                let slope = if need > 0.0 { 1.0 - self.load[c] / need } else { 0.0 };
                *way = 0.75 * slope + 0.25 * *way;
                let out = (*way > 0.0 && prices[c] <= 0.0) || (*way < 0.0 && prices[c] >= 1.0);
                if !out {
                    norm += *way * *way * need;
                }
            }
            let gap = (last - target).max(last.abs() * 1e-7);
            if norm <= 0.0 || best.value <= target {
                break;
            }
            let step = pace * gap / norm;
            for (price, way) in prices.iter_mut().zip(&direction) {
                *price = (*price - step * way).clamp(0.0, 1.0);
            }
            let (value, posts) = self.evaluate(&prices, limits)?;
            last = value;
            for (mean, &count) in best.mean.iter_mut().zip(&posts) {
                *mean += 0.1 * (f64::from(count) - *mean);
            }
            if value < best.value {
                stuck = if value < best.value * (1.0 - 1e-6) { 0 } else { stuck + 1 };
                best.value = value;
                best.prices.copy_from_slice(&prices);
                best.posts = posts;
            } else {
                stuck += 1;
            }
            if stuck >= 20 {
                stuck = 0;
                pace *= 0.7;
                if pace < 1e-3 {
                    break;
                }
                prices.copy_from_slice(&best.prices);
                direction.fill(0.0);
                last = self.evaluate(&prices, limits)?.0;
            }
        }
        Some(best)
    }
}
