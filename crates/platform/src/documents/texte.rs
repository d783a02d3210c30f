//! Texts as a printed page can show them: letters that no font has are shown as missing, marks that are not seen go, and
//! a word longer than the page may be cut.

use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

use super::monde::ATELIER;

/// Which letters are shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Alphabet {
    /// All that some font has.
    Toutes,
    /// Those of the font of the running text, which stand alone.
    Simples,
}

/// What stands for a letter that no font has.
const MANQUE: char = '\u{fffd}';
/// Where a word that is too long may be cut.
const COUPE: char = '\u{200b}';

/// Longest run of letters that is never cut, and length of its pieces beyond: in a line, in a cell.
const LIGNE: (usize, usize) = (64, 40);
const CELLULE: (usize, usize) = (20, 12);

/// The same data, every text as it can be shown.
pub(super) fn montrable(donnees: &Value, alphabet: Alphabet) -> Value {
    dans(donnees, alphabet, LIGNE)
}

fn dans(valeur: &Value, alphabet: Alphabet, mesure: (usize, usize)) -> Value {
    match valeur {
        Value::String(texte) => Value::String(coupe(&lettres(texte, alphabet), mesure)),
        Value::Array(valeurs) => valeurs.iter().map(|v| dans(v, alphabet, mesure)).collect(),
        Value::Object(champs) => champs
            .iter()
            .map(|(nom, v)| {
                let cellules = champs.contains_key("colonnes") && (nom == "lignes" || nom == "colonnes");
                (nom.clone(), dans(v, alphabet, if cellules { CELLULE } else { mesure }))
            })
            .collect(),
        autre => autre.clone(),
    }
}

/// Marks that are not seen: they join, part or turn letters, and no font need have them.
fn invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

fn prive(c: char) -> bool {
    matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}')
}

fn lettres(texte: &str, alphabet: Alphabet) -> String {
    let vue = |c: char| match alphabet {
        Alphabet::Toutes => ATELIER.montre(c),
        Alphabet::Simples => ATELIER.montre_en_romain(c) && !('\u{590}'..'\u{1e00}').contains(&c),
    };
    let mut out = String::with_capacity(texte.len());
    let mut precede = '\n';
    for c in texte.replace("\r\n", "\n").nfc() {
        let montree = match c {
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' => '\n',
            '\u{2029}' => '\n',
            '\t' => ' ',
            c if c.is_control() || invisible(c) => continue,
            c if c.is_ascii() || (!prive(c) && vue(c)) => c,
            _ => MANQUE,
        };
        // A mark that stands on the letter before it stands on nothing when that one is missing.
        if montree == MANQUE && precede == MANQUE && joint(c) {
            continue;
        }
        out.push(montree);
        precede = montree;
    }
    out
}

/// Marks that stand on the letter before them.
fn joint(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{20d0}'..='\u{20ff}')
}

fn coupe(texte: &str, (sans, morceau): (usize, usize)) -> String {
    let mut out = String::with_capacity(texte.len());
    for suite in texte.split_inclusive(char::is_whitespace) {
        if suite.chars().count() <= sans {
            out.push_str(suite);
            continue;
        }
        for (rang, c) in suite.chars().enumerate() {
            if rang > 0 && rang % morceau == 0 {
                out.push(COUPE);
            }
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_shown_or_said_to_be_missing() {
        for (given, shown) in [
            ("L’été, « ça » coûte 3 €.", "L’été, « ça » coûte 3 €."),
            ("#import \"x\" \\ $a$ *b* _c_ <d> @e [f]", "#import \"x\" \\ $a$ *b* _c_ <d> @e [f]"),
            ("a\r\nb\rc\u{2028}d\te", "a\nb\nc\nd e"),
            ("a\u{0}b\u{202e}c\u{feff}d\u{200d}e", "abcde"),
            ("\u{e000}", "\u{fffd}"),
            ("👩\u{200d}👩\u{1f3fd}漢", "\u{fffd}\u{fffd}\u{fffd}"),
            ("Ελλάδα Україна", "Ελλάδα Україна"),
        ] {
            assert_eq!(lettres(given, Alphabet::Toutes), shown, "{given}");
        }
        assert_eq!(lettres("a שלום b", Alphabet::Simples), "a \u{fffd}\u{fffd}\u{fffd}\u{fffd} b");
    }

    #[test]
    fn long_words_may_be_cut_and_others_are_left() {
        let empreinte = "0123456789abcdef".repeat(4);
        assert_eq!(coupe(&empreinte, LIGNE), empreinte);
        let long = coupe(&"x".repeat(10_000), LIGNE);
        assert_eq!(long.chars().filter(|c| *c == 'x').count(), 10_000);
        assert!(long.split(COUPE).all(|p| p.len() <= 40));
        assert_eq!(coupe("un deux\ntrois", CELLULE), "un deux\ntrois");
    }

    #[test]
    fn what_stands_for_a_missing_letter_is_not_missing() {
        assert!(ATELIER.montre(MANQUE) && ATELIER.montre_en_romain(MANQUE));
    }
}
