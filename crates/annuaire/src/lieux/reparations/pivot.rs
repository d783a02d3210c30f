//! The identifier of the organisation. A wrong one is worse than none: two strangers would meet.

use kernel::Pivot;

use super::Notes;
use crate::lieux::rapport::Regle;
use crate::lieux::standard::PIVOT_INCONNU;

const FORMAT: Regle = Regle::repare("pivot-format", "Le SIRET, RNA ou RIDET est remis en forme.");
const ZERO: Regle = Regle::repare("pivot-zero", "Le SIRET avait perdu son premier zéro.");
const ABSENT: Regle = Regle::garde(
    "pivot-absent",
    "Le standard demande un SIRET, RNA ou RIDET : quatorze zéros disent qu’il est inconnu.",
);
const FAUX: Regle = Regle::ecarte("pivot-faux", "Ce numéro n’est pas gardé, quatorze zéros le remplacent.");

/// Reads a SIRET, RNA or RIDET.
pub fn pivot(valeur: &str, notes: &mut Notes) -> Option<Pivot> {
    if valeur == PIVOT_INCONNU {
        return None;
    }
    let net = valeur.trim();
    if net.is_empty() {
        notes.signale(ABSENT, valeur, None);
        return None;
    }
    let net = net.strip_suffix(".0").unwrap_or(net);
    match Pivot::parse(net) {
        Ok(p) => {
            if p.as_str() != valeur {
                notes.repare(FORMAT, valeur, p.as_str());
            }
            Some(p)
        }
        Err(raison) => {
            let chiffres: String = net.chars().filter(char::is_ascii_digit).collect();
            if chiffres.len() == 13
                && let Ok(p) = Pivot::parse(&format!("0{chiffres}"))
            {
                notes.repare(ZERO, valeur, p.as_str());
                return Some(p);
            }
            notes.signale(FAUX, valeur, Some(raison));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_real_files() {
        for (valeur, attendu, regle) in [
            ("43493312300029", Some("43493312300029"), None),
            ("434 933 123 00029", Some("43493312300029"), Some("pivot-format")),
            ("43493312300029.0", Some("43493312300029"), Some("pivot-format")),
            ("W123456789", Some("W123456789"), None),
            ("3251759000017", Some("03251759000017"), Some("pivot-zero")),
            ("00000000000000", None, None),
            ("", None, Some("pivot-absent")),
            ("43493312300028", None, Some("pivot-faux")),
            ("bonjour", None, Some("pivot-faux")),
        ] {
            let mut notes = Notes::default();
            let p = pivot(valeur, &mut notes);
            assert_eq!(p.as_ref().map(Pivot::as_str), attendu, "{valeur}");
            assert_eq!(notes.0.first().map(|n| n.regle.id), regle, "{valeur}");
        }
    }
}
