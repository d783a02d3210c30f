//! Postal codes, INSEE codes, names of communes.

use kernel::{CodeCommune, CodePostal};

use super::Notes;
use crate::lieux::rapport::Regle;
use crate::lieux::standard::{Champ, verdict};

const CP_FORMAT: Regle = Regle::repare("code-postal-format", "Le code postal est remis à cinq chiffres.");
const CP_ILLISIBLE: Regle = Regle::ecarte("code-postal-illisible", "Un code postal a cinq chiffres.");
const INSEE_FORMAT: Regle = Regle::repare("code-insee-format", "Le code INSEE est remis en forme.");
const INSEE_ILLISIBLE: Regle = Regle::ecarte(
    "code-insee-illisible",
    "Un code INSEE a cinq caractères, comme 01053 ou 2A004 ; ce n’est pas un code postal.",
);
const CEDEX: Regle =
    Regle::repare("commune-cedex", "La mention CEDEX ne fait pas partie du nom de la commune.");

/// Reads a postal code.
pub fn code_postal(valeur: &str, notes: &mut Notes) -> Option<CodePostal> {
    if valeur.trim().is_empty() {
        return None;
    }
    if let Some(cp) = CodePostal::parse(valeur).filter(|cp| cp.as_str() == valeur) {
        return Some(cp);
    }
    let net = valeur.trim();
    let net =
        net.split_once(['.', ',']).filter(|(_, d)| d.bytes().all(|c| c == b'0')).map_or(net, |(e, _)| e);
    let net = net.strip_prefix("F-").or_else(|| net.strip_prefix("FR-")).unwrap_or(net);
    let compact: String = net.chars().filter(|c| !c.is_whitespace()).collect();
    let lu = match compact.len() {
        4 if compact.bytes().all(|c| c.is_ascii_digit()) => CodePostal::parse(&format!("0{compact}")),
        5 => CodePostal::parse(&compact),
        _ => None,
    };
    match &lu {
        Some(cp) => notes.repare(CP_FORMAT, valeur, cp.as_str()),
        None => notes.signale(CP_ILLISIBLE, valeur, None),
    }
    lu
}

/// The postal code that stands in a longer address, before the name of the commune: five digits on
/// their own, the last ones of the text.
pub fn code_postal_dans(adresse: &str) -> Option<CodePostal> {
    adresse.split(|c: char| !c.is_alphanumeric()).rev().find_map(CodePostal::parse)
}

/// Reads an INSEE code.
pub fn code_insee(valeur: &str, notes: &mut Notes) -> Option<CodeCommune> {
    if valeur.trim().is_empty() {
        return None;
    }
    if verdict(Champ::CodeInsee, valeur).is_none()
        && let Some(code) = CodeCommune::parse(valeur).filter(|c| c.as_str() == valeur)
    {
        return Some(code);
    }
    let net = valeur.trim();
    let net = net.strip_suffix(".0").unwrap_or(net);
    let net = if net.len() == 4 { format!("0{net}") } else { net.to_owned() };
    let lu = CodeCommune::parse(&net).filter(|c| verdict(Champ::CodeInsee, c.as_str()).is_none());
    match &lu {
        Some(code) => notes.repare(INSEE_FORMAT, valeur, code.as_str()),
        None => notes.signale(INSEE_ILLISIBLE, valeur, None),
    }
    lu
}

/// Takes « CEDEX 9 » off a name of commune. Other spellings are left alone: the resolver of communes
/// understands them, and the name stays as the producer wrote it.
pub fn nom_commune(valeur: &str, notes: &mut Notes) -> String {
    let Some(rang) = valeur.to_ascii_uppercase().find(" CEDEX") else { return valeur.to_owned() };
    let suite = &valeur[rang + " CEDEX".len()..];
    if !suite.trim().bytes().all(|c| c.is_ascii_digit()) {
        return valeur.to_owned();
    }
    let net = valeur[..rang].trim_end().to_owned();
    notes.repare(CEDEX, valeur, &net);
    net
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_real_files() {
        for (valeur, attendu, regle) in [
            ("01200", Some("01200"), None),
            ("1200", Some("01200"), Some("code-postal-format")),
            ("33000.0", Some("33000"), Some("code-postal-format")),
            ("75 001", Some("75001"), Some("code-postal-format")),
            ("F-75001", Some("75001"), Some("code-postal-format")),
            (" 75001 ", Some("75001"), Some("code-postal-format")),
            ("0null", None, Some("code-postal-illisible")),
            ("750011", None, Some("code-postal-illisible")),
            ("", None, None),
        ] {
            let mut notes = Notes::default();
            let cp = code_postal(valeur, &mut notes);
            assert_eq!(cp.as_ref().map(CodePostal::as_str), attendu, "{valeur}");
            assert_eq!(notes.0.first().map(|n| n.regle.id), regle, "{valeur}");
        }
        for (valeur, attendu, regle) in [
            ("2A004", Some("2A004"), None),
            ("2a004", Some("2A004"), Some("code-insee-format")),
            ("1033", Some("01033"), Some("code-insee-format")),
            ("20004", None, Some("code-insee-illisible")),
            ("Reims", None, Some("code-insee-illisible")),
        ] {
            let mut notes = Notes::default();
            let code = code_insee(valeur, &mut notes);
            assert_eq!(code.as_ref().map(CodeCommune::as_str), attendu, "{valeur}");
            assert_eq!(notes.0.first().map(|n| n.regle.id), regle, "{valeur}");
        }
    }

    #[test]
    fn names_lose_only_cedex() {
        for (avant, apres) in [
            ("Marseille Cedex 09", "Marseille"),
            ("LYON CEDEX", "LYON"),
            ("Saint-Denis", "Saint-Denis"),
            ("MARSEILLE 11", "MARSEILLE 11"),
            ("Cedex", "Cedex"),
        ] {
            assert_eq!(nom_commune(avant, &mut Notes::default()), apres);
        }
    }

    #[test]
    fn finds_the_code_in_an_address() {
        let lu = |a: &str| code_postal_dans(a).map(|c| c.as_str().to_owned());
        assert_eq!(lu("8 rue de la Boétie - 33000 Bordeaux").as_deref(), Some("33000"));
        assert_eq!(lu("12345 route de 33560 Carbon-Blanc").as_deref(), Some("33560"));
        assert_eq!(lu("12 rue Neuve"), None);
    }
}
