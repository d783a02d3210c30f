//! Clients that prove who they are (RFC 6749 2.3, RFC 7523, OpenID Connect Core 9).

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};

use super::{AuthMethod, Client, Provider, TokenError};
use crate::claims::{audience, seconds, text};
use crate::form::{Form, decode};
use crate::{Secret, jose, same};

/// The only kind of assertion (RFC 7523 2.2).
const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// An assertion good for longer would have to be remembered for longer.
const LONGEST: TimeDelta = TimeDelta::minutes(10);
/// How far a client's clock may be from ours.
const SKEW: TimeDelta = TimeDelta::seconds(30);
/// Compared with when the client is unknown, so that the answer takes the same time.
pub(super) const NOBODY: &str = "no client has this secret, which is never a secret of a client";

/// What a client shows.
#[derive(Debug)]
pub struct Credentials {
    client_id: String,
    proof: Proof,
}

#[derive(Debug)]
enum Proof {
    Secret(AuthMethod, Secret),
    Assertion(Secret),
    /// Nothing at all: no client of ours is public.
    None,
}

/// An assertion that was accepted, to be remembered until it expires: the caller inserts its `jti` under a unique
/// key, in the same transaction, and a second one fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assertion {
    /// Its identifier, unique for the client.
    pub jti: String,
    /// When it may be forgotten.
    pub expires_at: DateTime<Utc>,
}

/// A client that proved who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authenticated {
    /// How.
    pub method: AuthMethod,
    /// The assertion to remember, when it is how.
    pub assertion: Option<Assertion>,
}

impl Credentials {
    /// From the `Authorization` header and the form; exactly one way (RFC 6749 2.3).
    pub(super) fn read(authorization: Option<&str>, form: &Form) -> Result<Self, TokenError> {
        let (secret, assertion) = (form.owned("client_secret"), form.owned("client_assertion"));
        let kind = form.get("client_assertion_type");
        let ways = [authorization.is_some(), secret.is_some(), assertion.is_some()];
        if ways.iter().filter(|w| **w).count() > 1 {
            return Err(TokenError::invalid_request("more than one way to authenticate"));
        }
        let named = form.owned("client_id");
        let found = if let Some(header) = authorization {
            let (id, secret) = basic(header).ok_or(TokenError::invalid_client(true))?;
            Self { client_id: id, proof: Proof::Secret(AuthMethod::ClientSecretBasic, Secret::new(secret)) }
        } else if let Some(assertion) = assertion {
            if kind != Some(ASSERTION) {
                return Err(TokenError::invalid_request("client_assertion_type is not a JWT's"));
            }
            let claims = jose::unverified(&assertion).map_err(|_| TokenError::invalid_client(false))?;
            let id = text(&claims, "sub").ok_or(TokenError::invalid_client(false))?.to_owned();
            Self { client_id: id, proof: Proof::Assertion(Secret::new(assertion)) }
        } else {
            let id = named.clone().ok_or(TokenError::invalid_client(false))?;
            let proof =
                secret.map_or(Proof::None, |s| Proof::Secret(AuthMethod::ClientSecretPost, Secret::new(s)));
            Self { client_id: id, proof }
        };
        if named.is_some_and(|n| n != found.client_id) {
            return Err(TokenError::invalid_request("client_id is not the one that authenticates"));
        }
        Ok(found)
    }

    /// The client to look for.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Whether the client proves who it is. `client` is what was found under [`Credentials::client_id`], an active
    /// one.
    ///
    /// # Errors
    /// `invalid_client`, whatever the reason.
    pub fn authenticate(
        &self,
        provider: &Provider,
        client: Option<&Client>,
        now: DateTime<Utc>,
    ) -> Result<Authenticated, TokenError> {
        let basic = matches!(self.proof, Proof::Secret(AuthMethod::ClientSecretBasic, _));
        let refused = TokenError::invalid_client(basic);
        let client = client.filter(|c| c.client_id == self.client_id);
        match &self.proof {
            Proof::Secret(method, shown) => {
                let nobody = [Secret::new(NOBODY)];
                let known = client.filter(|c| c.auth.contains(method));
                let secrets = known.map_or(nobody.as_slice(), |c| &c.secrets);
                // Every secret is compared, the right one or not.
                let found = secrets.iter().fold(false, |found, s| same(s.expose(), shown.expose()) | found);
                if found && known.is_some() {
                    Ok(Authenticated { method: *method, assertion: None })
                } else {
                    Err(refused)
                }
            }
            Proof::Assertion(token) => {
                let client = client.filter(|c| c.auth.contains(&AuthMethod::PrivateKeyJwt)).ok_or(refused)?;
                let assertion = check_assertion(provider, client, token.expose(), now).ok_or(refused)?;
                Ok(Authenticated { method: AuthMethod::PrivateKeyJwt, assertion: Some(assertion) })
            }
            Proof::None => Err(refused),
        }
    }
}

/// RFC 6749 2.3.1: both halves are form-encoded before they are joined.
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") || encoded.len() > 4096 {
        return None;
    }
    let joined = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = joined.split_once(':')?;
    let (id, secret) = (decode(id).ok()?, decode(secret).ok()?);
    (!id.is_empty() && !secret.is_empty()).then_some((id, secret))
}

/// RFC 7523 3.
fn check_assertion(
    provider: &Provider,
    client: &Client,
    token: &str,
    now: DateTime<Utc>,
) -> Option<Assertion> {
    let (alg, keys) = client.keys.as_ref()?;
    let claims = jose::verify(token, *alg, keys, &["JWT", "client-authentication+jwt"]).ok()?;
    let id = Some(client.client_id.as_str());
    if text(&claims, "iss") != id || text(&claims, "sub") != id {
        return None;
    }
    let ours = provider.audiences();
    if !audience(&claims).ok()?.iter().any(|aud| ours.iter().any(|o| o == aud)) {
        return None;
    }
    let date = |name| seconds(&claims, name).ok()?.and_then(|s| DateTime::from_timestamp(s, 0));
    let expires_at = date("exp")?;
    if now >= expires_at + SKEW || expires_at > now + LONGEST + SKEW {
        return None;
    }
    for name in ["nbf", "iat"] {
        if claims.contains_key(name) && date(name)? > now + SKEW {
            return None;
        }
    }
    let jti = text(&claims, "jti").filter(|j| (1..=255).contains(&j.len()))?;
    Some(Assertion { jti: jti.to_owned(), expires_at: expires_at + SKEW })
}
