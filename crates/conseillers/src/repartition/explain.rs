//! Why a line is proposed, and what another choice would change: for the pages of the committee.

use super::Probleme;
use super::flow::Flow;
use super::network::Reseau;
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

/// What there is to tell of an attribution.
#[derive(Clone, Debug, PartialEq)]
pub struct Analyse {
    /// Why each line, in their order.
    pub lignes: Vec<Explication>,
    /// What one more post would serve, for each request, envelope and limits left aside: zero when all it could serve is
    /// served.
    pub gains: Vec<f64>,
    /// Need served of each commune: one best use of the posts among others, where several exist.
    pub communes: Vec<f64>,
}

/// Explains an attribution: each line, each request left aside, each commune.
///
/// # Errors
/// When the problem is refused, or a line is not of this problem.
pub fn analyse(probleme: &Probleme, attributions: &[(usize, u64)]) -> Result<Analyse, Refus> {
    let net = Reseau::new(probleme)?;
    let posts = posts(&net, attributions)?;
    let mut flow = Flow::of(&net, &posts);
    let mut by_departement = vec![0u32; net.least.len()];
    for (d, &count) in posts.iter().enumerate() {
        by_departement[net.departement[d] as usize] += count;
    }
    let communes = (0..net.need.len()).map(|c| net.measure(net.need[c] - flow.room[c])).collect();
    // What posts with room to spare could take over: a request that serves nothing of it loses all its last post serves.
    let within_spare = flow.tight();
    let explain = |&(d, count): &(usize, u64)| {
        let (mut servi, mut seul, mut relayed) = (0, 0, false);
        for pair in net.starts[d]..net.starts[d + 1] {
            let commune = net.reach[pair] as usize;
            servi += flow.sent[pair];
            relayed |= flow.sent[pair] > 0 && within_spare[commune];
            let alone = |&(other, _): &(u32, u32)| other as usize == d || posts[other as usize] == 0;
            if net.asking(commune).iter().all(alone) {
                seul += flow.sent[pair];
            }
        }
        let perte = if relayed {
            let trial = flow.begin();
            let perte = flow.withdraw_fully(d);
            flow.rollback(trial, true);
            perte
        } else {
            (net.capacity - flow.spare[d]).max(0)
        };
        let departement = net.departement[d] as usize;
        Explication {
            servi: net.measure(servi),
            seul: net.measure(seul),
            perte: net.measure(perte),
            minimum: by_departement[departement] <= net.least[departement],
            plein: count >= u64::from(net.most[d]),
        }
    };
    let lignes = attributions.iter().map(explain).collect();
    let gains = (0..net.most.len()).map(|d| net.measure(flow.gain(d))).collect();
    Ok(Analyse { lignes, gains, communes })
}

/// Need of each commune that an attribution serves, at best, in the order of [`Probleme::communes`].
///
/// # Errors
/// When the problem is refused, or a line is not of this problem.
pub fn servi(probleme: &Probleme, attributions: &[(usize, u64)]) -> Result<Vec<f64>, Refus> {
    let net = Reseau::new(probleme)?;
    let flow = Flow::of(&net, &posts(&net, attributions)?);
    Ok((0..net.need.len()).map(|c| net.measure(net.need[c] - flow.room[c])).collect())
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
