//! Keys and signatures (RFC 7515, 7517, 7518, 7638), and a seam for encryption (RFC 7516).
//!
//! The algorithm of a signature is the one that the configuration names; what the token's header says must agree and
//! decides nothing (RFC 8725 3.1).

mod jwe;
mod jws;
mod key;
mod ring;
mod set;

pub use jwe::{Envelope, Opener, SealError, Sealer, Sealing, is_sealed};
pub use jws::{JwsError, SIZE, sign, unverified, verify};
pub use key::{KeyError, PrivateBytes, SigningKey, VerifyingKey};
pub use ring::{KeyDate, KeyRing, Rotation, Stage};
pub use set::{KeySet, SetError};

use crate::secret::sha256;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// The signatures that FranceConnect and ProConnect take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum Alg {
    /// ECDSA on P-256 with SHA-256: the advised one.
    #[serde(rename = "ES256")]
    Es256,
    /// RSA PKCS#1 v1.5 with SHA-256.
    #[serde(rename = "RS256")]
    Rs256,
    /// HMAC with SHA-256, keyed with the client's secret: only where a client is configured so.
    #[serde(rename = "HS256")]
    Hs256,
}

impl Alg {
    /// Its name in headers and documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
            Self::Hs256 => "HS256",
        }
    }

    /// From its exact name: `none`, `es256` or `PS256` are no algorithms here.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Es256, Self::Rs256, Self::Hs256].into_iter().find(|a| a.name() == name)
    }

    /// Whether whoever verifies could also have signed.
    pub const fn is_symmetric(self) -> bool {
        matches!(self, Self::Hs256)
    }
}

/// `at_hash` of an access token (OpenID Connect Core 3.1.3.6): the left half of its SHA-256, which all three
/// algorithms share.
pub fn at_hash(access_token: &str) -> String {
    URL_SAFE_NO_PAD.encode(&sha256(access_token.as_bytes())[..16])
}

#[cfg(test)]
mod tests;
