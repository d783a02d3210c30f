//! Telephone numbers, to the shape `+33180059880`.

use kernel::{CodePostal, Telephone};

use super::Notes;
use crate::lieux::rapport::Regle;

const FORMAT: Regle =
    Regle::repare("telephone-format", "Le numéro est mis à la forme internationale du standard.");
const PLUSIEURS: Regle =
    Regle::repare("telephone-plusieurs", "Le standard n’accepte qu’un numéro : seul le premier est gardé.");
const COURT: Regle =
    Regle::ecarte("telephone-court", "Un numéro court ne peut pas s’écrire dans le standard des lieux.");
const FICTIF: Regle =
    Regle::ecarte("telephone-fictif", "Ce numéro est fait de chiffres répétés : il est sans doute inventé.");
const ILLISIBLE: Regle =
    Regle::ecarte("telephone-illisible", "Ce numéro de téléphone n’a pas la forme attendue.");

/// Puts a number in shape. The postal code tells the prefix of the short local numbers of the
/// Pacific and of Saint-Pierre-et-Miquelon.
pub fn telephone(valeur: &str, code_postal: Option<&CodePostal>, notes: &mut Notes) -> Option<Telephone> {
    if valeur.is_empty() {
        return None;
    }
    if let Some(t) = Telephone::parse(valeur).filter(|t| t.as_str() == valeur) {
        return Some(t);
    }
    let candidats: Vec<Telephone> = morceaux(valeur).filter_map(|m| numero(m, code_postal)).collect();
    let Some(premier) = candidats.first() else {
        let chiffres = valeur.chars().filter(char::is_ascii_digit).count();
        let regle = if (3..=4).contains(&chiffres) { COURT } else { ILLISIBLE };
        if chiffres == 0 && valeur.trim().trim_matches('-').is_empty() {
            return None;
        }
        notes.signale(regle, valeur, None);
        return None;
    };
    if fictif(premier) {
        notes.signale(FICTIF, valeur, None);
        return None;
    }
    let distincts = candidats.iter().any(|c| c != premier);
    notes.repare(if distincts { PLUSIEURS } else { FORMAT }, valeur, premier.as_str());
    Some(premier.clone())
}

/// The parts of a cell that may each hold one number.
fn morceaux(valeur: &str) -> impl Iterator<Item = &str> {
    let entier = Telephone::parse(valeur).is_some();
    valeur
        .split(move |c: char| {
            !entier && (matches!(c, '/' | ';' | ',' | '|' | '\n' | ':') || c.is_alphabetic())
        })
        .map(str::trim)
        .filter(|m| !m.is_empty())
}

fn numero(morceau: &str, code_postal: Option<&CodePostal>) -> Option<Telephone> {
    if let Some(t) = Telephone::parse(morceau) {
        return Some(t);
    }
    let plus = morceau.starts_with('+');
    let chiffres: String =
        morceau.strip_suffix(".0").unwrap_or(morceau).chars().filter(char::is_ascii_digit).collect();
    let local = code_postal.and_then(|cp| match cp.as_str().get(..3) {
        Some("988") => Some("+687"),
        Some("987") => Some("+689"),
        Some("986") => Some("+681"),
        Some("975") => Some("+508"),
        _ => None,
    });
    match (chiffres.len(), chiffres.as_bytes().first()) {
        // The zero that a spreadsheet ate.
        (9, Some(b'1'..=b'9')) if !plus => Telephone::parse(&format!("0{chiffres}")),
        // The plus sign that a spreadsheet ate.
        (11 | 12, _) if !plus && chiffres.starts_with("33") => Telephone::parse(&format!("+{chiffres}")),
        (12, _) if !plus && ["590", "594", "596", "262"].iter().any(|p| chiffres.starts_with(p)) => {
            Telephone::parse(&format!("+{chiffres}"))
        }
        (6 | 8, _) if !plus => Telephone::parse(&format!("{}{chiffres}", local?)),
        // Two numbers one after the other, blanks between: the first ten digits.
        (20, Some(b'0')) => Telephone::parse(&chiffres[..10]),
        // Dots, dashes and other signs inside a number of ten digits.
        (10, Some(b'0')) => Telephone::parse(&chiffres),
        _ => None,
    }
}

/// Zeros to the end, or one digit all along.
fn fictif(t: &Telephone) -> bool {
    let chiffres = t.as_str().as_bytes();
    let fin = &chiffres[chiffres.len().saturating_sub(8)..];
    fin.iter().all(|c| *c == b'0') || fin.iter().all(|c| *c == fin[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn essai(valeur: &str, cp: &str) -> (Option<String>, Option<&'static str>) {
        let mut notes = Notes::default();
        let t = telephone(valeur, CodePostal::parse(cp).as_ref(), &mut notes);
        (t.map(|t| t.as_str().to_owned()), notes.0.first().map(|n| n.regle.id))
    }

    #[test]
    fn numbers_of_real_files() {
        for (valeur, cp, attendu, regle) in [
            ("+33180059880", "", Some("+33180059880"), None),
            ("04 50 56 87 49", "", Some("+33450568749"), Some("telephone-format")),
            ("450568749", "", Some("+33450568749"), Some("telephone-format")),
            ("33450568749", "", Some("+33450568749"), Some("telephone-format")),
            ("Tél : 04.50.56.87.49", "", Some("+33450568749"), Some("telephone-format")),
            ("04 50 56 87 49 (mairie)", "", Some("+33450568749"), Some("telephone-format")),
            ("04 50 56 87 49 / 06 12 34 56 78", "", Some("+33450568749"), Some("telephone-plusieurs")),
            ("04 50 56 87 49 ou 06 12 34 56 78", "", Some("+33450568749"), Some("telephone-plusieurs")),
            ("04_50_56_87_49", "", Some("+33450568749"), Some("telephone-format")),
            ("27 32 44", "98800", Some("+687273244"), Some("telephone-format")),
            ("40 50 57 50", "98714", Some("+68940505750"), Some("telephone-format")),
            ("41 10 10", "97500", Some("+508411010"), Some("telephone-format")),
            ("0262 90 31 31", "97400", Some("+262262903131"), Some("telephone-format")),
            ("27 32 44", "75001", None, Some("telephone-illisible")),
            ("3949", "", None, Some("telephone-court")),
            ("0100000000", "", None, Some("telephone-fictif")),
            ("01 11 11 11 11", "", None, Some("telephone-fictif")),
            ("04 50 56 87", "", None, Some("telephone-illisible")),
            ("voir le site", "", None, Some("telephone-illisible")),
            ("+33323012345", "", Some("+33323012345"), None), // holds "3230": not the number of the CAF
            ("-", "", None, None),
            ("", "", None, None),
        ] {
            assert_eq!(essai(valeur, cp), (attendu.map(str::to_owned), regle), "{valeur}");
        }
    }
}
