//! From a problem to its best assignment.

use super::certificate::{Certificat, verifie};
use super::classes::{Classes, classes};
use super::simplex::Simplex;
use super::ties::settle;
use super::tree::Trees;
use super::{Affectation, Precision, Probleme, Solution};
use crate::entree::Refus;

/// Pairs added at a time for each class of posts that someone would gain to take.
const PAIRS: usize = 12;

/// Finds the assignment that fills most posts, then is nearest, then is fair; checks its own proof.
///
/// # Errors
/// When the proof does not hold, which would be a defect of the program.
pub fn resout(probleme: &Probleme) -> Result<Solution, Refus> {
    // Everything below works on ranks in the order of fairness, so that the order of the file
    // cannot matter: free for longest, then by id; posts that start first, then by id.
    let mut candidats: Vec<usize> = (0..probleme.candidats.len()).collect();
    candidats.sort_by_key(|&c| (probleme.candidats[c].disponible_le, &probleme.candidats[c].id));
    let mut postes: Vec<usize> = (0..probleme.postes.len()).collect();
    postes.sort_by_key(|&p| {
        let poste = &probleme.postes[p];
        (poste.debut_le.is_none(), poste.debut_le, &poste.id)
    });
    let (of_c, of_p) = classes(probleme, &candidats, &postes);
    let precision = Precision::fitting(&of_p.sites, &of_c.sites);
    let mut trees = Trees::new(&of_c.sites, precision);
    let mut simplex = Simplex::new(&of_c.sizes(), &of_p.sizes(), precision.unfilled);
    price(&mut simplex, &mut trees, &of_p);

    // What a class of candidates gives to a class of posts goes to its members in order.
    let mut affectations = Vec::new();
    let mut filled = vec![0; of_p.len()];
    for (c, posts) in fair(&simplex, &trees, &of_c, &of_p, precision).iter().enumerate() {
        let posts = posts.iter().flat_map(|&(p, count)| (0..count).map(move |_| p as usize));
        for (p, &candidat) in posts.zip(&of_c.members[c]) {
            let poste = postes[of_p.members[p][filled[p]] as usize];
            filled[p] += 1;
            let km = of_p.sites[p].point.km(&of_c.sites[c].point);
            affectations.push(Affectation { candidat: candidats[candidat as usize], poste, km });
        }
    }
    affectations.sort_by(|a, b| probleme.postes[a.poste].id.cmp(&probleme.postes[b.poste].id));
    let certificat = proof(&simplex, &of_c, &of_p, precision).in_order_of_input(&candidats, &postes);
    verifie(probleme, &affectations, &certificat).map_err(|faute| {
        Refus(format!("la preuve d’optimalité ne tient pas ({faute}) : défaut du programme, à signaler."))
    })?;
    let distance_totale_km = total(&affectations);
    Ok(Solution { affectations, distance_totale_km, certificat })
}

/// The assignment found, its ties settled: for each class of candidates, the classes of posts that
/// its first members take, and how many of each.
fn fair(
    simplex: &Simplex,
    trees: &Trees<'_>,
    of_c: &Classes,
    of_p: &Classes,
    precision: Precision,
) -> Vec<Vec<(u32, i64)>> {
    let (u, v) = simplex.prices();
    let posts_to: Vec<Vec<u32>> =
        of_p.sites.iter().zip(v).map(|(site, &worth)| trees.worth(site, worth)).collect();
    let mut candidats_to = vec![Vec::new(); of_c.len()];
    for (p, candidats) in (0..).zip(&posts_to) {
        candidats.iter().for_each(|&c| candidats_to[c as usize].push(p));
    }
    let mut has = vec![Vec::new(); of_p.len()];
    for (c, p, count) in simplex.flows() {
        has[p as usize].push((c, count));
    }
    has.iter_mut().for_each(|candidats| candidats.sort_unstable());
    // Candidates first, then, where they are short, posts.
    let has = settle(&of_c.members, u.iter().map(|&u| u == 0).collect(), &candidats_to, has);
    let has = turned(&has, of_c.len());
    let free = v.iter().map(|&v| v == precision.unfilled).collect();
    settle(&of_p.members, free, &posts_to, has)
}

/// What each column has, from what each row has.
fn turned(has: &[Vec<(u32, i64)>], columns: usize) -> Vec<Vec<(u32, i64)>> {
    let mut turned = vec![Vec::new(); columns];
    for (row, has) in (0..).zip(has) {
        has.iter().for_each(|&(column, count)| turned[column as usize].push((row, count)));
    }
    turned
}

/// Betters the assignment over few pairs, adds those that would gain, until none would: posts that
/// asked for pairs are looked at again, then all of them.
fn price(simplex: &mut Simplex, trees: &mut Trees<'_>, postes: &Classes) {
    let all: Vec<u32> = (0..postes.len() as u32).collect();
    let mut asking = all.clone();
    loop {
        let (prices, worth) = simplex.prices();
        trees.price(prices);
        let mut pairs = Vec::new();
        let whole = asking.len() == all.len();
        asking.retain(|&p| {
            let found = trees.cheapest(&postes.sites[p as usize], worth[p as usize], PAIRS, p);
            pairs.extend(found.iter().map(|&(c, cost)| (c, p, cost)));
            !found.is_empty()
        });
        if pairs.is_empty() {
            if whole {
                return;
            }
            asking.clone_from(&all);
            continue;
        }
        for (c, p, cost) in pairs {
            simplex.allow(c, p, cost);
        }
        simplex.run();
    }
}

/// The prices of classes as a certificate. The price of an unfilled post was out of reach of any
/// distance, so that filling comes first: it can be brought down to what the proof needs. Where
/// posts hang on an unfilled one, candidates are short and prices are counted from that ceiling.
fn proof(simplex: &Simplex, of_c: &Classes, of_p: &Classes, precision: Precision) -> Certificat {
    let (u, v) = simplex.prices();
    let unfilled = precision.unfilled;
    let short = |price: i64| price > unfilled / 2;
    let most = |values: &mut dyn Iterator<Item = i64>| values.max().unwrap_or(0).max(0);
    let wide = most(&mut v.iter().copied().filter(|&v| !short(v)));
    let narrow = most(&mut u.iter().chain(v).filter(|x| short(**x)).map(|&x| unfilled - x));
    let ceiling = wide + narrow;
    let lowered = |price: i64| if short(price) { ceiling - (unfilled - price) } else { price };
    let prices = |prices: &[i64]| prices.iter().map(|&p| lowered(p)).collect::<Vec<_>>();
    let flags = |prices: &[i64], wanted: bool| prices.iter().map(|&p| short(p) == wanted).collect::<Vec<_>>();
    Certificat {
        unite_km: precision.unit_km,
        couverture_candidats: of_c.spread(&flags(u, true)),
        couverture_postes: of_p.spread(&flags(v, false)),
        prix_candidats: of_c.spread(&prices(u)),
        prix_postes: of_p.spread(&prices(v)),
        plafond: ceiling,
    }
}

/// Sum of the kilometres, smallest first, so that it does not depend on the order of posts.
fn total(affectations: &[Affectation]) -> f64 {
    let mut km: Vec<f64> = affectations.iter().map(|a| a.km).collect();
    km.sort_by(f64::total_cmp);
    // From zero: a sum of nothing is −0.
    km.iter().fold(0.0, |sum, km| sum + km)
}
