//! The keys that somebody else publishes (RFC 7517 5).

use serde_json::Value;

use super::{Alg, JwsError, VerifyingKey};
use crate::claims::text;
use crate::json::{self, JsonError};

/// No set has more keys of one identifier: a secret being replaced, at most.
const CANDIDATES: usize = 4;
/// No honest set is longer, or has more keys.
const SIZE: usize = 256 * 1024;
const KEYS: usize = 64;
/// Keys that sign documents are published for ever: a set of them grows for as long as the site lives.
const ARCHIVE_SIZE: usize = 4 * 1024 * 1024;
const ARCHIVE_KEYS: usize = 4096;
/// No honest identifier of a key is longer.
pub(super) const KID: usize = 256;

/// Why a set of keys is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetError {
    /// Not a set, or over its bounds.
    #[error("not a set of keys")]
    Malformed,
    /// A private key stands in it: whoever publishes it can no longer be believed.
    #[error("a private key is published")]
    Private,
}

impl From<JsonError> for SetError {
    fn from(_: JsonError) -> Self {
        Self::Malformed
    }
}

/// Keys that verify.
#[derive(Clone, Debug, Default)]
pub struct KeySet(Vec<VerifyingKey>);

impl KeySet {
    /// Reads a set. Keys that are not for signatures, of other algorithms or badly made are left aside, as RFC 7517
    /// asks: a provider may publish more than we use.
    ///
    /// # Errors
    /// Not a set at all, too large (64 keys, 256 KiB), or holding a private key.
    pub fn parse(bytes: &[u8]) -> Result<Self, SetError> {
        Self::read(bytes, SIZE, KEYS)
    }

    /// Reads a set of keys of documents, all of those that ever signed one.
    ///
    /// # Errors
    /// Not a set at all, too large (4 096 keys, 4 MiB), or holding a private key.
    pub fn parse_archive(bytes: &[u8]) -> Result<Self, SetError> {
        Self::read(bytes, ARCHIVE_SIZE, ARCHIVE_KEYS)
    }

    fn read(bytes: &[u8], size: usize, most: usize) -> Result<Self, SetError> {
        let document = json::parse_object(bytes, size)?;
        let Some(Value::Array(all)) = document.get("keys") else { return Err(SetError::Malformed) };
        if all.len() > most {
            return Err(SetError::Malformed);
        }
        let mut keys = Vec::new();
        for jwk in all.iter().filter_map(Value::as_object) {
            let kind = text(jwk, "kty");
            if matches!(kind, Some("RSA" | "EC")) && jwk.contains_key("d") {
                return Err(SetError::Private);
            }
            let alg = match (kind, text(jwk, "crv")) {
                (Some("EC"), Some("P-256")) => Alg::Es256,
                (Some("RSA"), _) => Alg::Rs256,
                // `oct` above all: a secret that is published signs for everybody.
                _ => continue,
            };
            let signs = jwk.get("use").is_none_or(|u| u == "sig")
                && jwk.get("alg").is_none_or(|a| a == alg.name())
                && jwk
                    .get("key_ops")
                    .is_none_or(|ops| ops.as_array().is_some_and(|all| all.iter().any(|op| op == "verify")));
            let kid = match jwk.get("kid") {
                None => None,
                Some(Value::String(kid)) if kid.len() <= KID => Some(kid.clone()),
                Some(_) => continue,
            };
            if let (true, Ok(key)) = (signs, VerifyingKey::from_jwk(alg, kid, jwk)) {
                keys.push(key);
            }
        }
        Ok(Self(keys))
    }

    /// A set of these keys.
    pub fn of(keys: Vec<VerifyingKey>) -> Self {
        Self(keys)
    }

    /// Whether nothing can be verified with it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a key of that algorithm is among them.
    pub fn has(&self, alg: Alg) -> bool {
        self.0.iter().any(|k| k.alg() == alg)
    }

    /// Whether the key that the identifier designates signed these bytes.
    ///
    /// # Errors
    /// No key fits, several do, or the signature is of another key or of other bytes.
    pub fn verify(
        &self,
        alg: Alg,
        kid: Option<&str>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), JwsError> {
        let candidates: Vec<_> = self.designated(alg, kid).take(CANDIDATES).collect();
        // Secrets bear no name: the old and the new one are both tried.
        if candidates.len() > 1 && !alg.is_symmetric() {
            return Err(JwsError::Ambiguous);
        }
        if candidates.is_empty() {
            return Err(JwsError::UnknownKey);
        }
        if candidates.iter().any(|key| key.verifies(message, signature)) {
            Ok(())
        } else {
            Err(JwsError::Signature)
        }
    }

    /// The keys of that algorithm that the identifier designates; all of them when there is none.
    fn designated<'k>(&'k self, alg: Alg, kid: Option<&'k str>) -> impl Iterator<Item = &'k VerifyingKey> {
        self.0.iter().filter(move |k| {
            k.alg() == alg
                && (alg.is_symmetric() || kid.is_none_or(|kid| k.kid().is_some_and(|mine| mine == kid)))
        })
    }
}
