//! Signatures of the userinfo. `openidconnect` verifies those of the id_token, but fixes RS256 for
//! the userinfo, which ProConnect signs as the client was declared; its keys are used here with the
//! algorithm of the configuration, which is never read from the token.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openidconnect::core::{CoreJsonWebKey, CoreJsonWebKeySet, CoreJwsSigningAlgorithm};
use openidconnect::{JsonWebKey, JsonWebKeyAlgorithm, JsonWebKeyUse, JwsSigningAlgorithm};

/// Why a signed text is refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum JwsError {
    /// Not the shape, the algorithm or the signature expected.
    #[error("{0}")]
    Bad(&'static str),
    /// No key of the provider fits: perhaps it has changed its keys.
    #[error("no key of the provider fits")]
    NoKey,
}

#[derive(serde::Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    crit: Option<serde_json::Value>,
    #[serde(default)]
    b64: Option<bool>,
    #[serde(default)]
    cty: Option<String>,
}

/// The claims of a signed text, its signature checked with the one key that fits.
pub(crate) fn verify(
    text: &str,
    alg: &CoreJwsSigningAlgorithm,
    keys: &CoreJsonWebKeySet,
) -> Result<serde_json::Value, JwsError> {
    let mut parts = text.split('.');
    let (Some(head), Some(body), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(JwsError::Bad("not three parts"));
    };
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| JwsError::Bad("not base64url"));
    let header: Header =
        serde_json::from_slice(&decode(head)?).map_err(|_| JwsError::Bad("a header that cannot be read"))?;
    let expected = serde_json::to_value(alg).ok();
    if expected.as_ref().and_then(|v| v.as_str()) != Some(header.alg.as_str()) {
        return Err(JwsError::Bad("another algorithm than the one configured"));
    }
    if header.crit.is_some() || header.b64.is_some() || header.cty.is_some() {
        return Err(JwsError::Bad("a header that changes the meaning"));
    }
    let signature = decode(signature)?;
    let key = the_key(keys, header.kid.as_deref(), alg)?;
    let signed = format!("{head}.{body}");
    key.verify_signature(alg, signed.as_bytes(), &signature)
        .map_err(|_| JwsError::Bad("a wrong signature"))?;
    serde_json::from_slice(&decode(body)?).map_err(|_| JwsError::Bad("claims that cannot be read"))
}

/// The one key that may have signed: of that identifier if the text names one, for signatures, of
/// the kind that the algorithm wants, and not reserved for another algorithm.
fn the_key<'k>(
    keys: &'k CoreJsonWebKeySet,
    kid: Option<&str>,
    alg: &CoreJwsSigningAlgorithm,
) -> Result<&'k CoreJsonWebKey, JwsError> {
    let fits = |key: &&CoreJsonWebKey| {
        let named = kid.is_none_or(|k| key.key_id().is_some_and(|id| id.as_str() == k));
        let signs = key.key_use().is_none_or(JsonWebKeyUse::allows_signature);
        let kind = alg.key_type().as_ref() == Some(key.key_type());
        let free = match key.signing_alg() {
            JsonWebKeyAlgorithm::Unspecified => true,
            JsonWebKeyAlgorithm::Algorithm(a) => a == alg,
            JsonWebKeyAlgorithm::Unsupported => false,
        };
        named && signs && kind && free
    };
    let mut found = keys.keys().iter().filter(fits);
    match (found.next(), found.next()) {
        (Some(key), None) => Ok(key),
        (None, _) => Err(JwsError::NoKey),
        (Some(_), Some(_)) => Err(JwsError::Bad("several keys fit")),
    }
}
