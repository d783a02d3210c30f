//! Secrets that do not show themselves, and comparisons that do not tell how close one was.

use aws_lc_rs::{constant_time, digest, hmac};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::text::hex;

/// A text that neither `Debug` nor a log shows: a code, a token, a client's secret.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Whether two texts are the same, in a time that depends on neither their content nor where they differ.
pub fn same(a: &str, b: &str) -> bool {
    // Digests first: lengths are not told either.
    let (a, b) = (sha256(a.as_bytes()), sha256(b.as_bytes()));
    constant_time::verify_slices_are_equal(&a, &b).is_ok()
}

/// SHA-256.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    out
}

/// SHA-256 as base64url without padding: a PKCE challenge (RFC 7636 4.2), a thumbprint (RFC 7638).
pub(crate) fn sha256_b64(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(sha256(text.as_bytes()))
}

/// The key under which codes and tokens are stored: a copy of the database, without it, lets nobody use or
/// recognise one.
#[derive(Clone)]
pub struct Pepper(hmac::Key);

impl Pepper {
    /// From a key of the configuration; 32 bytes or more.
    pub fn new(key: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// What is stored of a clear value. `usage` keeps a code from being found as a token.
    pub(crate) fn digest(&self, usage: &str, clear: &str) -> String {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(usage.as_bytes());
        context.update(&[0]);
        context.update(clear.as_bytes());
        hex(context.sign().as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_show_itself() {
        assert_eq!(format!("{:?}", Secret::new("abc")), "Secret(…)");
    }

    #[test]
    fn same_and_other_texts() {
        assert!(same("abc", "abc") && same("", ""));
        assert!(!same("abc", "abd") && !same("abc", "ab") && !same("", "a"));
    }

    #[test]
    fn a_digest_depends_on_the_key_and_on_the_usage() {
        let (one, two) = (Pepper::new(&[1; 32]), Pepper::new(&[2; 32]));
        assert_eq!(one.digest("code", "x"), one.digest("code", "x"));
        assert_ne!(one.digest("code", "x"), two.digest("code", "x"));
        assert_ne!(one.digest("code", "x"), one.digest("jeton", "x"));
        assert!(!one.digest("code", "clair").contains("clair"));
    }

    /// RFC 7636, appendix B.
    #[test]
    fn the_challenge_of_rfc_7636() {
        assert_eq!(
            sha256_b64("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }
}
