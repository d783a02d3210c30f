//! What `maillage matching assign` writes.

use serde_json::{Value, json};

use super::{Certificat, Probleme, Solution};
use crate::entree::Id;

/// The answer for a program. The certificate holds all it takes to check it again: the cover, and
/// the prices in whole units (those of candidates that are zero are left out).
pub fn json(probleme: &Probleme, solution: &Solution, remarques: &[String]) -> Value {
    let affectations: Vec<Value> = solution
        .affectations
        .iter()
        .map(|a| {
            json!([
                Value::from(&probleme.candidats[a.candidat].id),
                Value::from(&probleme.postes[a.poste].id),
                a.km
            ])
        })
        .collect();
    let certificat = &solution.certificat;
    let candidats: Vec<&Id> = probleme.candidats.iter().map(|c| &c.id).collect();
    let postes: Vec<&Id> = probleme.postes.iter().map(|p| &p.id).collect();
    json!({
        "affectations": affectations,
        "pourvus": solution.affectations.len(),
        "distance_totale_km": solution.distance_totale_km,
        "certificat": {
            "verifie": true,
            "pourvus_au_plus": certificat.pourvus_au_plus(),
            "distance_au_moins_km": borne_km(certificat, solution),
            "unite_km": certificat.unite_km,
            "couverture": {
                "candidats": marked(&candidats, &certificat.couverture_candidats),
                "postes": marked(&postes, &certificat.couverture_postes),
            },
            "prix": {
                "plafond": certificat.plafond,
                "candidats": priced(&candidats, &certificat.prix_candidats),
                "postes": priced(&postes, &certificat.prix_postes),
            },
        },
        "remarques": remarques,
    })
}

/// The answer for a person.
pub fn texte(probleme: &Probleme, solution: &Solution, remarques: &[String]) -> String {
    use std::fmt::Write;
    let mut out = String::new();
    let pourvus = solution.affectations.len();
    let _ = writeln!(
        out,
        "{pourvus} postes pourvus sur {}, parmi {} candidats.",
        probleme.postes.len(),
        probleme.candidats.len()
    );
    let moyenne = if pourvus == 0 { 0.0 } else { solution.distance_totale_km / pourvus as f64 };
    let _ = writeln!(
        out,
        "Distance totale : {} km, soit {} km par poste.",
        decimal(solution.distance_totale_km, 3),
        decimal(moyenne, 1)
    );
    let _ = writeln!(
        out,
        "Preuve vérifiée : aucune autre affectation ne pourvoit plus de postes ; aucune, à ce nombre, n’est plus courte."
    );
    for remarque in remarques {
        let _ = writeln!(out, "{remarque}");
    }
    for a in solution.affectations.iter().take(20) {
        let (candidat, poste) = (&probleme.candidats[a.candidat].id, &probleme.postes[a.poste].id);
        let _ = writeln!(out, "  poste {poste} : candidat {candidat}, à {} km", decimal(a.km, 1));
    }
    if pourvus > 20 {
        let _ = writeln!(out, "  … et {} autres (--json les écrit toutes).", pourvus - 20);
    }
    out
}

fn borne_km(certificat: &Certificat, solution: &Solution) -> f64 {
    certificat.distance_au_moins(solution.affectations.len()) as f64 * certificat.unite_km
}

fn marked(ids: &[&Id], flags: &[bool]) -> Vec<Value> {
    ids.iter().zip(flags).filter(|(_, f)| **f).map(|(id, _)| Value::from(*id)).collect()
}

fn priced(ids: &[&Id], prices: &[i64]) -> Vec<Value> {
    ids.iter().zip(prices).filter(|(_, p)| **p != 0).map(|(id, p)| json!([Value::from(*id), p])).collect()
}

/// A number as French writes it.
pub(crate) fn decimal(value: f64, digits: usize) -> String {
    format!("{value:.digits$}").replace('.', ",")
}
