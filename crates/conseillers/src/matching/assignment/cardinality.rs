//! How many posts can be filled at all, and which part of the country is short of candidates.

use super::Site;
use super::tree::{Taking, Tree};

pub(super) const NOBODY: u32 = u32::MAX;

/// The part of the country where posts outnumber those who could take them: posts that a chain of
/// exchanges joins to an unfilled one, and the candidates these could have. All its candidates are
/// on posts in every fullest assignment, and elsewhere every post is filled.
#[derive(Debug)]
pub(super) struct Penurie {
    pub(super) postes: Vec<bool>,
    pub(super) candidats: Vec<bool>,
}

/// Fills as many posts as can be (augmenting paths, all searches of a round sharing what they have
/// seen), and gives the shortage left by the last round, which failed.
pub(super) fn penurie(postes: &[Site], candidats: &Tree<'_>) -> Penurie {
    let mut of_poste = vec![NOBODY; postes.len()];
    let mut of_candidat = vec![NOBODY; candidats.sites.len()];
    // Those who accept fewest dates first: few are left for the rounds.
    let mut order: Vec<usize> = (0..postes.len()).collect();
    order.sort_by_key(|&p| postes[p].limit);
    let mut taking = Taking::new(candidats);
    for &p in &order {
        if let Some(c) = taking.take(&postes[p]) {
            of_poste[p] = c;
            of_candidat[c as usize] = p as u32;
        }
    }
    loop {
        let mut taking = Taking::new(candidats);
        // From which post each candidate was reached.
        let mut from = vec![NOBODY; candidats.sites.len()];
        let mut seen = vec![false; postes.len()];
        let mut better = false;
        for &p in &order {
            if of_poste[p] != NOBODY {
                continue;
            }
            if let Some(end) = free_one(p, postes, &mut taking, &mut from, &mut seen, &of_candidat) {
                better = true;
                let mut c = end;
                while c != NOBODY {
                    let p = from[c as usize];
                    of_candidat[c as usize] = p;
                    c = std::mem::replace(&mut of_poste[p as usize], c);
                }
            }
        }
        if !better {
            let candidats = from.iter().map(|&p| p != NOBODY).collect();
            return Penurie { postes: seen, candidats };
        }
    }
}

/// Searches, breadth first, a free candidate whom exchanges would bring to this post.
fn free_one(
    poste: usize,
    postes: &[Site],
    taking: &mut Taking<'_, '_>,
    from: &mut [u32],
    seen: &mut [bool],
    of_candidat: &[u32],
) -> Option<u32> {
    let mut queue = vec![poste];
    seen[poste] = true;
    let mut next = 0;
    while next < queue.len() {
        let p = queue[next];
        next += 1;
        while let Some(c) = taking.take(&postes[p]) {
            from[c as usize] = p as u32;
            let holder = of_candidat[c as usize];
            if holder == NOBODY {
                return Some(c);
            }
            if !seen[holder as usize] {
                seen[holder as usize] = true;
                queue.push(holder as usize);
            }
        }
    }
    None
}
