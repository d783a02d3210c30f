//! Fills every row at the least total cost: successive shortest paths with prices, over edges that
//! are looked up only as far as they could matter.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::cardinality::NOBODY;
use super::tree::{Nearest, Tree};
use super::{Precision, Site};

/// Rows to fill, columns to fill them with. Prices hold at every moment: for each edge
/// `value[row] ≤ cost + price[column]`, with equality on chosen edges; free columns cost nothing.
#[derive(Debug)]
pub(super) struct Filling<'a> {
    rows: &'a [Site],
    tree: &'a Tree<'a>,
    open: Vec<bool>,
    precision: Precision,
    nearest: Vec<Nearest>,
    /// Column of each row, row of each column.
    pub(super) of_row: Vec<u32>,
    pub(super) of_column: Vec<u32>,
    /// What a row is worth, what a column costs besides its distance, in units.
    pub(super) value: Vec<i64>,
    pub(super) price: Vec<i64>,
    search: Search,
}

/// One search; stamps tell what belongs to it, so that nothing is cleared between two.
#[derive(Debug, Default)]
struct Search {
    stamp: u32,
    seen: Vec<u32>,
    settled: Vec<u32>,
    best: Vec<i64>,
    from: Vec<u32>,
    cursor: Vec<u32>,
    heap: BinaryHeap<Reverse<(i64, u64)>>,
    done_rows: Vec<(u32, i64)>,
    done_columns: Vec<(u32, i64)>,
}

impl<'a> Filling<'a> {
    pub(super) fn new(rows: &'a [Site], tree: &'a Tree<'a>, open: Vec<bool>, precision: Precision) -> Self {
        let columns = tree.sites.len();
        Self {
            rows,
            tree,
            open,
            precision,
            nearest: std::iter::repeat_with(Nearest::default).take(rows.len()).collect(),
            of_row: vec![NOBODY; rows.len()],
            of_column: vec![NOBODY; columns],
            value: vec![0; rows.len()],
            price: vec![0; columns],
            search: Search {
                seen: vec![0; columns],
                settled: vec![0; columns],
                best: vec![0; columns],
                from: vec![NOBODY; columns],
                cursor: vec![0; rows.len()],
                ..Search::default()
            },
        }
    }

    /// The `rank`-th nearest open column of a row.
    pub(super) fn edge(&mut self, row: u32, rank: usize) -> Option<(i64, u32)> {
        let row = row as usize;
        self.nearest[row].get(rank, &self.rows[row], self.tree, &self.open, self.precision)
    }

    /// Fills one more row; false when no exchange can.
    pub(super) fn fill(&mut self, row: u32) -> bool {
        self.search.stamp += 1;
        self.search.heap.clear();
        self.search.done_rows.clear();
        self.search.done_columns.clear();
        self.reach_row(row, 0);
        while let Some(Reverse((cost, tag))) = self.search.heap.pop() {
            let index = (tag >> 1) as u32;
            if tag & 1 == 0 {
                self.advance(index, cost);
                continue;
            }
            let column = index as usize;
            if self.search.settled[column] == self.search.stamp {
                continue;
            }
            self.search.settled[column] = self.search.stamp;
            let holder = self.of_column[column];
            if holder == NOBODY {
                self.reprice(cost);
                self.exchange(index);
                return true;
            }
            self.search.done_columns.push((index, cost));
            self.reach_row(holder, cost);
        }
        false
    }

    fn reach_row(&mut self, row: u32, cost: i64) {
        self.search.cursor[row as usize] = 0;
        self.search.done_rows.push((row, cost));
        // What an edge of cost zero would come to: the search subtracts `value` once for all.
        let base = cost - self.value[row as usize];
        self.await_next(row, base);
    }

    /// Puts the next edge of a row in the queue, at the least it can come to.
    fn await_next(&mut self, row: u32, base: i64) {
        let rank = self.search.cursor[row as usize] as usize;
        if let Some((cost, _)) = self.edge(row, rank) {
            self.search.heap.push(Reverse((base + cost, u64::from(row) << 1)));
        }
    }

    /// Looks at the next edge of a row, known to be at `cost` without the price of its column.
    fn advance(&mut self, row: u32, cost: i64) {
        let rank = self.search.cursor[row as usize] as usize;
        let Some((edge, column)) = self.edge(row, rank) else { return };
        self.search.cursor[row as usize] += 1;
        self.await_next(row, cost - edge);
        let (at, stamp) = (column as usize, self.search.stamp);
        let total = cost + self.price[at];
        let search = &mut self.search;
        if search.settled[at] != stamp && (search.seen[at] != stamp || total < search.best[at]) {
            search.seen[at] = stamp;
            search.best[at] = total;
            search.from[at] = row;
            search.heap.push(Reverse((total, (u64::from(column) << 1) | 1)));
        }
    }

    fn reprice(&mut self, end: i64) {
        for &(row, cost) in &self.search.done_rows {
            self.value[row as usize] += end - cost;
        }
        for &(column, cost) in &self.search.done_columns {
            self.price[column as usize] += end - cost;
        }
    }

    fn exchange(&mut self, end: u32) {
        let mut column = end;
        while column != NOBODY {
            let row = self.search.from[column as usize];
            self.of_column[column as usize] = row;
            column = std::mem::replace(&mut self.of_row[row as usize], column);
        }
    }
}
