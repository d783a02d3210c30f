//! Clients that prove who they are (RFC 6749 2.3, RFC 7523, OpenID Connect Core 9).

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};

use super::{AuthMethod, Client, Provider, TokenError};
use crate::claims::{audience, seconds, text};
use crate::form::{Form, decode};
use crate::{Secret, jose, same};

/// The only kind of assertion (RFC 7523 2.2).
const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// An assertion good for longer would have to be remembered for longer. Some libraries make them for an hour.
const LONGEST: TimeDelta = TimeDelta::hours(1);
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
    /// The secret as it can be read: form-encoded as the standard asks, or as it came.
    Secret(AuthMethod, Vec<Secret>),
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
            let (client_id, secrets) = basic(header).ok_or(TokenError::invalid_client())?;
            Self { client_id, proof: Proof::Secret(AuthMethod::ClientSecretBasic, secrets) }
        } else if let Some(assertion) = assertion {
            if kind != Some(ASSERTION) {
                return Err(TokenError::invalid_request("client_assertion_type is not a JWT's"));
            }
            let claims = jose::unverified(&assertion).map_err(|_| TokenError::invalid_client())?;
            let id = text(&claims, "sub").ok_or(TokenError::invalid_client())?.to_owned();
            Self { client_id: id, proof: Proof::Assertion(Secret::new(assertion)) }
        } else {
            let id = named.clone().ok_or(TokenError::invalid_client())?;
            let post = |s| Proof::Secret(AuthMethod::ClientSecretPost, vec![Secret::new(s)]);
            let proof = secret.map_or(Proof::None, post);
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
        let refused = TokenError::invalid_client();
        let client = client.filter(|c| c.client_id == self.client_id);
        match &self.proof {
            Proof::Secret(method, shown) => {
                let nobody = [Secret::new(NOBODY)];
                let known = client.filter(|c| c.auth.contains(method));
                let secrets = known.map_or(nobody.as_slice(), |c| &c.secrets);
                // Every secret is compared, the right one or not.
                let pairs = secrets.iter().flat_map(|s| shown.iter().map(move |shown| (s, shown)));
                let found = pairs.fold(false, |found, (s, shown)| same(s.expose(), shown.expose()) | found);
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

/// RFC 6749 2.3.1: both halves are form-encoded before they are joined. Many clients forget it: the secret is then
/// read as it came.
fn basic(header: &str) -> Option<(String, Vec<Secret>)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") || encoded.len() > 4096 {
        return None;
    }
    let joined = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = joined.split_once(':')?;
    let id = decode(id).ok().filter(|id| !id.is_empty())?;
    let mut secrets = vec![Secret::new(secret)];
    secrets.extend(decode(secret).ok().filter(|d| d != secret).map(Secret::new));
    (!secret.is_empty()).then_some((id, secrets))
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
