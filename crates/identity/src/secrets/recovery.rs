//! Recovery codes: ten, each used once, for the day when the telephone is lost.

use kernel::Chance;

/// How many codes a set holds.
pub const COUNT: usize = 10;

/// Letters and digits that nobody confuses on paper (no 0/o, 1/i/l, u/v).
const ALPHABET: &[u8] = b"23456789abcdefghjkmnpqrstwxyz";

/// A new set, as shown once: three groups of four, about 58 bits each.
pub fn new_set(chance: &Chance) -> Vec<String> {
    (0..COUNT)
        .map(|_| {
            let symbols: Vec<char> = (0..12)
                .map(|_| {
                    let at = usize::try_from(chance.below(ALPHABET.len() as u64)).unwrap_or(0);
                    char::from(ALPHABET[at])
                })
                .collect();
            symbols.chunks(4).map(|g| g.iter().collect::<String>()).collect::<Vec<_>>().join("-")
        })
        .collect()
}

/// The canonical form of a typed code: blanks and dashes dropped, lower case.
pub fn canonical(typed: &str) -> Option<String> {
    let code: String =
        typed.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect();
    let separators_only = typed.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c.is_whitespace());
    (code.len() == 12 && separators_only).then_some(code)
}

/// What the database keeps. Fifty-eight bits of chance need no slow hash; the account is mixed in so
/// that equal codes of two people do not look alike.
pub fn hash(canonical: &str, compte: kernel::ids::CompteId) -> String {
    kernel::text::sha256_hex(&format!("secours:{compte}:{canonical}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_differ_and_are_read_however_typed() {
        let set = new_set(&Chance::seeded(2));
        assert_eq!(set.len(), COUNT);
        let mut sorted = set.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!(sorted.len(), COUNT);
        for code in &set {
            assert_eq!(code.len(), 14);
            let plain = canonical(code).unwrap();
            assert_eq!(canonical(&code.to_uppercase()), Some(plain.clone()));
            assert_eq!(canonical(&format!(" {} ", code.replace('-', " "))), Some(plain));
        }
        for bad in ["", "abc", "abcd-efgh-jkm", "abcd-efgh-jkmn-p", "abcd'efgh-jkmn", "ébcd-efgh-jkmn"] {
            assert_eq!(canonical(bad), None, "{bad}");
        }
    }
}
