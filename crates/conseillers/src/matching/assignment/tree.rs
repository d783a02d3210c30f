//! k-d trees over the classes of candidates, which answer for a post, without looking at everyone:
//! who costs least, price and distance together.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::{Precision, Site};
use crate::sphere::{chord2_within, km_through};

const LEAF: usize = 8;
/// How much wider, as a share of a tree, days must be than space for a node to be halved by them:
/// most questions are about neighbours.
const DAYS: f64 = 4.0;

#[derive(Clone, Debug)]
struct Node {
    low: [f64; 3],
    high: [f64; 3],
    /// Squared chord of the farthest reach of its sites.
    reach2: f64,
    /// Smallest and largest key of its sites.
    key: i32,
    last_key: i32,
    /// Smallest price of its sites.
    price: i64,
    /// Its sites: a range of `Trees::order`.
    start: u32,
    end: u32,
    /// Its two halves, side by side; 0 for a leaf.
    halves: u32,
}

/// Candidates ordered in space, in one tree for each order of magnitude of their reach: those who
/// would go anywhere must not keep the others from being passed over.
#[derive(Debug)]
pub(super) struct Trees<'a> {
    sites: &'a [Site],
    prices: Vec<i64>,
    precision: Precision,
    roots: Vec<usize>,
    nodes: Vec<Node>,
    order: Vec<u32>,
}

impl<'a> Trees<'a> {
    pub(super) fn new(sites: &'a [Site], precision: Precision) -> Self {
        let mut by_reach: BTreeMap<i32, Vec<u32>> = BTreeMap::new();
        for (site, index) in sites.iter().zip(0..) {
            by_reach.entry(site.reach_km.max(1.0).log2().min(20.0) as i32).or_default().push(index);
        }
        let mut trees = Self {
            sites,
            prices: vec![0; sites.len()],
            precision,
            roots: Vec::new(),
            nodes: Vec::with_capacity(sites.len() / 2 + 1),
            order: Vec::with_capacity(sites.len()),
        };
        for group in by_reach.into_values() {
            let start = trees.order.len();
            trees.order.extend(group);
            let root = trees.nodes.len();
            let mut at = root;
            trees.roots.push(root);
            trees.push(start, trees.order.len());
            while at < trees.nodes.len() {
                trees.split(root, at);
                at += 1;
            }
        }
        trees
    }

    fn push(&mut self, start: usize, end: usize) {
        let mut node = Node {
            low: [f64::INFINITY; 3],
            high: [f64::NEG_INFINITY; 3],
            reach2: 0.0,
            key: i32::MAX,
            last_key: i32::MIN,
            price: 0,
            start: start as u32,
            end: end as u32,
            halves: 0,
        };
        for &index in &self.order[start..end] {
            let site = &self.sites[index as usize];
            for axis in 0..3 {
                node.low[axis] = node.low[axis].min(site.point.unit()[axis]);
                node.high[axis] = node.high[axis].max(site.point.unit()[axis]);
            }
            node.reach2 = node.reach2.max(chord2_within(site.reach_km));
            node.key = node.key.min(site.key);
            node.last_key = node.last_key.max(site.key);
        }
        self.nodes.push(node);
    }

    /// Halves a node of a tree along what is widest in it, space or days, as shares of the tree.
    fn split(&mut self, root: usize, at: usize) {
        let (tree, node) = (&self.nodes[root], &self.nodes[at]);
        let (start, end) = (node.start as usize, node.end as usize);
        if end - start <= LEAF {
            return;
        }
        let width = |node: &Node, axis: usize| node.high[axis] - node.low[axis];
        let days = |node: &Node| f64::from(node.last_key - node.key);
        let widest =
            |node: &Node| (0..3).max_by(|a, b| width(node, *a).total_cmp(&width(node, *b))).unwrap_or(0);
        let axis = widest(node);
        let by_day = days(node) * width(tree, widest(tree)) > DAYS * width(node, axis) * days(tree);
        let half = (end - start) / 2;
        let sites = self.sites;
        self.order[start..end].select_nth_unstable_by(half, |a, b| {
            let (left, right) = (&sites[*a as usize], &sites[*b as usize]);
            let order = if by_day {
                left.key.cmp(&right.key)
            } else {
                left.point.unit()[axis].total_cmp(&right.point.unit()[axis])
            };
            order.then(a.cmp(b))
        });
        self.nodes[at].halves = self.nodes.len() as u32;
        self.push(start, start + half);
        self.push(start + half, end);
    }

    /// Takes the price of each candidate, zero or more.
    pub(super) fn price(&mut self, prices: &[i64]) {
        self.prices.copy_from_slice(prices);
        // Halves come after their whole.
        for at in (0..self.nodes.len()).rev() {
            let node = &self.nodes[at];
            let halves = node.halves as usize;
            let least = if halves == 0 {
                let inside = &self.order[node.start as usize..node.end as usize];
                inside.iter().map(|&i| self.prices[i as usize]).min().unwrap_or(0)
            } else {
                self.nodes[halves].price.min(self.nodes[halves + 1].price)
            };
            self.nodes[at].price = least;
        }
    }

    /// What the sites of a node cost a post at least, if any may take it.
    fn least(&self, node: usize, poste: &Site) -> Option<i64> {
        let node = &self.nodes[node];
        if node.key > poste.limit {
            return None;
        }
        let chord2: f64 = (0..3)
            .map(|axis| {
                let x = poste.point.unit()[axis];
                (node.low[axis] - x).max(x - node.high[axis]).max(0.0).powi(2)
            })
            .sum();
        (chord2 <= node.reach2).then(|| self.straight(chord2) + node.price)
    }

    /// What nothing at that squared chord is nearer than: the straight line, which costs no
    /// trigonometry, less a step more than rounding can add.
    fn straight(&self, chord2: f64) -> i64 {
        (km_through(chord2) / self.precision.unit_km) as i64 - 1
    }

    /// At most `count` candidates whose distance and price together come to less than `worth`,
    /// the cheapest first, with their distances. Among equals, `salt` decides: posts of one
    /// place do not all ask for the same.
    pub(super) fn cheapest(&self, poste: &Site, worth: i64, count: usize, salt: u32) -> Vec<(u32, i64)> {
        // Boxes have an even tag, sites an odd one.
        let mut ahead: BinaryHeap<Reverse<(i64, u64, i64)>> = BinaryHeap::new();
        let mut found = Vec::new();
        for &root in &self.roots {
            if let Some(least) = self.least(root, poste).filter(|&l| l < worth) {
                ahead.push(Reverse((least, (root as u64) << 1, 0)));
            }
        }
        while let Some(Reverse((_, tag, distance))) = ahead.pop() {
            if tag & 1 == 1 {
                found.push(((tag as u32 >> 1) ^ salt, distance));
                if found.len() == count {
                    break;
                }
                continue;
            }
            let node = &self.nodes[(tag >> 1) as usize];
            if node.halves == 0 {
                for (site, distance) in self.inside(node, poste, worth) {
                    let cost = distance + self.prices[site as usize];
                    if cost < worth {
                        ahead.push(Reverse((cost, u64::from(site ^ salt) << 1 | 1, distance)));
                    }
                }
                continue;
            }
            for half in [node.halves as usize, node.halves as usize + 1] {
                if let Some(least) = self.least(half, poste).filter(|&l| l < worth) {
                    ahead.push(Reverse((least, (half as u64) << 1, 0)));
                }
            }
        }
        found
    }

    /// All candidates whose distance and price together are worth the post.
    pub(super) fn worth(&self, poste: &Site, worth: i64) -> Vec<u32> {
        let mut found = Vec::new();
        let mut ahead = self.roots.clone();
        while let Some(at) = ahead.pop() {
            if self.least(at, poste).is_none_or(|least| least > worth) {
                continue;
            }
            let node = &self.nodes[at];
            if node.halves == 0 {
                let fair = |(site, distance): &(u32, i64)| distance + self.prices[*site as usize] == worth;
                found.extend(self.inside(node, poste, worth).filter(fair).map(|(site, _)| site));
            } else {
                ahead.extend([node.halves as usize, node.halves as usize + 1]);
            }
        }
        found
    }

    /// The sites of a leaf that may take the post and could be worth it, with their distances.
    fn inside<'s>(
        &'s self,
        leaf: &Node,
        poste: &'s Site,
        worth: i64,
    ) -> impl Iterator<Item = (u32, i64)> + 's {
        self.order[leaf.start as usize..leaf.end as usize].iter().filter_map(move |&index| {
            let (site, price) = (&self.sites[index as usize], self.prices[index as usize]);
            if site.key > poste.limit
                || price > worth
                || self.straight(site.point.chord2(&poste.point)) + price > worth
            {
                return None;
            }
            Some((index, self.precision.units(poste.meets(site)?)))
        })
    }
}
