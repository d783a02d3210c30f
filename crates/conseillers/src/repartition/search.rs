//! Good attributions: filled one post after another where it serves most, then bettered by moving
//! posts. Everything it does is counted, so that the same problem stops at the same point on any
//! machine.

use std::collections::BinaryHeap;

use super::dual::Limits;
use super::flow::Flow;
use super::network::Reseau;

/// Pairs looked at before gains are no longer looked at again while posts are first granted.
const PATIENCE: u64 = 700_000_000;

/// An attribution being built.
#[derive(Debug)]
pub(super) struct Search<'a> {
    net: &'a Reseau,
    limits: &'a Limits,
    pub(super) flow: Flow<'a>,
    pub(super) posts: Vec<u32>,
    by_departement: Vec<u32>,
    total: u32,
    /// Requests by what one more post would serve at most: looked at again before it is believed.
    ahead: BinaryHeap<(i64, u32)>,
    known: Vec<i64>,
}

impl<'a> Search<'a> {
    pub(super) fn new(net: &'a Reseau, limits: &'a Limits, posts: Vec<u32>) -> Self {
        let flow = Flow::of(net, &posts);
        let mut by_departement = vec![0; net.least.len()];
        for (d, &count) in posts.iter().enumerate() {
            by_departement[net.departement[d] as usize] += count;
        }
        let total = posts.iter().sum();
        let demandes = posts.len();
        let mut search = Self {
            net,
            limits,
            flow,
            posts,
            by_departement,
            total,
            ahead: BinaryHeap::new(),
            known: vec![-1; demandes],
        };
        for d in 0..demandes {
            let around: i64 = net.around(d).iter().map(|&c| net.need[c as usize]).sum();
            search.expect(d, around.min(net.capacity));
        }
        search
    }

    fn expect(&mut self, demande: usize, gain: i64) {
        self.known[demande] = gain;
        if gain > 0 && self.posts[demande] < self.limits.high[demande] {
            self.ahead.push((gain, demande as u32));
        }
    }

    /// The request where one more post serves most, among those allowed, and how much.
    fn best(&mut self, allowed: impl Fn(usize) -> bool) -> Option<(i64, usize)> {
        let mut aside = Vec::new();
        let mut found = None;
        while let Some((gain, d)) = self.ahead.pop() {
            let demande = d as usize;
            if self.known[demande] != gain || self.posts[demande] >= self.limits.high[demande] {
                continue;
            }
            if !allowed(demande) {
                aside.push((gain, d));
                continue;
            }
            // Once patience is spent, what is known is believed.
            let now = if self.flow.work > PATIENCE { gain } else { self.flow.gain(demande).min(gain) };
            // Nearly as good as the next could be is good enough: moves come later.
            if self.ahead.peek().is_none_or(|&(next, _)| next - next / 10 <= now) {
                self.known[demande] = now;
                if now > 0 {
                    self.ahead.push((now, d));
                    found = Some((now, demande));
                }
                break;
            }
            self.expect(demande, now);
        }
        self.ahead.extend(aside);
        found
    }

    fn add(&mut self, demande: usize) {
        self.flow.grant(demande, 1);
        self.posts[demande] += 1;
        self.by_departement[self.net.departement[demande] as usize] += 1;
        self.total += 1;
        // The request stays ahead with what is known of it, which can only be too much.
        let known = self.known[demande];
        self.expect(demande, known);
    }

    fn remove(&mut self, demande: usize) -> i64 {
        self.posts[demande] -= 1;
        self.by_departement[self.net.departement[demande] as usize] -= 1;
        self.total -= 1;
        self.flow.withdraw(demande)
    }

    /// Grants posts, best first, until the envelope or the need is exhausted; minima come first.
    /// False when they cannot be met.
    pub(super) fn fill(&mut self) -> bool {
        for departement in 0..self.net.least.len() {
            while self.by_departement[departement] < self.net.least[departement] {
                let net = self.net;
                let inside = |d: usize| net.departement[d] as usize == departement;
                let free =
                    |s: &Self| (0..s.posts.len()).find(|&d| inside(d) && s.posts[d] < s.limits.high[d]);
                if self.total >= net.posts {
                    return false;
                }
                // Where no post serves anyone, the minimum is owed all the same.
                let Some(d) = self.best(inside).map(|(_, d)| d).or_else(|| free(self)) else { return false };
                self.add(d);
            }
        }
        while self.total < self.net.posts {
            let (net, full) = (self.net, self.net.full(&self.by_departement));
            let room = |d: usize| !full.get(net.departement[d] as usize).copied().unwrap_or(false);
            let Some((_, d)) = self.best(room) else { break };
            self.add(d);
        }
        true
    }

    /// Moves posts one at a time while that serves more, until nothing does or the work is spent.
    pub(super) fn better(&mut self, work: u64) {
        let end = self.flow.work.saturating_add(work);
        loop {
            // Posts by what they serve themselves: the least used first.
            let mut order: Vec<(i64, usize)> = (0..self.posts.len())
                .filter(|&d| self.posts[d] > self.limits.low[d])
                .map(|d| ((self.net.capacity - self.flow.spare[d]).max(0), d))
                .collect();
            order.sort_unstable();
            let mut moved = false;
            for (_, d) in order {
                if self.flow.work > end {
                    return;
                }
                moved |= self.posts[d] > self.limits.low[d] && self.relocate(d);
            }
            if !moved {
                return;
            }
        }
    }

    /// Moves one post of a request to where it serves more, if there is such a place.
    fn relocate(&mut self, demande: usize) -> bool {
        let net = self.net;
        let departement = net.departement[demande] as usize;
        let bound = self.by_departement[departement] <= net.least[departement];
        let served = self.flow.served;
        let trial = self.flow.begin();
        let loss = self.remove(demande);
        let full = net.full(&self.by_departement);
        let allowed = |d: usize| {
            let other = net.departement[d] as usize;
            d != demande && (!bound || other == departement) && !full.get(other).copied().unwrap_or(false)
        };
        let far = self.best(allowed);
        // Next to the post taken away, what is known of gains is too little.
        let mut near: Vec<u32> = net
            .around(demande)
            .iter()
            .filter(|&&c| self.flow.room[c as usize] > 0)
            .flat_map(|&c| net.asking(c as usize))
            .map(|&(d, _)| d)
            .collect();
        near.sort_unstable();
        near.dedup();
        let mut best = far;
        for d in near {
            let at = d as usize;
            if allowed(at) && self.posts[at] < self.limits.high[at] {
                let gain = self.flow.gain(at);
                if best.is_none_or(|(most, _)| gain > most) {
                    best = Some((gain, at));
                }
            }
        }
        if let Some((_, at)) = best.filter(|(gain, _)| *gain > loss) {
            self.add(at);
            if self.flow.served > served {
                self.flow.commit();
                // Gains around the place left have grown.
                for &c in net.around(demande) {
                    for &(d, _) in net.asking(c as usize) {
                        self.expect(d as usize, net.capacity);
                    }
                }
                return true;
            }
            self.posts[at] -= 1;
            self.by_departement[net.departement[at] as usize] -= 1;
            self.total -= 1;
        }
        self.flow.rollback(trial, true);
        self.posts[demande] += 1;
        self.by_departement[departement] += 1;
        self.total += 1;
        false
    }
}
