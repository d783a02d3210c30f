//! Signed tokens in compact form (RFC 7515 7.1).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::set::KID;
use super::{Alg, KeyError, KeySet, SigningKey};
use crate::Claims;
use crate::claims::text;
use crate::json;

/// No honest token is longer.
pub const SIZE: usize = 64 * 1024;

/// Why a token is refused. The texts are for the operator; none holds a part of the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwsError {
    /// Over 64 KiB.
    #[error("too long")]
    TooLong,
    /// Not three parts of base64url, or JSON that is not read.
    #[error("not a signed token")]
    Malformed,
    /// Encrypted, where it was to be only signed.
    #[error("encrypted, which was not agreed")]
    Sealed,
    /// Another algorithm than the one agreed.
    #[error("another algorithm than the one agreed")]
    Algorithm,
    /// `crit`, `b64`, `zip`, `cty`, or another type of token.
    #[error("a header that changes the meaning")]
    Header,
    /// No key has that identifier: the signer has perhaps changed its keys.
    #[error("no key fits")]
    UnknownKey,
    /// Several keys could have signed, and the token names none.
    #[error("several keys fit")]
    Ambiguous,
    /// The signature is of another key, or of another text.
    #[error("a wrong signature")]
    Signature,
}

/// Signs claims. `typ` is the type that the header tells (RFC 8725 3.11).
///
/// # Errors
/// The key cannot sign.
pub fn sign(key: &SigningKey, typ: &str, claims: &Claims) -> Result<String, KeyError> {
    let mut header = json!({ "alg": key.alg().name(), "typ": typ });
    if let Some(kid) = key.kid() {
        header["kid"] = Value::String(kid.to_owned());
    }
    let body = serde_json::to_vec(claims).map_err(|_| KeyError::Signing)?;
    let mut token = URL_SAFE_NO_PAD.encode(header.to_string());
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(body, &mut token);
    let signature = key.sign(token.as_bytes())?;
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut token);
    Ok(token)
}

/// The three parts, and what the first and the second say.
struct Parts<'t> {
    header: Claims,
    claims: Claims,
    signed: &'t str,
    signature: &'t str,
}

fn parts(token: &str) -> Result<Parts<'_>, JwsError> {
    if token.len() > SIZE {
        return Err(JwsError::TooLong);
    }
    if super::is_sealed(token) {
        return Err(JwsError::Sealed);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(JwsError::Malformed)?;
    let (header, body) = signed.split_once('.').ok_or(JwsError::Malformed)?;
    let read = |part: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| JwsError::Malformed)?;
        json::parse_object(&bytes, SIZE).map_err(|_| JwsError::Malformed)
    };
    Ok(Parts { header: read(header)?, claims: read(body)?, signed, signature })
}

/// The claims, once the signature has been verified with the one key that may have signed. `types` are the types
/// that the header may tell; none is also taken.
///
/// `jku`, `jwk`, `x5u` and `x5c` of the header are never read: keys come from the configuration alone.
///
/// # Errors
/// Why it is refused.
pub fn verify(token: &str, alg: Alg, keys: &KeySet, types: &[&str]) -> Result<Claims, JwsError> {
    let parts = parts(token)?;
    if text(&parts.header, "alg") != Some(alg.name()) {
        return Err(JwsError::Algorithm);
    }
    check_header(&parts.header, types)?;
    let kid = match parts.header.get("kid") {
        None => None,
        Some(Value::String(kid)) if kid.len() <= KID => Some(kid.as_str()),
        Some(_) => return Err(JwsError::Malformed),
    };
    let signature = URL_SAFE_NO_PAD.decode(parts.signature).map_err(|_| JwsError::Malformed)?;
    keys.verify(alg, kid, parts.signed.as_bytes(), &signature)?;
    Ok(parts.claims)
}

fn check_header(header: &Claims, types: &[&str]) -> Result<(), JwsError> {
    if ["crit", "b64", "zip", "cty", "enc"].iter().any(|name| header.contains_key(*name)) {
        return Err(JwsError::Header);
    }
    let Some(typ) = header.get("typ") else { return Ok(()) };
    let typ = typ.as_str().ok_or(JwsError::Malformed)?.to_ascii_lowercase();
    // RFC 7515 4.1.9: the prefix may be left out.
    let typ = typ.strip_prefix("application/").unwrap_or(&typ);
    if types.iter().any(|t| t.eq_ignore_ascii_case(typ)) { Ok(()) } else { Err(JwsError::Header) }
}

/// What a token says, believed by nobody: to find out whose keys verify it.
///
/// # Errors
/// It is not read.
pub fn unverified(token: &str) -> Result<Claims, JwsError> {
    Ok(parts(token)?.claims)
}
