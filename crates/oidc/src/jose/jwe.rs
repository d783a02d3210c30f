//! A seam for encrypted answers (RFC 7516): what an envelope must look like before anybody opens it, and the two
//! things that a caller brings. FranceConnect+ asks for it; FranceConnect and ProConnect do not.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use super::SIZE;
use crate::claims::text;
use crate::{Claims, json};

/// How answers are encrypted, when they are.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Sealing {
    /// `ECDH-ES`, `RSA-OAEP` or `RSA-OAEP-256`.
    pub alg: String,
    /// `A256GCM`.
    pub enc: String,
}

/// Why an envelope is not opened, or not made. One text for every reason: which one it is would help an attacker
/// (RFC 7516 11.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an encrypted answer that cannot be used")]
pub struct SealError;

/// Encrypts a signed token for a client, with the key that the client publishes.
pub trait Sealer {
    /// The token in its envelope, in compact form, `cty` being `JWT` and `kid` the client's key.
    ///
    /// # Errors
    /// No key of the client fits.
    fn seal(&self, signed: &str) -> Result<String, SealError>;
}

/// Opens what was encrypted for us.
pub trait Opener {
    /// The bytes inside.
    ///
    /// # Errors
    /// Not for us, or altered.
    fn open(&self, envelope: &Envelope) -> Result<Vec<u8>, SealError>;
}

/// Whether a token has the five parts of an encrypted one.
pub fn is_sealed(token: &str) -> bool {
    token.bytes().filter(|b| *b == b'.').count() == 4
}

/// An envelope whose header is the one agreed, ready to be opened.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// The header.
    pub header: Claims,
    /// The header as it was sent: the data that the encryption authenticates.
    pub protected: String,
    /// The encrypted key, the vector, the text and the tag.
    pub parts: [Vec<u8>; 4],
}

impl Envelope {
    /// Reads an envelope. The algorithms are those agreed, and a compressed text is refused before anything is
    /// inflated.
    ///
    /// # Errors
    /// Anything else than what was agreed.
    pub fn read(token: &str, agreed: &Sealing) -> Result<Self, SealError> {
        if token.len() > 2 * SIZE || !is_sealed(token) {
            return Err(SealError);
        }
        let mut texts = token.split('.');
        let protected = texts.next().ok_or(SealError)?;
        let mut decoded = || URL_SAFE_NO_PAD.decode(texts.next().ok_or(SealError)?).map_err(|_| SealError);
        let parts = [decoded()?, decoded()?, decoded()?, decoded()?];
        let header = URL_SAFE_NO_PAD.decode(protected).map_err(|_| SealError)?;
        let header = json::parse_object(&header, 8 * 1024).map_err(|_| SealError)?;
        let agreed = text(&header, "alg") == Some(&agreed.alg) && text(&header, "enc") == Some(&agreed.enc);
        let plain = !["zip", "crit", "p2c", "p2s"].iter().any(|name| header.contains_key(*name));
        let nested =
            header.get("cty").is_none_or(|cty| cty.as_str().is_some_and(|c| c.eq_ignore_ascii_case("JWT")));
        let named = header.get("kid").is_none_or(Value::is_string);
        if !(agreed && plain && nested && named) {
            return Err(SealError);
        }
        Ok(Self { header, protected: protected.to_owned(), parts })
    }

    /// The signed token inside.
    ///
    /// # Errors
    /// Not for us, altered, or not a text.
    pub fn open(&self, opener: &dyn Opener) -> Result<String, SealError> {
        let inside = opener.open(self)?;
        if inside.len() > SIZE {
            return Err(SealError);
        }
        String::from_utf8(inside).map_err(|_| SealError)
    }
}
