//! From a problem to its best assignment.

use super::cardinality::{NOBODY, penurie};
use super::certificate::{Certificat, verifie};
use super::shortest::Filling;
use super::tree::Tree;
use super::{Affectation, Precision, Probleme, Site, Solution, ties};
use crate::entree::Refus;

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
    let sites_c: Vec<Site> = candidats.iter().map(|&c| Site::candidat(&probleme.candidats[c])).collect();
    let sites_p: Vec<Site> = postes.iter().map(|&p| Site::poste(&probleme.postes[p])).collect();
    let precision = Precision::fitting(&sites_p, &sites_c);

    let tree_c = Tree::new(&sites_c);
    let rare = penurie(&sites_p, &tree_c);
    // Where candidates suffice, posts choose; where they are short, candidates do.
    let open = rare.candidats.iter().map(|r| !r).collect();
    let mut wide = Filling::new(&sites_p, &tree_c, open, precision);
    fill(&mut wide, &rare.postes, false)?;
    let tree_p = Tree::new(&sites_p);
    let mut narrow = Filling::new(&sites_c, &tree_p, rare.postes.clone(), precision);
    fill(&mut narrow, &rare.candidats, true)?;

    // One set of prices for both parts: where candidates are short, a post is worth the ceiling
    // less what it costs, and no assignment across the parts can pay.
    let ceiling =
        wide.value.iter().max().copied().unwrap_or(0) + narrow.value.iter().max().copied().unwrap_or(0);
    let mut affectations = Vec::new();
    let mut certificat = Certificat {
        unite_km: precision.unit_km,
        couverture_candidats: rare.candidats.clone(),
        couverture_postes: rare.postes.iter().map(|r| !r).collect(),
        prix_candidats: wide.price,
        prix_postes: wide.value,
        plafond: ceiling,
    };
    for (p, site) in sites_p.iter().enumerate() {
        let c = if rare.postes[p] { narrow.of_column[p] } else { wide.of_row[p] };
        if rare.postes[p] {
            certificat.prix_postes[p] = ceiling - narrow.price[p];
        }
        if c != NOBODY {
            let km = site.point.km(&sites_c[c as usize].point);
            affectations.push(Affectation { candidat: candidats[c as usize], poste: postes[p], km });
        }
    }
    for (c, _) in rare.candidats.iter().enumerate().filter(|(_, rare)| **rare) {
        certificat.prix_candidats[c] = ceiling - narrow.value[c];
    }
    let certificat = certificat.in_order_of_input(&candidats, &postes);
    affectations.sort_by(|a, b| probleme.postes[a.poste].id.cmp(&probleme.postes[b.poste].id));
    verifie(probleme, &affectations, &certificat).map_err(|faute| {
        Refus(format!("la preuve d’optimalité ne tient pas ({faute}) : défaut du programme, à signaler."))
    })?;
    let distance_totale_km = total(&affectations);
    Ok(Solution { affectations, distance_totale_km, certificat })
}

/// Fills the rows of a part, then settles its ties.
fn fill(filling: &mut Filling<'_>, rare: &[bool], part: bool) -> Result<(), Refus> {
    let rows: Vec<u32> = (0..rare.len() as u32).filter(|&r| rare[r as usize] == part).collect();
    for &row in &rows {
        if !filling.fill(row) {
            return Err(Refus(
                "le plus grand nombre de postes n’est pas atteint : défaut du programme, à signaler."
                    .to_owned(),
            ));
        }
    }
    ties::settle(filling, &rows);
    Ok(())
}

/// Sum of the kilometres, smallest first, so that it does not depend on the order of posts.
fn total(affectations: &[Affectation]) -> f64 {
    let mut km: Vec<f64> = affectations.iter().map(|a| a.km).collect();
    km.sort_by(f64::total_cmp);
    km.iter().sum()
}
