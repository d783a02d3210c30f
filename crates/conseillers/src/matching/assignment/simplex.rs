//! The simplex method on a network: a tree of flows that is bettered one edge at a time.
//!
//! Candidates send what they hold to posts, at the cost of the distance, or to the root, for
//! nothing; the root sends to posts what no candidate does, at the price of an unfilled post. The
//! tree is kept strongly feasible (Cunningham): every edge without flow points to the root, so that
//! equal distances cannot make it turn in circles.

const NONE: u32 = u32::MAX;

/// A node of the tree and the edge that joins it to its parent.
#[derive(Clone, Copy, Debug)]
struct Node {
    parent: u32,
    edge: u32,
    /// Whether the edge goes from the node to its parent.
    up: bool,
    flow: i64,
    depth: u32,
    /// Its first child, and its neighbours among the children of its parent.
    first: u32,
    next: u32,
    previous: u32,
}

impl Node {
    const ALONE: Self = Self {
        parent: NONE,
        edge: NONE,
        up: true,
        flow: 0,
        depth: 0,
        first: NONE,
        next: NONE,
        previous: NONE,
    };
}

#[derive(Clone, Copy, Debug)]
struct Edge {
    from: u32,
    to: u32,
    cost: i64,
}

/// Candidates are nodes from 0, posts follow them, the root is last. The edges of the root are
/// first, one for each other node.
#[derive(Debug)]
pub(super) struct Simplex {
    candidats: usize,
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    /// What one more at each node is worth: no edge of the tree gains or loses.
    worth: Vec<i64>,
    cursor: usize,
}

impl Simplex {
    /// Everyone stays free, every post unfilled, at `unfilled` each.
    pub(super) fn new(candidats: &[i64], postes: &[i64], unfilled: i64) -> Self {
        let root = candidats.len() + postes.len();
        let mut simplex = Self {
            candidats: candidats.len(),
            nodes: Vec::with_capacity(root + 1),
            edges: Vec::with_capacity(root),
            worth: vec![0; candidats.len()],
            cursor: 0,
        };
        simplex.worth.resize(root, unfilled);
        simplex.worth.push(0);
        for (at, &flow) in candidats.iter().chain(postes).enumerate() {
            let (at, top, up) = (at as u32, root as u32, at < candidats.len());
            let (from, to, cost) = if up { (at, top, 0) } else { (top, at, unfilled) };
            simplex.edges.push(Edge { from, to, cost });
            simplex.nodes.push(Node { edge: at, up, flow, depth: 1, ..Node::ALONE });
        }
        simplex.nodes.push(Node::ALONE);
        for at in 0..root as u32 {
            simplex.hang(at, root as u32);
        }
        simplex
    }

    /// Makes one more pair possible.
    pub(super) fn allow(&mut self, candidat: u32, poste: u32, cost: i64) {
        self.edges.push(Edge { from: candidat, to: self.candidats as u32 + poste, cost });
    }

    /// What a candidate of each class costs besides the distance, what a post of each is worth.
    pub(super) fn prices(&self) -> (&[i64], &[i64]) {
        let (candidats, rest) = self.worth.split_at(self.candidats);
        (candidats, &rest[..rest.len() - 1])
    }

    /// How many of a class of candidates take posts of another: (candidats, postes, how many).
    pub(super) fn flows(&self) -> impl Iterator<Item = (u32, u32, i64)> {
        let roots = self.nodes.len() - 1;
        let pairs = self.nodes.iter().filter(move |n| n.flow > 0 && n.edge as usize >= roots);
        pairs.map(|n| {
            let edge = self.edges[n.edge as usize];
            (edge.from, edge.to - self.candidats as u32, n.flow)
        })
    }

    /// Betters the tree until no edge gains.
    pub(super) fn run(&mut self) {
        while let Some((edge, gain)) = self.entering() {
            if !self.enter(edge, gain) {
                return;
            }
        }
    }

    /// An edge that gains and how much, the best of the first block that has one.
    fn entering(&mut self) -> Option<(u32, i64)> {
        let count = self.edges.len();
        let block = (count as f64).sqrt() as usize + 20;
        let mut best = (0, 0);
        let (mut looked, mut left) = (0, block);
        while looked < count {
            let edge = self.edges[self.cursor];
            let gain = edge.cost + self.worth[edge.from as usize] - self.worth[edge.to as usize];
            if gain < best.1 {
                best = (self.cursor as u32, gain);
            }
            self.cursor = if self.cursor + 1 == count { 0 } else { self.cursor + 1 };
            looked += 1;
            left -= 1;
            if left == 0 {
                if best.1 < 0 {
                    return Some(best);
                }
                left = block;
            }
        }
        (best.1 < 0).then_some(best)
    }

    /// Sends all that can go round the circuit of an edge, which then takes the place in the tree of
    /// an edge that this empties: of several, the last along the circuit from its top, so that
    /// the tree stays strongly feasible. False if none is: distances, none of which is negative,
    /// leave no circuit that gains for ever.
    fn enter(&mut self, edge: u32, gain: i64) -> bool {
        let Edge { from, to, .. } = self.edges[edge as usize];
        let top = self.meeting(from, to);
        let (mut most, mut cut, mut cut_from) = (i64::MAX, NONE, true);
        let mut at = from;
        while at != top {
            let node = self.nodes[at as usize];
            if node.up && node.flow < most {
                (most, cut) = (node.flow, at);
            }
            at = node.parent;
        }
        at = to;
        while at != top {
            let node = self.nodes[at as usize];
            if !node.up && node.flow <= most {
                (most, cut, cut_from) = (node.flow, at, false);
            }
            at = node.parent;
        }
        if cut == NONE {
            return false;
        }
        if most > 0 {
            self.send(from, top, most, false);
            self.send(to, top, most, true);
        }
        let (low, high, change) = if cut_from { (from, to, -gain) } else { (to, from, gain) };
        self.graft(low, cut, high, edge, cut_from, most);
        self.revalue(low, change);
        true
    }

    /// Where the ways of two nodes to the root meet.
    fn meeting(&self, mut a: u32, mut b: u32) -> u32 {
        while a != b {
            let (left, right) = (self.nodes[a as usize], self.nodes[b as usize]);
            if left.depth >= right.depth {
                a = left.parent;
            }
            if right.depth >= left.depth {
                b = right.parent;
            }
        }
        a
    }

    /// Adds to what goes up from a node to one above it, or takes from it.
    fn send(&mut self, mut at: u32, top: u32, flow: i64, upwards: bool) {
        while at != top {
            let node = &mut self.nodes[at as usize];
            node.flow += if node.up == upwards { flow } else { -flow };
            at = node.parent;
        }
    }

    /// Cuts the edge above `cut`, and hangs what was below it at `high` by its node `low`.
    fn graft(&mut self, low: u32, cut: u32, high: u32, edge: u32, up: bool, flow: i64) {
        let (mut at, mut above, mut link) = (low, high, (edge, up, flow));
        loop {
            let node = self.nodes[at as usize];
            self.unhang(at);
            let own = &mut self.nodes[at as usize];
            (own.edge, own.up, own.flow) = link;
            self.hang(at, above);
            if at == cut {
                return;
            }
            link = (node.edge, !node.up, node.flow);
            above = at;
            at = node.parent;
        }
    }

    fn hang(&mut self, at: u32, parent: u32) {
        let next = std::mem::replace(&mut self.nodes[parent as usize].first, at);
        let node = &mut self.nodes[at as usize];
        (node.parent, node.next, node.previous) = (parent, next, NONE);
        if next != NONE {
            self.nodes[next as usize].previous = at;
        }
    }

    fn unhang(&mut self, at: u32) {
        let Node { parent, next, previous, .. } = self.nodes[at as usize];
        if next != NONE {
            self.nodes[next as usize].previous = previous;
        }
        if previous == NONE {
            self.nodes[parent as usize].first = next;
        } else {
            self.nodes[previous as usize].next = next;
        }
    }

    /// Adds to what every node from `top` downwards is worth, and counts their depths again.
    fn revalue(&mut self, top: u32, change: i64) {
        let mut at = top;
        loop {
            let node = self.nodes[at as usize];
            self.nodes[at as usize].depth = self.nodes[node.parent as usize].depth + 1;
            self.worth[at as usize] += change;
            if node.first != NONE {
                at = node.first;
                continue;
            }
            let mut up = at;
            loop {
                if up == top {
                    return;
                }
                let node = self.nodes[up as usize];
                if node.next != NONE {
                    at = node.next;
                    break;
                }
                up = node.parent;
            }
        }
    }
}
