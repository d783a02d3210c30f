//! French telephone numbers, in the shape of the national standard: `+33180059880`.

/// A number of the standard: a French international prefix, then 6 to 9 digits, no blanks.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
#[serde(transparent)]
pub struct Telephone(String);

/// Prefixes that the standard of lieux admits (1.2, field 12).
pub const PREFIXES: [&str; 10] =
    ["+590", "+594", "+262", "+596", "+269", "+687", "+689", "+508", "+681", "+33"];

/// The prefix of national numbers that begin with these four digits.
fn prefixe(debut: &str) -> &'static str {
    match debut {
        "0590" | "0690" | "0691" => "+590",
        "0594" | "0694" => "+594",
        "0596" | "0696" | "0697" => "+596",
        "0262" | "0692" | "0693" | "0263" | "0269" | "0639" => "+262",
        "0508" => "+508",
        _ => "+33",
    }
}

impl Telephone {
    /// Parses a number that is already international, or a national one of ten digits (`01 80 …`,
    /// overseas prefixes chosen from the first four digits), whatever its blanks and dots.
    pub fn parse(typed: &str) -> Option<Self> {
        let compact: String = typed
            .trim()
            .chars()
            .filter(|c| !c.is_whitespace() && !".-/()\u{200e}\u{202c}".contains(*c))
            .collect();
        let compact = compact.strip_prefix("00").map_or(compact.clone(), |rest| format!("+{rest}"));
        if compact.starts_with('+') {
            return Self::international(&compact);
        }
        if compact.len() != 10 || !compact.starts_with('0') || !compact.bytes().all(|c| c.is_ascii_digit()) {
            return None;
        }
        if &compact[1..2] == "0" {
            return None;
        }
        Self::international(&format!("{}{}", prefixe(&compact[..4]), &compact[1..]))
    }

    fn international(compact: &str) -> Option<Self> {
        let (prefix, digits) = PREFIXES.iter().find_map(|p| compact.strip_prefix(p).map(|d| (*p, d)))?;
        // "+33 (0)1 …": the zero between brackets is not dialled.
        let digits = if digits.len() == 10 { digits.strip_prefix('0').unwrap_or(digits) } else { digits };
        // An overseas number written behind the prefix of the mainland is the same number: `lisible` shows both alike.
        let prefix = if prefix == "+33" && digits.len() == 9 && digits.is_ascii() {
            prefixe(&format!("0{}", &digits[..3]))
        } else {
            prefix
        };
        let ok = (6..=9).contains(&digits.len()) && digits.bytes().all(|c| c.is_ascii_digit());
        ok.then(|| Self(format!("{prefix}{digits}")))
    }

    /// International form, for `tel:` links and files.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As people read it: `01 80 05 98 80`, or the international form by pairs.
    pub fn lisible(&self) -> String {
        let by_pairs = |digits: &str| {
            let chars: Vec<char> = digits.chars().collect();
            chars.chunks(2).map(|c| c.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
        };
        for prefix in ["+33", "+590", "+594", "+596", "+262"] {
            if let Some(rest) = self.0.strip_prefix(prefix).filter(|r| r.len() == 9) {
                return by_pairs(&format!("0{rest}"));
            }
        }
        let n = 4.min(self.0.len());
        format!("{} {}", &self.0[..n], by_pairs(&self.0[n..]))
    }
}

impl std::fmt::Display for Telephone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Telephone;

    #[test]
    fn reads_what_files_hold() {
        for (typed, standard) in [
            ("01 80 05 98 80", "+33180059880"),
            ("01.80.05.98.80", "+33180059880"),
            ("+33 (0)1 80 05 98 80", "+33180059880"),
            ("0033180059880", "+33180059880"),
            ("0262 12 34 56", "+262262123456"),
            ("0692123456", "+262692123456"),
            ("+687 12 34 56", "+687123456"),
            ("+33 6 39 98 00 12", "+262639980012"),
            ("+33 692 12 34 56", "+262692123456"),
        ] {
            assert_eq!(Telephone::parse(typed).as_ref().map(Telephone::as_str), Some(standard), "{typed}");
        }
        for bad in ["", "3949", "01 80 05 98", "0080059880", "+44 20 7946 0000", "téléphone"] {
            assert_eq!(Telephone::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn is_readable() {
        assert_eq!(Telephone::parse("+33180059880").map(|t| t.lisible()).as_deref(), Some("01 80 05 98 80"));
        // What is shown and typed again is the same number.
        for typed in [
            "0180059880",
            "0692123456",
            "+33639980012",
            "0508410000",
            "+687123456",
            "+681721234",
            "0590123456",
        ] {
            let number = Telephone::parse(typed);
            let again = number.as_ref().and_then(|n| Telephone::parse(&n.lisible()));
            assert!(number.is_some() && again == number, "{typed}: {number:?} {again:?}");
        }
        assert_eq!(Telephone::parse("+687123456").map(|t| t.lisible()).as_deref(), Some("+687 12 34 56"));
    }
}
