//! Why a line is proposed, and what another choice would change: for the pages of the committee.

use super::flow::Flow;
use super::network::Reseau;
use super::{Probleme, Solution};
use crate::entree::Refus;

/// Why a request is granted its posts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Explication {
    /// Need that its posts serve, in the best use of all posts.
    pub servi: f64,
    /// Part of that need which no other granted post reaches.
    pub seul: f64,
    /// What would no longer be served without its last post, the others taking over what they can.
    pub perte: f64,
    /// Whether its département would fall below the minimum without that post.
    pub minimum: bool,
    /// Whether it has all that the request or the rules allow.
    pub plein: bool,
}

/// What two attributions differ in.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparaison {
    /// Need served by the first and by the second.
    pub servi: (f64, f64),
    /// Requests whose posts differ: rank, posts in the first, posts in the second.
    pub lignes: Vec<(usize, u64, u64)>,
    /// Communes whose served need differs by more than one: rank, first, second. One best use
    /// among others, where several exist.
    pub communes: Vec<(usize, f64, f64)>,
}

/// Explains each line of a proposal, in its order.
///
/// # Errors
/// When the problem is refused, or a line is not of this problem.
pub fn explique(probleme: &Probleme, solution: &Solution) -> Result<Vec<Explication>, Refus> {
    let net = Reseau::new(probleme)?;
    let posts = posts(&net, &solution.attributions)?;
    let mut flow = Flow::of(&net, &posts);
    let mut by_departement = vec![0u32; net.least.len()];
    for (d, &count) in posts.iter().enumerate() {
        by_departement[net.departement[d] as usize] += count;
    }
    let explain = |&(d, count): &(usize, u64)| {
        let mut servi = 0;
        let mut seul = 0;
        for pair in net.starts[d]..net.starts[d + 1] {
            servi += flow.sent[pair];
            let alone = |&(other, _): &(u32, u32)| other as usize == d || posts[other as usize] == 0;
            if net.asking(net.reach[pair] as usize).iter().all(alone) {
                seul += flow.sent[pair];
            }
        }
        let trial = flow.begin();
        let perte = flow.withdraw_fully(d);
        flow.rollback(trial, true);
        let departement = net.departement[d] as usize;
        Explication {
            servi: net.measure(servi),
            seul: net.measure(seul),
            perte: net.measure(perte),
            minimum: by_departement[departement] <= net.least[departement],
            plein: count >= u64::from(net.most[d]),
        }
    };
    Ok(solution.attributions.iter().map(explain).collect())
}

/// What one more post for this request would serve, beside an attribution, envelope and maximum
/// left aside: zero when all it could serve is served.
///
/// # Errors
/// When the problem is refused, or a rank is not of this problem.
pub fn essaie(probleme: &Probleme, attributions: &[(usize, u64)], demande: usize) -> Result<f64, Refus> {
    let net = Reseau::new(probleme)?;
    let posts = posts(&net, attributions)?;
    if demande >= posts.len() {
        return Err(inconnue());
    }
    Ok(net.measure(Flow::of(&net, &posts).gain(demande)))
}

/// Compares two attributions of the same problem.
///
/// # Errors
/// When the problem is refused, or a line is not of this problem.
pub fn compare(
    probleme: &Probleme,
    premiere: &[(usize, u64)],
    seconde: &[(usize, u64)],
) -> Result<Comparaison, Refus> {
    let net = Reseau::new(probleme)?;
    let (a, b) = (posts(&net, premiere)?, posts(&net, seconde)?);
    let (first, second) = (Flow::of(&net, &a), Flow::of(&net, &b));
    let lignes = a.iter().zip(&b).enumerate().filter(|(_, (x, y))| x != y);
    let served = |flow: &Flow<'_>, c: usize| net.measure(net.need[c] - flow.room[c]);
    let communes = (0..net.need.len()).map(|c| (c, served(&first, c), served(&second, c)));
    Ok(Comparaison {
        servi: (net.measure(first.served), net.measure(second.served)),
        lignes: lignes.map(|(d, (&x, &y))| (d, u64::from(x), u64::from(y))).collect(),
        communes: communes.filter(|(_, x, y)| (x - y).abs() > 1.0).collect(),
    })
}

fn posts(net: &Reseau, attributions: &[(usize, u64)]) -> Result<Vec<u32>, Refus> {
    let mut posts = vec![0; net.most.len()];
    for &(d, count) in attributions {
        *posts.get_mut(d).ok_or_else(inconnue)? = u32::try_from(count).map_err(|_| inconnue())?;
    }
    Ok(posts)
}

fn inconnue() -> Refus {
    Refus("cette attribution ne correspond pas aux demandes.".to_owned())
}
