//! A k-d tree over the sites of one side that answers two questions without looking at everyone:
//! the next nearest site that may meet this one, and any such site not yet taken away.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{Precision, Site};
use crate::sphere::{chord2_within, km_at_least};

const LEAF: usize = 8;
const ROOT: usize = 0;

#[derive(Clone, Debug)]
struct Node {
    low: [f64; 3],
    high: [f64; 3],
    /// Squared chord of the farthest reach of its sites.
    reach2: f64,
    /// Smallest key of its sites.
    key: i32,
    /// Its sites: a range of `Tree::order`.
    start: u32,
    end: u32,
    /// Its two halves, side by side; 0 for a leaf.
    halves: u32,
    parent: u32,
}

/// Sites of one side, ordered in space.
#[derive(Clone, Debug)]
pub(super) struct Tree<'a> {
    pub(super) sites: &'a [Site],
    nodes: Vec<Node>,
    order: Vec<u32>,
    leaf_of: Vec<u32>,
    reach2: Vec<f64>,
}

impl<'a> Tree<'a> {
    pub(super) fn new(sites: &'a [Site]) -> Self {
        let mut tree = Self {
            sites,
            nodes: Vec::with_capacity(sites.len() / 2 + 1),
            order: (0..sites.len() as u32).collect(),
            leaf_of: vec![0; sites.len()],
            reach2: sites.iter().map(|s| chord2_within(s.reach_km)).collect(),
        };
        tree.push(0, sites.len(), 0);
        let mut at = 0;
        while at < tree.nodes.len() {
            tree.split(at);
            at += 1;
        }
        tree
    }

    fn push(&mut self, start: usize, end: usize, parent: usize) {
        let mut node = Node {
            low: [f64::INFINITY; 3],
            high: [f64::NEG_INFINITY; 3],
            reach2: 0.0,
            key: i32::MAX,
            start: start as u32,
            end: end as u32,
            halves: 0,
            parent: parent as u32,
        };
        for &index in &self.order[start..end] {
            let site = &self.sites[index as usize];
            for axis in 0..3 {
                node.low[axis] = node.low[axis].min(site.point.unit()[axis]);
                node.high[axis] = node.high[axis].max(site.point.unit()[axis]);
            }
            node.reach2 = node.reach2.max(self.reach2[index as usize]);
            node.key = node.key.min(site.key);
        }
        self.nodes.push(node);
    }

    fn split(&mut self, at: usize) {
        let node = &self.nodes[at];
        let (start, end) = (node.start as usize, node.end as usize);
        if end - start <= LEAF {
            for &index in &self.order[start..end] {
                self.leaf_of[index as usize] = at as u32;
            }
            return;
        }
        let width = |axis: usize| node.high[axis] - node.low[axis];
        let axis = (0..3).max_by(|a, b| width(*a).total_cmp(&width(*b))).unwrap_or(0);
        let half = (end - start) / 2;
        let sites = self.sites;
        self.order[start..end].select_nth_unstable_by(half, |a, b| {
            let at = |i: u32| sites[i as usize].point.unit()[axis];
            at(*a).total_cmp(&at(*b)).then(a.cmp(b))
        });
        self.nodes[at].halves = self.nodes.len() as u32;
        self.push(start, start + half, at);
        self.push(start + half, end, at);
    }

    /// Squared chord from a site to the box of a node, if the node may hold something for it.
    fn reached(&self, node: usize, site: &Site, reach2: f64) -> Option<f64> {
        let node = &self.nodes[node];
        if node.key > site.limit || node.start == node.end {
            return None;
        }
        let chord2: f64 = (0..3)
            .map(|axis| {
                let x = site.point.unit()[axis];
                (node.low[axis] - x).max(x - node.high[axis]).max(0.0).powi(2)
            })
            .sum();
        (chord2 <= reach2.min(node.reach2)).then_some(chord2)
    }
}

/// The sites that one site may meet, nearest first, found as far as they are asked for.
#[derive(Debug, Default)]
pub(super) struct Nearest {
    /// Boxes to open and sites found, by cost; boxes (even) before sites (odd) of the same cost.
    heap: BinaryHeap<Reverse<(i64, u64)>>,
    found: Vec<(i64, u32)>,
    begun: bool,
}

impl Nearest {
    /// The `rank`-th nearest site that is open and may meet `site`, with its cost.
    pub(super) fn get(
        &mut self,
        rank: usize,
        site: &Site,
        tree: &Tree<'_>,
        open: &[bool],
        precision: Precision,
    ) -> Option<(i64, u32)> {
        if !self.begun {
            self.begun = true;
            self.heap.push(Reverse((0, (ROOT as u64) << 1)));
        }
        while self.found.len() <= rank {
            let Reverse((cost, tag)) = self.heap.pop()?;
            let index = (tag >> 1) as usize;
            if tag & 1 == 1 {
                self.found.push((cost, index as u32));
            } else {
                self.open_box(index, site, tree, open, precision);
            }
        }
        Some(self.found[rank])
    }

    fn open_box(&mut self, at: usize, site: &Site, tree: &Tree<'_>, open: &[bool], precision: Precision) {
        let node = &tree.nodes[at];
        if node.halves == 0 {
            for &index in &tree.order[node.start as usize..node.end as usize] {
                if open[index as usize]
                    && let Some(km) = site.meets(&tree.sites[index as usize])
                {
                    self.heap.push(Reverse((precision.units(km), (u64::from(index) << 1) | 1)));
                }
            }
            return;
        }
        let reach2 = chord2_within(site.reach_km);
        for half in [node.halves as usize, node.halves as usize + 1] {
            if let Some(chord2) = tree.reached(half, site, reach2) {
                // Rounded down by one more step than a site's cost can be.
                let cost = precision.units(km_at_least(chord2)) - 1;
                self.heap.push(Reverse((cost, (half as u64) << 1)));
            }
        }
    }
}

/// A tree whose sites are taken away one by one.
#[derive(Debug)]
pub(super) struct Taking<'t, 'a> {
    tree: &'t Tree<'a>,
    left: Vec<u32>,
    here: Vec<bool>,
}

impl<'t, 'a> Taking<'t, 'a> {
    pub(super) fn new(tree: &'t Tree<'a>) -> Self {
        let left = tree.nodes.iter().map(|n| n.end - n.start).collect();
        Self { tree, left, here: vec![true; tree.sites.len()] }
    }

    /// Takes away a site that this one may meet, if one is left.
    pub(super) fn take(&mut self, site: &Site) -> Option<u32> {
        let reach2 = chord2_within(site.reach_km);
        let mut stack = vec![ROOT];
        while let Some(at) = stack.pop() {
            if self.left[at] == 0 || self.tree.reached(at, site, reach2).is_none() {
                continue;
            }
            let node = &self.tree.nodes[at];
            if node.halves != 0 {
                stack.extend([node.halves as usize, node.halves as usize + 1]);
                continue;
            }
            for &index in &self.tree.order[node.start as usize..node.end as usize] {
                if self.here[index as usize] && site.meets(&self.tree.sites[index as usize]).is_some() {
                    self.remove(index);
                    return Some(index);
                }
            }
        }
        None
    }

    fn remove(&mut self, index: u32) {
        self.here[index as usize] = false;
        let mut at = self.tree.leaf_of[index as usize] as usize;
        loop {
            self.left[at] -= 1;
            if at == ROOT {
                return;
            }
            at = self.tree.nodes[at].parent as usize;
        }
    }
}
