//! Among assignments equally full and equally near, the fair one: whoever comes first in the order
//! of the columns is taken rather than whoever comes later.
//!
//! The sets of columns used by the optimal assignments are the bases of a matroid, so that one
//! pass of exchanges, each dropping the last of a circuit, reaches the best of them all.

use std::collections::HashMap;

use super::cardinality::NOBODY;
use super::shortest::Filling;

/// Exchanges columns of equal merit until the chosen ones are first in order.
pub(super) fn settle(filling: &mut Filling<'_>, rows: &[u32]) {
    let tight = tight_rows(filling, rows);
    let mut free: Vec<u32> =
        tight.keys().copied().filter(|&c| filling.of_column[c as usize] == NOBODY).collect();
    free.sort_unstable();
    for column in free {
        let mut came: HashMap<u32, u32> = HashMap::new();
        let mut queue = vec![column];
        let mut next = 0;
        while next < queue.len() {
            let at = queue[next];
            next += 1;
            for row in tight.get(&at).into_iter().flatten() {
                let held = filling.of_row[*row as usize];
                if held != column && held != at && !came.contains_key(&held) {
                    came.insert(held, at);
                    queue.push(held);
                }
            }
        }
        // Only a column without price may be left free.
        let last = queue.into_iter().filter(|&c| filling.price[c as usize] == 0).max();
        if let Some(last) = last.filter(|&l| l > column) {
            exchange(filling, &came, last);
        }
    }
}

/// For each column, the rows it could be given to at no loss.
fn tight_rows(filling: &mut Filling<'_>, rows: &[u32]) -> HashMap<u32, Vec<u32>> {
    let mut tight: HashMap<u32, Vec<u32>> = HashMap::new();
    for &row in rows {
        let value = filling.value[row as usize];
        let mut rank = 0;
        while let Some((cost, column)) = filling.edge(row, rank).filter(|(cost, _)| *cost <= value) {
            if cost + filling.price[column as usize] == value {
                tight.entry(column).or_default().push(row);
            }
            rank += 1;
        }
    }
    tight
}

/// Frees `last`: each column on the way back takes the row of the one it was reached from.
fn exchange(filling: &mut Filling<'_>, came: &HashMap<u32, u32>, last: u32) {
    let mut left = last;
    let mut row = filling.of_column[last as usize];
    filling.of_column[last as usize] = NOBODY;
    while let Some(&taker) = came.get(&left) {
        let next = std::mem::replace(&mut filling.of_column[taker as usize], row);
        filling.of_row[row as usize] = taker;
        left = taker;
        row = next;
    }
}
