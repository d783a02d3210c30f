//! One line of text in a document: what is printed is what was signed, and nothing in it is unseen.

use unicode_normalization::{UnicodeNormalization, is_nfc};

/// As FranceConnect bounds a name.
const LONGUEUR: usize = 256;

/// Why a line is refused: the end of a French sentence whose subject is the field.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LigneRefusee {
    /// Nothing is left of it.
    #[error("est vide")]
    Vide,
    /// Over 256 signs.
    #[error("a plus de 256 signes")]
    TropLongue,
    /// Accents written apart from their letters.
    #[error("a des accents écrits à part de leur lettre (il faut la forme NFC)")]
    Decomposee,
    /// Blanks at an end, or two in a row.
    #[error("a des blancs en trop")]
    Blancs,
    /// A sign that is not seen, or that turns the order of the others.
    #[error("contient un signe qui ne se voit pas, ou qui change le sens de lecture (U+{:04X})", u32::from(*.0))]
    Invisible(char),
    /// A sign with no place in a name or an address.
    #[error("contient un signe qui n’a pas sa place ici (U+{:04X})", u32::from(*.0))]
    Deplace(char),
}

/// What was changed in a line so that it could be kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Remarque {
    /// Accents were joined to their letters.
    Composee,
    /// Blanks were removed, or made plain.
    Blancs,
    /// A sign that is not seen was removed.
    Invisible(char),
}

impl std::fmt::Display for Remarque {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Composee => f.write_str("Les accents écrits à part ont été réunis à leur lettre."),
            Self::Blancs => f.write_str("Des blancs en trop ont été ôtés."),
            Self::Invisible(c) => {
                write!(f, "Un signe qui ne se voit pas a été ôté (U+{:04X}).", u32::from(*c))
            }
        }
    }
}

/// Signs that are not seen or that turn the order of reading: controls of direction, zero widths, joiners, fillers,
/// selectors, tags (Unicode, `Default_Ignorable_Code_Point` and `Bidi_Control`), and controls.
fn invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// Signs of names, functions and addresses. A list of what is admitted, so that what Unicode adds tomorrow is not.
fn permis(c: char) -> bool {
    c.is_alphanumeric()
        || c == ' '
        || c.is_ascii_punctuation()
        || matches!(c, '’' | '‘' | '«' | '»' | '“' | '”' | '–' | '—' | '‐' | '‑' | '…' | '·' | '°' | '€' | '§' | '№' | '™' | '®')
        // Accents that no composed letter has.
        || matches!(c, '\u{300}'..='\u{36f}')
}

/// Whether a document may hold that line, sign for sign.
///
/// # Errors
/// What is wrong with it.
pub fn exacte(texte: &str) -> Result<(), LigneRefusee> {
    if texte.is_empty() {
        return Err(LigneRefusee::Vide);
    }
    if texte.chars().count() > LONGUEUR {
        return Err(LigneRefusee::TropLongue);
    }
    if let Some(c) = texte.chars().find(|c| invisible(*c)) {
        return Err(LigneRefusee::Invisible(c));
    }
    let mut accents = 0;
    for c in texte.chars() {
        accents = if matches!(c, '\u{300}'..='\u{36f}') { accents + 1 } else { 0 };
        // Heaps of accents cover the lines around.
        if accents > 2 || !(permis(c) || c.is_whitespace()) {
            return Err(LigneRefusee::Deplace(c));
        }
    }
    if texte.chars().any(|c| c.is_whitespace() && c != ' ')
        || texte.starts_with(' ')
        || texte.ends_with(' ')
        || texte.contains("  ")
    {
        return Err(LigneRefusee::Blancs);
    }
    if !is_nfc(texte) {
        return Err(LigneRefusee::Decomposee);
    }
    Ok(())
}

/// The line that a document may hold, of what was typed or received, and what was changed in it.
///
/// # Errors
/// What cannot be repaired: nothing is left, too long, a sign with no place there.
pub fn lisse(recue: &str) -> Result<(String, Vec<Remarque>), LigneRefusee> {
    // Twice the length leaves room for what will be removed, and bounds the work.
    if recue.chars().nth(2 * LONGUEUR).is_some() {
        return Err(LigneRefusee::TropLongue);
    }
    let mut remarques = Vec::new();
    let mut visible = String::new();
    for c in recue.chars() {
        // Tabs and ends of lines are blanks to whoever typed them.
        if invisible(c) && !c.is_whitespace() {
            if !remarques.contains(&Remarque::Invisible(c)) {
                remarques.push(Remarque::Invisible(c));
            }
        } else {
            visible.push(c);
        }
    }
    let composee: String = visible.nfc().collect();
    if composee != visible {
        remarques.push(Remarque::Composee);
    }
    let serree = composee.split_whitespace().collect::<Vec<_>>().join(" ");
    if serree != composee {
        remarques.push(Remarque::Blancs);
    }
    exacte(&serree)?;
    Ok((serree, remarques))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_of_real_life() {
        for ligne in [
            "Élodie",
            "D’ALMEIDA-N'GUYEN",
            "Mairie de L’Haÿ-les-Roses",
            "12 bis, rue de la Paix – bât. A (2°)",
            "M\u{304}a",
        ] {
            assert_eq!(lisse(ligne), Ok((ligne.to_owned(), vec![])), "{ligne}");
        }
    }

    #[test]
    fn tricks_are_repaired_and_said() {
        for (recue, gardee, remarque) in [
            ("E\u{301}lodie", "Élodie", Remarque::Composee),
            ("Jean\u{200b}ne", "Jeanne", Remarque::Invisible('\u{200b}')),
            ("MARTIN\u{202e}", "MARTIN", Remarque::Invisible('\u{202e}')),
            ("DU\u{ad}PONT", "DUPONT", Remarque::Invisible('\u{ad}')),
            ("A\u{e0041}", "A", Remarque::Invisible('\u{e0041}')),
            (" Anne\u{a0}\u{2009} Marie\n", "Anne Marie", Remarque::Blancs),
            ("Anne\u{2028}Marie", "Anne Marie", Remarque::Blancs),
        ] {
            assert_eq!(lisse(recue), Ok((gardee.to_owned(), vec![remarque])), "{recue:?}");
            assert!(exacte(recue).is_err(), "{recue:?}");
            assert!(remarque.to_string().ends_with('.'));
        }
    }

    #[test]
    fn what_is_not_repaired() {
        for (recue, refus) in [
            ("", LigneRefusee::Vide),
            ("\u{200b}\u{feff} ", LigneRefusee::Vide),
            ("Jean 😀", LigneRefusee::Deplace('😀')),
            ("Z\u{35b}\u{35b}\u{35b}", LigneRefusee::Deplace('\u{35b}')),
            ("\u{e000}", LigneRefusee::Deplace('\u{e000}')),
        ] {
            assert_eq!(lisse(recue), Err(refus), "{recue:?}");
        }
        assert_eq!(lisse(&"a".repeat(257)), Err(LigneRefusee::TropLongue));
        assert_eq!(lisse(&"a".repeat(1 << 20)), Err(LigneRefusee::TropLongue));
        assert_eq!(
            LigneRefusee::Invisible('\u{200b}').to_string(),
            "contient un signe qui ne se voit pas, ou qui change le sens de lecture (U+200B)"
        );
    }

    proptest! {
        #[test]
        fn what_is_kept_is_exact_and_kept_again(recue in any::<String>()) {
            if let Ok((ligne, _)) = lisse(&recue) {
                prop_assert_eq!(exacte(&ligne), Ok(()));
                prop_assert_eq!(lisse(&ligne), Ok((ligne.clone(), vec![])));
            }
        }
    }
}
