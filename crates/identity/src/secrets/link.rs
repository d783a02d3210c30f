//! Secrets that travel in a link or a cookie: 256 bits of chance, of which the database keeps
//! only the SHA-256. A copy of the database then opens nothing.

use kernel::{Chance, text};

/// A secret just made: shown once, never stored.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// A new secret of 256 bits.
    pub fn new(chance: &Chance) -> Self {
        Self(chance.secret())
    }

    /// Reads what came back in a link or a cookie. Anything of another shape is no secret of ours
    /// and never reaches the database.
    pub fn parse(received: &str) -> Option<Self> {
        let well_formed =
            received.len() == 64 && received.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        well_formed.then(|| Self(received.to_owned()))
    }

    /// As it goes into the link or the cookie.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What the database keeps.
    pub fn hash(&self) -> String {
        text::sha256_hex(&self.0)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_shape_is_read_back_and_the_hash_tells_nothing() {
        let secret = Secret::new(&Chance::seeded(7));
        assert_eq!(Secret::parse(secret.expose()).map(|s| s.hash()), Some(secret.hash()));
        assert_ne!(secret.expose(), secret.hash());
        for bad in ["", "abc", &"g".repeat(64), &"A".repeat(64), &"a".repeat(65), "' OR 1=1 --"] {
            assert!(Secret::parse(bad).is_none(), "{bad}");
        }
        assert!(!format!("{secret:?}").contains(secret.expose()));
    }
}
