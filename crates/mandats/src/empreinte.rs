//! The fingerprint of bytes: what names them, and gives nothing of them away.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::Digest;

/// A SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Empreinte([u8; 32]);

impl Empreinte {
    /// Of these bytes.
    pub fn de(octets: &[u8]) -> Self {
        Self(sha2::Sha256::digest(octets).into())
    }

    /// From 64 hexadecimal digits in lower case, as [`Empreinte`] writes itself.
    pub fn lire(texte: &str) -> Option<Self> {
        let mut octets = [0; 32];
        let chiffres = texte.as_bytes();
        if chiffres.len() != 64 || !chiffres.iter().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f')) {
            return None;
        }
        for (octet, paire) in octets.iter_mut().zip(chiffres.chunks_exact(2)) {
            *octet = u8::from_str_radix(std::str::from_utf8(paire).ok()?, 16).ok()?;
        }
        Some(Self(octets))
    }

    /// In base64url, 43 signs: for an address.
    pub fn court(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// From what [`Empreinte::court`] gave.
    pub fn lire_court(texte: &str) -> Option<Self> {
        Some(Self(URL_SAFE_NO_PAD.decode(texte).ok()?.try_into().ok()?))
    }
}

impl std::fmt::Display for Empreinte {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&kernel::text::hex(&self.0))
    }
}

impl From<Empreinte> for String {
    fn from(empreinte: Empreinte) -> Self {
        empreinte.to_string()
    }
}

impl TryFrom<String> for Empreinte {
    type Error = &'static str;

    fn try_from(texte: String) -> Result<Self, Self::Error> {
        Self::lire(&texte).ok_or("not a SHA-256 in lower-case hexadecimal")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_and_read() {
        let empreinte = Empreinte::de(b"abc");
        assert_eq!(empreinte.to_string(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(Empreinte::lire(&empreinte.to_string()), Some(empreinte));
        assert_eq!(Empreinte::lire_court(&empreinte.court()), Some(empreinte));
        for bad in ["", "ba", &empreinte.to_string().to_uppercase(), &"+".repeat(64), &"é".repeat(32)] {
            assert_eq!(Empreinte::lire(bad), None, "{bad}");
        }
    }
}
