//! Among assignments equally full and equally near, the fair one: whoever comes first in the order
//! is taken rather than whoever comes later.
//!
//! The sets of people used by the optimal assignments are the bases of a matroid: taking people in
//! order, each who can replace someone later, gives the first of these sets. Whoever cannot be
//! brought in closes the part of the country that was searched, for good.

use std::collections::VecDeque;

const NOBODY: u32 = u32::MAX;

/// Exchanges members of equal merit of one side (columns), seen from the other (rows), until those
/// taken are first in order; gives what each row then has.
///
/// `members` are their ranks in each column, ascending, of which the first are taken; `free` says
/// which columns cost nothing, so that members may be left out; `rows` are those that a column
/// could be given to at no loss; `has`, the columns that each row has and how many of each.
pub(super) fn settle(
    members: &[Vec<u32>],
    free: Vec<bool>,
    rows: &[Vec<u32>],
    has: Vec<Vec<(u32, i64)>>,
) -> Vec<Vec<(u32, i64)>> {
    let columns = members.len();
    let mut taken = vec![0; columns];
    for &(column, count) in has.iter().flatten() {
        taken[column as usize] += count;
    }
    let mut order: Vec<(u32, u32)> = Vec::new();
    for (column, members) in members.iter().enumerate().filter(|(column, _)| free[*column]) {
        order.extend(members.iter().map(|&rank| (rank, column as u32)));
    }
    order.sort_unstable();
    let mut search = Search {
        rows,
        has,
        free,
        taken,
        decided: vec![0; columns],
        closed: vec![false; columns],
        came: vec![None; columns],
        asked: vec![NOBODY; rows.iter().flatten().max().map_or(0, |&row| row as usize + 1)],
    };
    for (rank, column) in order {
        let at = column as usize;
        search.decided[at] += 1;
        if search.decided[at] > search.taken[at] && !search.closed[at] {
            search.bring_in(column, rank);
        }
    }
    search.has
}

struct Search<'a> {
    rows: &'a [Vec<u32>],
    has: Vec<Vec<(u32, i64)>>,
    free: Vec<bool>,
    /// Members of each column that are taken, and of whom it is decided: both are the first.
    taken: Vec<i64>,
    decided: Vec<i64>,
    /// Columns from which no one undecided can be replaced.
    closed: Vec<bool>,
    /// The column and row through which each column was reached.
    came: Vec<Option<(u32, u32)>>,
    /// The last search that reached each row.
    asked: Vec<u32>,
}

impl Search<'_> {
    /// Takes one more of a column in the place of someone undecided, if exchanges lead to one.
    fn bring_in(&mut self, column: u32, search: u32) {
        let mut reached = vec![column];
        self.came[column as usize] = Some((column, NOBODY));
        match self.replaceable(column, search, &mut reached) {
            Some(last) => self.exchange(column, last),
            None => reached.iter().for_each(|&c| self.closed[c as usize] = true),
        }
        reached.iter().for_each(|&c| self.came[c as usize] = None);
    }

    /// Breadth first: each row reached could do without one of the columns that it has.
    fn replaceable(&mut self, column: u32, search: u32, reached: &mut Vec<u32>) -> Option<u32> {
        let mut queue = VecDeque::from([column]);
        while let Some(at) = queue.pop_front() {
            for &row in &self.rows[at as usize] {
                if std::mem::replace(&mut self.asked[row as usize], search) == search {
                    continue;
                }
                for &(other, _) in &self.has[row as usize] {
                    let there = other as usize;
                    if self.closed[there] || self.came[there].is_some() {
                        continue;
                    }
                    self.came[there] = Some((at, row));
                    reached.push(other);
                    if self.free[there] && self.taken[there] > self.decided[there] {
                        return Some(other);
                    }
                    queue.push_back(other);
                }
            }
        }
        None
    }

    /// Takes one more of `column` and one less of `last`: each on the way gives its row to the one
    /// it was reached from.
    fn exchange(&mut self, column: u32, last: u32) {
        self.taken[column as usize] += 1;
        self.taken[last as usize] -= 1;
        let mut left = last;
        while let Some((taker, row)) = self.came[left as usize].filter(|_| left != column) {
            let has = &mut self.has[row as usize];
            match has.iter_mut().find(|(c, _)| *c == taker) {
                Some((_, count)) => *count += 1,
                None => has.push((taker, 1)),
            }
            has.iter_mut().filter(|(c, _)| *c == left).for_each(|(_, count)| *count -= 1);
            has.retain(|(_, count)| *count > 0);
            left = taker;
        }
    }
}
