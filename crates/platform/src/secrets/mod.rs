//! Sealing small secrets before they reach the database: a stolen copy without the key of the
//! configuration gives nothing away.

pub mod stream;

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
use hmac::{Hmac, Mac};
use kernel::Chance;
use sha2::{Digest, Sha256};

use crate::Mode;

/// Seals and opens with XChaCha20-Poly1305, under a key derived from `cles.secret`.
#[derive(Clone)]
pub struct Secrets {
    cipher: Option<Arc<XChaCha20Poly1305>>,
    prints: [u8; 32],
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets")
    }
}

/// The secret cannot be sealed or opened: no key in the configuration, or not the one it was
/// sealed with, or not the place it was sealed for.
#[derive(Debug, thiserror::Error)]
#[error("le secret ne peut être lu ou écrit avec la clé « cles.secret » de la configuration")]
pub struct SealError;

impl Secrets {
    /// From the configured secret; the demonstration has one of its own, known to all. Without any,
    /// nothing is sealed, and fingerprints are under a key of chance that dies with the process.
    pub fn new(secret: Option<&str>, mode: Mode, chance: &Chance) -> Self {
        let secret = secret.or((mode == Mode::Demo).then_some("demonstration: rien de vrai ici"));
        let key = |name: &str, s: &str| Sha256::digest(format!("maillage {name} v1\0{s}").as_bytes());
        Self {
            cipher: secret.map(|s| Arc::new(XChaCha20Poly1305::new(&key("secrets", s)))),
            prints: secret.map_or_else(|| chance.bytes(), |s| key("empreintes", s).into()),
        }
    }

    /// A keyed fingerprint of what must be recognised, and never read back: the whole of IPv4 is tried
    /// in a minute against a bare hash. Each `use_of` has fingerprints of its own.
    pub fn fingerprint(&self, use_of: &str, clear: &str) -> String {
        // A block size of key, or less, is one that HMAC takes: this cannot fail.
        let Ok(mut mac) = <Hmac<Sha256> as Mac>::new_from_slice(&self.prints) else { return String::new() };
        mac.update(&(use_of.len() as u64).to_be_bytes());
        mac.update(use_of.as_bytes());
        mac.update(clear.as_bytes());
        kernel::text::hex(&mac.finalize().into_bytes())
    }

    /// Seals `clear`; `place` (table, column, row) is bound to it, so that a sealed value moved to
    /// another row no longer opens.
    ///
    /// # Errors
    /// When no key is configured.
    pub fn seal(&self, chance: &Chance, place: &str, clear: &[u8]) -> Result<String, SealError> {
        let cipher = self.cipher.as_ref().ok_or(SealError)?;
        let nonce = chance.bytes::<24>();
        let sealed = cipher
            .encrypt(XNonce::from_slice(&nonce), Payload { msg: clear, aad: place.as_bytes() })
            .map_err(|_| SealError)?;
        Ok(STANDARD_NO_PAD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// Opens what [`Secrets::seal`] sealed for the same place.
    ///
    /// # Errors
    /// When the key, the place or the text is not the right one.
    pub fn open(&self, place: &str, sealed: &str) -> Result<Vec<u8>, SealError> {
        let cipher = self.cipher.as_ref().ok_or(SealError)?;
        let bytes = STANDARD_NO_PAD.decode(sealed).map_err(|_| SealError)?;
        let (nonce, msg) = bytes.split_at_checked(24).ok_or(SealError)?;
        cipher
            .decrypt(XNonce::from_slice(nonce), Payload { msg, aad: place.as_bytes() })
            .map_err(|_| SealError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_only_with_the_key_and_at_the_place() {
        let chance = Chance::seeded(7);
        let secrets = Secrets::new(Some("a"), Mode::Serve, &chance);
        let sealed = secrets.seal(&chance, "totp/1", b"graine").unwrap();
        assert_eq!(secrets.open("totp/1", &sealed).unwrap(), b"graine");
        assert!(secrets.open("totp/2", &sealed).is_err());
        assert!(Secrets::new(Some("b"), Mode::Serve, &chance).open("totp/1", &sealed).is_err());
        assert!(Secrets::new(None, Mode::Serve, &chance).seal(&chance, "x", b"y").is_err());
        assert!(secrets.open("totp/1", "pas du base64 !").is_err());
    }

    #[test]
    fn fingerprints_are_keyed() {
        let chance = Chance::seeded(7);
        let new = |key: Option<&str>| Secrets::new(key, Mode::Serve, &chance);
        let print = |s: &Secrets| s.fingerprint("source", "192.0.2.1");
        let a = new(Some("a"));
        assert_eq!(print(&a), print(&new(Some("a"))), "instances of one key agree");
        assert_ne!(print(&a), print(&new(Some("b"))));
        assert_ne!(print(&a), a.fingerprint("adresse", "192.0.2.1"));
        assert_ne!(a.fingerprint("a", "bc"), a.fingerprint("ab", "c"));
        // Without a key of the configuration: one of chance, never none.
        let (one, two) = (new(None), new(None));
        assert_eq!(print(&one), print(&one.clone()));
        assert_ne!(print(&one), print(&two));
    }
}
