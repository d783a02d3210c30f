//! What `maillage repartition solve` writes.

use serde_json::{Value, json};

use super::{Probleme, Solution};
use crate::matching::assignment::decimal;

/// The answer for a program.
pub fn json(probleme: &Probleme, solution: &Solution, remarques: &[String]) -> Value {
    let attributions: Vec<Value> = solution
        .attributions
        .iter()
        .map(|&(d, postes)| json!([Value::from(&probleme.demandes[d].id), postes]))
        .collect();
    json!({
        "attributions": attributions,
        "postes_attribues": postes(solution),
        "besoin_servi": solution.besoin_servi,
        "borne": solution.borne,
        "ecart": solution.ecart(),
        "preuve": if solution.explore { "exploration" } else { "prix" },
        "minimum_reduit": solution.minimum_reduit.iter().map(Value::from).collect::<Vec<_>>(),
        "remarques": remarques,
    })
}

/// The answer for a person.
pub fn texte(probleme: &Probleme, solution: &Solution, remarques: &[String]) -> String {
    use std::fmt::Write;
    let mut out = String::new();
    let besoin: f64 = probleme.communes.iter().map(|c| c.besoin).sum();
    let _ = writeln!(
        out,
        "Proposition : {} postes sur {}, dans {} demandes sur {}.",
        postes(solution),
        probleme.postes_a_attribuer,
        solution.attributions.len(),
        probleme.demandes.len()
    );
    let _ = writeln!(
        out,
        "Besoin servi : {} sur {}. Aucune autre attribution n’en sert plus de {}.",
        decimal(solution.besoin_servi, 0),
        decimal(besoin, 0),
        decimal(solution.borne, 0)
    );
    let ecart = if solution.besoin_servi >= solution.borne {
        "Cette proposition est la meilleure possible.".to_owned()
    } else {
        format!(
            "Elle est à moins de {} % du mieux possible.",
            decimal((solution.ecart() * 100.0).max(0.001), 3)
        )
    };
    let _ = writeln!(out, "{ecart} Le comité décide.");
    if !solution.minimum_reduit.is_empty() {
        let noms: Vec<String> = solution.minimum_reduit.iter().map(ToString::to_string).collect();
        let _ = writeln!(
            out,
            "Demandent moins que le minimum et reçoivent tout ce qu’ils demandent : {}.",
            noms.join(", ")
        );
    }
    for remarque in remarques {
        let _ = writeln!(out, "{remarque}");
    }
    for &(d, postes) in solution.attributions.iter().take(20) {
        let _ = writeln!(out, "  demande {} : {postes}", probleme.demandes[d].id);
    }
    if solution.attributions.len() > 20 {
        let _ =
            writeln!(out, "  … et {} autres (--json les écrit toutes).", solution.attributions.len() - 20);
    }
    out
}

fn postes(solution: &Solution) -> u64 {
    solution.attributions.iter().map(|(_, postes)| postes).sum()
}
