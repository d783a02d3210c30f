//! How much need a set of posts serves, each as well used as can be: a maximal flow, kept while
//! posts come and go.

use super::network::Reseau;

/// Posts granted so far, and who serves whom.
#[derive(Clone, Debug)]
pub(super) struct Flow<'a> {
    net: &'a Reseau,
    /// Need not served, of each commune.
    pub(super) room: Vec<i64>,
    /// Capacity not used, of each request.
    pub(super) spare: Vec<i64>,
    /// What each pair carries.
    pub(super) sent: Vec<i64>,
    pub(super) served: i64,
    /// Requests whose new posts would serve nothing more: none they can exchange with has room.
    closed: Vec<bool>,
    closing: Vec<u32>,
    undo: Vec<Change>,
    /// How many trials are open, one within another.
    trials: u32,
    /// Pairs looked at so far: what budgets are counted in.
    pub(super) work: u64,
    levels: Levels,
}

/// Where a trial began.
#[derive(Debug)]
pub(super) struct Trial {
    changes: usize,
    closing: usize,
}

#[derive(Clone, Copy, Debug)]
enum Change {
    Room(u32, i64),
    Spare(u32, i64),
    Sent(u32, i64),
}

/// Steps from the requests that have capacity left, one search after another: stamps tell what
/// belongs to the last, so that nothing is cleared between two.
#[derive(Clone, Debug, Default)]
struct Levels {
    stamp: u32,
    /// (stamp, level) of each request and each commune, and where each stands in its own pairs.
    demande: Vec<(u32, u32)>,
    commune: Vec<(u32, u32)>,
    next_pair: Vec<usize>,
    next_source: Vec<usize>,
    queue: Vec<u32>,
}

impl<'a> Flow<'a> {
    pub(super) fn new(net: &'a Reseau) -> Self {
        let demandes = net.most.len();
        Self {
            net,
            room: net.need.clone(),
            spare: vec![0; demandes],
            sent: vec![0; net.reach.len()],
            served: 0,
            closed: vec![false; demandes],
            closing: Vec::new(),
            undo: Vec::new(),
            trials: 0,
            work: 0,
            levels: Levels {
                demande: vec![(0, 0); demandes],
                commune: vec![(0, 0); net.need.len()],
                next_pair: vec![0; demandes],
                next_source: vec![0; net.need.len()],
                ..Levels::default()
            },
        }
    }

    /// The best use of these posts.
    pub(super) fn of(net: &'a Reseau, posts: &[u32]) -> Self {
        let mut flow = Self::new(net);
        let granted: Vec<u32> = (0..posts.len() as u32).filter(|&d| posts[d as usize] > 0).collect();
        for &d in &granted {
            flow.spare[d as usize] = net.capacity.saturating_mul(i64::from(posts[d as usize]));
            flow.push_straight(d as usize);
        }
        flow.push_around(&granted);
        flow
    }

    /// Adds posts to a request; gives what they serve more.
    pub(super) fn grant(&mut self, demande: usize, count: u32) -> i64 {
        let more = self.net.capacity.saturating_mul(i64::from(count));
        self.set_spare(demande, self.spare[demande].saturating_add(more));
        self.push(demande)
    }

    /// What one more post there would serve.
    pub(super) fn gain(&mut self, demande: usize) -> i64 {
        if self.closed[demande] {
            return 0;
        }
        let trial = self.begin();
        let gain = self.grant(demande, 1);
        self.rollback(trial, gain > 0);
        gain
    }

    /// From here on, changes can be taken back.
    pub(super) fn begin(&mut self) -> Trial {
        self.trials += 1;
        Trial { changes: self.undo.len(), closing: self.closing.len() }
    }

    /// Keeps the changes since [`Self::begin`].
    pub(super) fn commit(&mut self) {
        self.trials -= 1;
        if self.trials == 0 {
            self.undo.clear();
            self.closing.clear();
        }
    }

    /// Takes back the changes since [`Self::begin`]; what was found closed meanwhile may not be.
    pub(super) fn rollback(&mut self, trial: Trial, reopen: bool) {
        for change in self.undo.drain(trial.changes..).rev() {
            match change {
                Change::Room(c, old) => {
                    self.served += self.room[c as usize] - old;
                    self.room[c as usize] = old;
                }
                Change::Spare(d, old) => self.spare[d as usize] = old,
                Change::Sent(pair, old) => self.sent[pair as usize] = old,
            }
        }
        if reopen {
            for d in self.closing.drain(trial.closing..) {
                self.closed[d as usize] = false;
            }
        }
        self.commit();
    }

    /// Takes one post away; the others take over what they can. Gives the loss.
    pub(super) fn withdraw(&mut self, demande: usize) -> i64 {
        let before = self.served;
        let over = self.net.capacity - self.spare[demande];
        self.closed.fill(false);
        if over <= 0 {
            self.set_spare(demande, -over);
            return 0;
        }
        self.set_spare(demande, 0);
        let mut left = over;
        let mut freed = Vec::new();
        for pair in self.net.starts[demande]..self.net.starts[demande + 1] {
            let amount = self.sent[pair].min(left);
            if amount > 0 {
                let commune = self.net.reach[pair];
                self.set_sent(pair, self.sent[pair] - amount);
                self.set_room(commune as usize, self.room[commune as usize] + amount);
                freed.push(commune);
                left -= amount;
            }
        }
        // Posts near by that have capacity left; farther ones are found by the next full flow.
        let mut near: Vec<u32> = freed
            .iter()
            .flat_map(|&c| self.net.asking(c as usize))
            .map(|&(d, _)| d)
            .filter(|&d| self.spare[d as usize] > 0 && d as usize != demande)
            .collect();
        near.sort_unstable();
        near.dedup();
        for d in near {
            self.push(d as usize);
        }
        before - self.served
    }

    /// Takes one post away, every other post of the country taking over what it can.
    pub(super) fn withdraw_fully(&mut self, demande: usize) -> i64 {
        let before = self.served;
        self.withdraw(demande);
        for d in 0..self.spare.len() {
            if self.spare[d] > 0 {
                self.push(d);
            }
        }
        before - self.served
    }

    fn set_room(&mut self, commune: usize, value: i64) {
        let old = std::mem::replace(&mut self.room[commune], value);
        self.served += old - value;
        if self.trials > 0 {
            self.undo.push(Change::Room(commune as u32, old));
        }
    }

    fn set_spare(&mut self, demande: usize, value: i64) {
        let old = std::mem::replace(&mut self.spare[demande], value);
        if self.trials > 0 {
            self.undo.push(Change::Spare(demande as u32, old));
        }
    }

    fn set_sent(&mut self, pair: usize, value: i64) {
        let old = std::mem::replace(&mut self.sent[pair], value);
        if self.trials > 0 {
            self.undo.push(Change::Sent(pair as u32, old));
        }
    }

    /// Uses the spare capacity of a request as far as exchanges allow.
    fn push(&mut self, demande: usize) -> i64 {
        let before = self.served;
        self.push_straight(demande);
        self.push_around(&[demande as u32]);
        self.served - before
    }

    /// What a request can serve without any exchange.
    fn push_straight(&mut self, demande: usize) {
        for pair in self.net.starts[demande]..self.net.starts[demande + 1] {
            if self.spare[demande] == 0 {
                return;
            }
            let commune = self.net.reach[pair] as usize;
            self.work += 1;
            let amount = self.room[commune].min(self.spare[demande]);
            if amount > 0 {
                self.set_sent(pair, self.sent[pair] + amount);
                self.set_room(commune, self.room[commune] - amount);
                self.set_spare(demande, self.spare[demande] - amount);
            }
        }
    }

    /// What these requests can serve by exchanges: shortest ways first, all of one length at once
    /// (Dinic), until none is left.
    fn push_around(&mut self, demandes: &[u32]) {
        while self.spread(demandes) {
            for &d in demandes {
                if self.spare[d as usize] > 0 && self.levels.demande[d as usize] == (self.levels.stamp, 0) {
                    let spare = self.spare[d as usize];
                    let amount = self.pass(d as usize, spare);
                    self.set_spare(d as usize, self.spare[d as usize] - amount);
                }
            }
        }
    }

    /// Counts steps from these requests to the nearest communes with room. Finding none closes all
    /// it has seen, and says so.
    fn spread(&mut self, demandes: &[u32]) -> bool {
        let net = self.net;
        let levels = &mut self.levels;
        levels.stamp += 1;
        let stamp = levels.stamp;
        levels.queue.clear();
        for &d in demandes {
            let at = d as usize;
            if self.spare[at] > 0 && !self.closed[at] {
                levels.demande[at] = (stamp, 0);
                levels.next_pair[at] = net.starts[at];
                levels.queue.push(d);
            }
        }
        let mut last = u32::MAX;
        let mut next = 0;
        while next < levels.queue.len() {
            let d = levels.queue[next] as usize;
            next += 1;
            let level = levels.demande[d].1;
            if level >= last {
                break;
            }
            self.work += net.around(d).len() as u64;
            for &commune in net.around(d) {
                let commune = commune as usize;
                if levels.commune[commune].0 == stamp {
                    continue;
                }
                levels.commune[commune] = (stamp, level + 1);
                levels.next_source[commune] = net.sources[commune];
                if self.room[commune] > 0 {
                    last = level + 1;
                }
                if last != u32::MAX {
                    continue;
                }
                self.work += net.asking(commune).len() as u64;
                for &(other, pair) in net.asking(commune) {
                    let at = other as usize;
                    if levels.demande[at].0 != stamp && self.sent[pair as usize] > 0 && !self.closed[at] {
                        levels.demande[at] = (stamp, level + 2);
                        levels.next_pair[at] = net.starts[at];
                        levels.queue.push(other);
                    }
                }
            }
        }
        if last != u32::MAX {
            return true;
        }
        for &d in &levels.queue {
            self.closed[d as usize] = true;
        }
        if self.trials > 0 {
            self.closing.extend_from_slice(&levels.queue);
        }
        false
    }

    /// Lets a request serve up to `most` more, each exchange one level on; gives what it serves.
    fn pass(&mut self, demande: usize, most: i64) -> i64 {
        let net = self.net;
        let stamp = self.levels.stamp;
        let level = self.levels.demande[demande].1;
        let mut left = most;
        while self.levels.next_pair[demande] < net.starts[demande + 1] {
            let pair = self.levels.next_pair[demande];
            let commune = net.reach[pair] as usize;
            self.work += 1;
            if self.levels.commune[commune] == (stamp, level + 1) {
                let amount = self.room[commune].min(left);
                if amount > 0 {
                    self.set_room(commune, self.room[commune] - amount);
                    self.set_sent(pair, self.sent[pair] + amount);
                    left -= amount;
                }
                while left > 0 && self.levels.next_source[commune] < net.sources[commune + 1] {
                    self.work += 1;
                    let (other, theirs) = net.source[self.levels.next_source[commune]];
                    let held = self.sent[theirs as usize];
                    if held > 0 && self.levels.demande[other as usize] == (stamp, level + 2) {
                        let amount = self.pass(other as usize, left.min(held));
                        if amount > 0 {
                            self.set_sent(theirs as usize, self.sent[theirs as usize] - amount);
                            self.set_sent(pair, self.sent[pair] + amount);
                            left -= amount;
                        }
                        if left == 0 {
                            break;
                        }
                    }
                    self.levels.next_source[commune] += 1;
                }
                if left == 0 {
                    return most;
                }
            }
            self.levels.next_pair[demande] += 1;
        }
        most - left
    }

    /// Communes that no exchange can relieve: served in full, and only by posts whose every
    /// commune is too. Their side of a smallest cut.
    pub(super) fn tight(&self) -> Vec<bool> {
        let net = self.net;
        let mut tight = vec![false; net.need.len()];
        let mut seen: Vec<bool> = self.spare.iter().map(|&s| s > 0).collect();
        let mut queue: Vec<usize> = (0..seen.len()).filter(|&d| seen[d]).collect();
        while let Some(d) = queue.pop() {
            for &commune in net.around(d) {
                if std::mem::replace(&mut tight[commune as usize], true) {
                    continue;
                }
                for &(other, pair) in net.asking(commune as usize) {
                    if self.sent[pair as usize] > 0 && !std::mem::replace(&mut seen[other as usize], true) {
                        queue.push(other as usize);
                    }
                }
            }
        }
        tight
    }
}
