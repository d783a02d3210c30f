//! One key: to sign with, to verify with, to show.

use std::sync::Arc;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, ParsedPublicKey,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256,
};
use aws_lc_rs::{constant_time, hmac};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::Alg;
use crate::secret::sha256_b64;

/// Why a key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// HS256 has no key of its own: it takes the client's secret.
    #[error("HS256 takes the secret of a client, not a key")]
    Symmetric,
    /// Under 256 bits (RFC 7518 3.2).
    #[error("a secret of fewer than 32 bytes")]
    ShortSecret,
    /// Not a key of that kind, or a weak one.
    #[error("not a usable key of that algorithm")]
    Rejected,
    /// The signature could not be made.
    #[error("signing failed")]
    Signing,
}

/// A private key as PKCS#8 bytes, which the caller encrypts before storing them.
pub struct PrivateBytes(Vec<u8>);

impl PrivateBytes {
    /// The bytes, for the one place that seals them.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for PrivateBytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PrivateBytes(…)")
    }
}

enum Signer {
    Es256(EcdsaKeyPair),
    Rs256(RsaKeyPair),
    Hs256(hmac::Key),
}

/// A key that signs.
pub struct SigningKey {
    kid: Option<String>,
    signer: Signer,
}

impl SigningKey {
    /// A new key, and its bytes to store sealed. The library draws it from the system's generator: a key never
    /// comes from a seed.
    ///
    /// # Errors
    /// HS256, or a generator that fails.
    pub fn generate(alg: Alg) -> Result<(Self, PrivateBytes), KeyError> {
        let (signer, bytes) = match alg {
            Alg::Es256 => {
                let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
                    .map_err(|_| KeyError::Rejected)?;
                let bytes = pair.to_pkcs8v1().map_err(|_| KeyError::Rejected)?.as_ref().to_vec();
                (Signer::Es256(pair), bytes)
            }
            Alg::Rs256 => {
                let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError::Rejected)?;
                let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| KeyError::Rejected)?;
                let bytes = der.as_ref().to_vec();
                (Signer::Rs256(pair), bytes)
            }
            Alg::Hs256 => return Err(KeyError::Symmetric),
        };
        Ok((Self::named(signer), PrivateBytes(bytes)))
    }

    /// From the bytes that [`SigningKey::generate`] gave.
    ///
    /// # Errors
    /// Not a key of that algorithm.
    pub fn from_pkcs8(alg: Alg, bytes: &[u8]) -> Result<Self, KeyError> {
        let signer = match alg {
            Alg::Es256 => Signer::Es256(
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, bytes)
                    .map_err(|_| KeyError::Rejected)?,
            ),
            Alg::Rs256 => Signer::Rs256(RsaKeyPair::from_pkcs8(bytes).map_err(|_| KeyError::Rejected)?),
            Alg::Hs256 => return Err(KeyError::Symmetric),
        };
        Ok(Self::named(signer))
    }

    /// From the PEM text that an operator keeps (RFC 7468, « BEGIN PRIVATE KEY »): P-256 signs ES256, RSA of 2048 bits or
    /// more RS256.
    ///
    /// # Errors
    /// Not such a text, or a key of another kind.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let (_, rest) = pem.split_once("-----BEGIN PRIVATE KEY-----").ok_or(KeyError::Rejected)?;
        let (body, _) = rest.split_once("-----END PRIVATE KEY-----").ok_or(KeyError::Rejected)?;
        let body: String = body.chars().filter(|c| !c.is_whitespace()).collect();
        let der = STANDARD.decode(body).map_err(|_| KeyError::Rejected)?;
        Self::from_pkcs8(Alg::Es256, &der).or_else(|_| Self::from_pkcs8(Alg::Rs256, &der))
    }

    /// The HS256 key that a client's secret is.
    ///
    /// # Errors
    /// Fewer than 32 bytes.
    pub fn from_secret(secret: &str) -> Result<Self, KeyError> {
        Ok(Self { kid: None, signer: Signer::Hs256(mac(secret)?) })
    }

    fn named(signer: Signer) -> Self {
        let mut key = Self { kid: None, signer };
        key.kid = key.thumbprint();
        key
    }

    /// What it signs with.
    pub fn alg(&self) -> Alg {
        match self.signer {
            Signer::Es256(_) => Alg::Es256,
            Signer::Rs256(_) => Alg::Rs256,
            Signer::Hs256(_) => Alg::Hs256,
        }
    }

    /// Its identifier: the thumbprint of the public key (RFC 7638); none for a client's secret.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The members of its public half, in the order of RFC 7638 3.2.
    fn members(&self) -> Option<Vec<(&'static str, String)>> {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match &self.signer {
            Signer::Es256(pair) => {
                // The uncompressed point: 4, then x and y of 32 bytes each.
                let point = pair.public_key().as_ref();
                let (x, y) = (point.get(1..33)?, point.get(33..65)?);
                Some(vec![
                    ("crv", "P-256".to_owned()),
                    ("kty", "EC".to_owned()),
                    ("x", text(x)),
                    ("y", text(y)),
                ])
            }
            Signer::Rs256(pair) => {
                let parts = PublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                Some(vec![("e", text(&parts.e)), ("kty", "RSA".to_owned()), ("n", text(&parts.n))])
            }
            Signer::Hs256(_) => None,
        }
    }

    fn thumbprint(&self) -> Option<String> {
        let members: Vec<String> =
            self.members()?.iter().map(|(name, value)| format!("\"{name}\":\"{value}\"")).collect();
        Some(sha256_b64(&format!("{{{}}}", members.join(","))))
    }

    /// The public half as a JWK (RFC 7517 4); none for a client's secret.
    pub fn jwk(&self) -> Option<Value> {
        let mut jwk = json!({ "use": "sig", "alg": self.alg().name(), "kid": self.kid.as_deref()? });
        for (name, value) in self.members()? {
            jwk[name] = Value::String(value);
        }
        Some(jwk)
    }

    /// What verifies its signatures.
    ///
    /// # Errors
    /// The library refuses its own key.
    pub fn verifying(&self) -> Result<VerifyingKey, KeyError> {
        let verifier = match &self.signer {
            Signer::Es256(pair) => VerifyingKey::point(pair.public_key().as_ref())?,
            Signer::Rs256(pair) => {
                let parts = PublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                VerifyingKey::modulus(&parts.n, &parts.e)?
            }
            Signer::Hs256(key) => Verifier::Mac(key.clone()),
        };
        Ok(VerifyingKey { kid: self.kid.clone(), alg: self.alg(), verifier })
    }

    /// Signs bytes, for what is no token ([`super::sign`] makes tokens). ES256 gives r then s, 64 bytes.
    ///
    /// # Errors
    /// The key cannot sign.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let rng = SystemRandom::new();
        match &self.signer {
            Signer::Es256(pair) => {
                Ok(pair.sign(&rng, message).map_err(|_| KeyError::Signing)?.as_ref().to_vec())
            }
            Signer::Rs256(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &rng, message, &mut signature).map_err(|_| KeyError::Signing)?;
                Ok(signature)
            }
            Signer::Hs256(key) => Ok(hmac::sign(key, message).as_ref().to_vec()),
        }
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({} {})", self.alg().name(), self.kid().unwrap_or("of a secret"))
    }
}

fn mac(secret: &str) -> Result<hmac::Key, KeyError> {
    if secret.len() < 32 {
        return Err(KeyError::ShortSecret);
    }
    Ok(hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()))
}

#[derive(Clone)]
enum Verifier {
    Public(Arc<ParsedPublicKey>),
    Mac(hmac::Key),
}

/// A key that verifies, for one algorithm and no other.
#[derive(Clone)]
pub struct VerifyingKey {
    kid: Option<String>,
    alg: Alg,
    verifier: Verifier,
}

impl VerifyingKey {
    /// The HS256 key that a client's secret is.
    ///
    /// # Errors
    /// Fewer than 32 bytes.
    pub fn from_secret(secret: &str) -> Result<Self, KeyError> {
        Ok(Self { kid: None, alg: Alg::Hs256, verifier: Verifier::Mac(mac(secret)?) })
    }

    /// The public key of a JWK for that algorithm. A point that is not on the curve and a modulus of fewer than
    /// 2048 bits are refused.
    pub(crate) fn from_jwk(alg: Alg, kid: Option<String>, jwk: &crate::Claims) -> Result<Self, KeyError> {
        let bytes = |name: &str| {
            let text = crate::claims::text(jwk, name).ok_or(KeyError::Rejected)?;
            URL_SAFE_NO_PAD.decode(text).map_err(|_| KeyError::Rejected)
        };
        let verifier = match alg {
            Alg::Es256 => {
                let (x, y) = (bytes("x")?, bytes("y")?);
                if x.len() != 32 || y.len() != 32 {
                    return Err(KeyError::Rejected);
                }
                Self::point(&[&[4], x.as_slice(), y.as_slice()].concat())?
            }
            Alg::Rs256 => Self::modulus(&bytes("n")?, &bytes("e")?)?,
            Alg::Hs256 => return Err(KeyError::Symmetric),
        };
        Ok(Self { kid, alg, verifier })
    }

    fn point(bytes: &[u8]) -> Result<Verifier, KeyError> {
        let key = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, bytes).map_err(|_| KeyError::Rejected)?;
        Ok(Verifier::Public(Arc::new(key)))
    }

    fn modulus(n: &[u8], e: &[u8]) -> Result<Verifier, KeyError> {
        // A huge exponent makes each verification slow; e = 1 verifies anything.
        let small = e.len() <= 4 && !(e.len() == 1 && e[0] < 3) && e.last().is_some_and(|b| b % 2 == 1);
        if !(256..=1024).contains(&n.len()) || !small {
            return Err(KeyError::Rejected);
        }
        let key = PublicKeyComponents { n, e }
            .to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)
            .map_err(|_| KeyError::Rejected)?;
        Ok(Verifier::Public(Arc::new(key)))
    }

    /// The algorithm that it verifies.
    pub fn alg(&self) -> Alg {
        self.alg
    }

    /// Its identifier, when it has one.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Whether the signature is of these bytes.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.verifier {
            Verifier::Public(key) => key.verify_sig(message, signature).is_ok(),
            Verifier::Mac(key) => {
                constant_time::verify_slices_are_equal(hmac::sign(key, message).as_ref(), signature).is_ok()
            }
        }
    }
}

impl std::fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "VerifyingKey({} {})", self.alg.name(), self.kid().unwrap_or("without kid"))
    }
}
