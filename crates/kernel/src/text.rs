//! Text helpers that several rooms need: folding for search, hexadecimal, French plurals.

use unicode_normalization::UnicodeNormalization;

/// Folds a text for search: lower case, no accents, ligatures opened, every run of anything that
/// is not a letter or a digit becomes one blank. `"L’Haÿ-les-Roses"` gives `"l hay les roses"`.
pub fn fold(text: &str) -> String {
    let mut folded = Folded { out: String::with_capacity(text.len()), blank: false };
    for c in text.chars() {
        // Most letters are of ASCII: they need no table of Unicode.
        if c.is_ascii_alphanumeric() {
            folded.word(c.to_ascii_lowercase());
        } else if c.is_ascii() {
            folded.blank = true;
        } else {
            c.nfkd().flat_map(char::to_lowercase).for_each(|c| folded.sign(c));
        }
    }
    folded.out
}

/// The text under way of [`fold`].
struct Folded {
    out: String,
    /// A blank is due before the next letter.
    blank: bool,
}

impl Folded {
    fn word(&mut self, c: char) {
        if self.blank && !self.out.is_empty() {
            self.out.push(' ');
        }
        self.blank = false;
        self.out.push(c);
    }

    fn sign(&mut self, c: char) {
        match c {
            'œ' => "oe".chars().for_each(|c| self.word(c)),
            'æ' => "ae".chars().for_each(|c| self.word(c)),
            'ß' => "ss".chars().for_each(|c| self.word(c)),
            '\u{300}'..='\u{36f}' => {}
            c if c.is_alphanumeric() => self.word(c),
            _ => self.blank = true,
        }
    }
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut s, b| {
        let _ = write!(s, "{b:02x}");
        s
    })
}

/// SHA-256 of a text, in hexadecimal. Used for secrets that are looked up (links, sessions).
pub fn sha256_hex(text: &str) -> String {
    use sha2::Digest;
    hex(&sha2::Sha256::digest(text.as_bytes()))
}

/// Months, from January; `MOIS[date.month0()]`.
pub const MOIS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

/// A number and its noun, which French leaves in the singular below two: « 0 lieu », « 1 lieu », « 12 345 lieux ».
pub fn compte(n: u64, singulier: &str, pluriel: &str) -> String {
    let nom = if n < 2 { singulier } else { pluriel };
    format!("{} {nom}", nombre(i64::try_from(n).unwrap_or(i64::MAX)))
}

/// Thousands separated by a narrow no-break space, as French typography asks: `34 969`.
pub fn nombre(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut out = String::new();
    if n < 0 {
        out.push('-');
    }
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(c);
    }
    out
}

/// A decimal with a French comma: `nombre_decimal(3.14159, 1)` gives `3,1`.
pub fn nombre_decimal(n: f64, decimals: usize) -> String {
    let s = format!("{n:.decimals$}");
    match s.split_once('.') {
        Some((whole, part)) => format!("{},{part}", nombre(whole.parse().unwrap_or(0))),
        None => nombre(s.parse().unwrap_or(0)),
    }
}

/// The text with a capital letter at its beginning.
pub fn majuscule(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |c| c.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_what_people_type() {
        for (typed, folded) in [
            ("L’Haÿ-les-Roses", "l hay les roses"),
            ("  Œuilly  ", "oeuilly"),
            ("SAINT-ÉTIENNE", "saint etienne"),
            ("Médiathèque n°3", "mediatheque n 3"),
            ("", ""),
            ("--", ""),
        ] {
            assert_eq!(fold(typed), folded, "{typed}");
        }
    }

    #[test]
    fn agrees_nouns_with_numbers() {
        let lieux = |n| compte(n, "lieu", "lieux");
        assert_eq!(
            [lieux(0), lieux(1), lieux(2), lieux(1000)],
            ["0 lieu", "1 lieu", "2 lieux", "1\u{202f}000 lieux"]
        );
    }

    #[test]
    fn writes_numbers_as_french_does() {
        assert_eq!(nombre(34969), "34\u{202f}969");
        assert_eq!(nombre(-1000), "-1\u{202f}000");
        assert_eq!(nombre(999), "999");
        assert_eq!(nombre_decimal(1234.56, 1), "1\u{202f}234,6");
        assert_eq!(nombre_decimal(0.25, 2), "0,25");
    }
}
