//! Candidates alike, and posts alike, taken together: people live in the same commune, are free
//! from the same day and go as far. A class is one node of the search, however many it holds.

use std::collections::HashMap;

use super::{Probleme, Site};

/// One side of the assignment. Members are ranks in the order of fairness, ascending; classes are
/// in the order of their first members, so that the order of the file cannot matter.
#[derive(Debug)]
pub(super) struct Classes {
    pub(super) sites: Vec<Site>,
    pub(super) members: Vec<Vec<u32>>,
}

impl Classes {
    fn of(sites: impl Iterator<Item = Site>) -> Self {
        let mut classes = Self { sites: Vec::new(), members: Vec::new() };
        let mut known: HashMap<_, usize> = HashMap::new();
        for (rank, site) in sites.enumerate() {
            let class = *known.entry(site.identity()).or_insert_with(|| {
                classes.sites.push(site);
                classes.members.push(Vec::new());
                classes.sites.len() - 1
            });
            classes.members[class].push(rank as u32);
        }
        classes
    }

    pub(super) fn len(&self) -> usize {
        self.sites.len()
    }

    /// How many each class holds.
    pub(super) fn sizes(&self) -> Vec<i64> {
        self.members.iter().map(|m| m.len() as i64).collect()
    }

    /// One value for each member from one for each class.
    pub(super) fn spread<T: Copy + Default>(&self, values: &[T]) -> Vec<T> {
        let mut out = vec![T::default(); self.members.iter().map(Vec::len).sum()];
        for (members, &value) in self.members.iter().zip(values) {
            for &member in members {
                out[member as usize] = value;
            }
        }
        out
    }
}

/// The classes of candidates and of posts, taken in the given orders. Days are replaced by their
/// order as far as they tell a candidate from another: free at any day between two first days of
/// posts, or on the second of the two, is the same.
pub(super) fn classes(probleme: &Probleme, candidats: &[usize], postes: &[usize]) -> (Classes, Classes) {
    let mut days: Vec<_> = probleme.postes.iter().filter_map(|p| p.debut_le).collect();
    days.sort_unstable();
    days.dedup();
    let free = |c: usize| {
        let day = probleme.candidats[c].disponible_le;
        day.map_or(0, |day| days.partition_point(|d| *d < day)) as i32
    };
    let mut frees: Vec<i32> = (0..probleme.candidats.len()).map(free).collect();
    frees.sort_unstable();
    frees.dedup();
    // The latest candidates a post can have; -1: none.
    let latest = |p: usize| {
        let day = probleme.postes[p].debut_le;
        let begins = day.map_or(days.len(), |day| days.partition_point(|d| *d < day)) as i32;
        frees[..frees.partition_point(|f| *f <= begins)].last().copied().unwrap_or(-1)
    };
    let candidats = candidats.iter().map(|&c| {
        let key = free(c);
        Site { key, limit: -key, ..Site::candidat(&probleme.candidats[c]) }
    });
    let postes = postes.iter().map(|&p| {
        let limit = latest(p);
        Site { key: -limit, limit, ..Site::poste(&probleme.postes[p]) }
    });
    (Classes::of(candidats), Classes::of(postes))
}
