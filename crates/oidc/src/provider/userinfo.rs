//! The userinfo endpoint (OpenID Connect Core 5.3).

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{Client, Jeton, Provider, TokenError, sign_for};
use crate::jose::{KeyRing, Sealer};
use crate::{Claims, Secret};

/// What to answer, with `Cache-Control: no-store`.
#[derive(Debug)]
pub struct UserinfoAnswer {
    /// `application/json` or `application/jwt`.
    pub content_type: &'static str,
    /// An identity.
    pub body: Secret,
}

/// The claims that these scopes let out, of all those known of the person. `table` says which scope holds which.
pub fn by_scope(known: &Claims, scopes: &[String], table: &[(&str, &[&str])]) -> Claims {
    let let_out = |name: &str| {
        table.iter().any(|(scope, names)| names.contains(&name) && scopes.iter().any(|s| s == scope))
    };
    known.iter().filter(|(name, _)| let_out(name)).map(|(n, v)| (n.clone(), v.clone())).collect()
}

/// The answer for a token that was presented. Whatever `claims` say, `sub` is the token's: FranceConnect does not
/// compare it with the `id_token`'s, so that the two must be one value from the start.
///
/// # Errors
/// No key can sign, or nobody can encrypt, for this client.
pub fn userinfo(
    provider: &Provider,
    client: &Client,
    (jeton, claims): (&Jeton, &Claims),
    (ring, sealer): (&KeyRing, Option<&dyn Sealer>),
    now: DateTime<Utc>,
) -> Result<UserinfoAnswer, TokenError> {
    let mut claims = claims.clone();
    claims.insert("sub".to_owned(), json!(jeton.subject));
    let Some(alg) = client.userinfo_alg else {
        // An envelope holds a signed token: one of bare claims is not made, and nothing goes in clear in its place.
        if client.userinfo_sealing.is_some() {
            return Err(TokenError::unavailable());
        }
        let body = Secret::new(Value::Object(claims).to_string());
        return Ok(UserinfoAnswer { content_type: "application/json", body });
    };
    claims.insert("iss".to_owned(), json!(provider.issuer()));
    claims.insert("aud".to_owned(), json!(client.client_id));
    claims.insert("iat".to_owned(), json!(now.timestamp()));
    claims.insert("exp".to_owned(), json!((now + provider.lives.id_token).timestamp()));
    let signed = sign_for(client, alg, ring, &claims).map_err(|_| TokenError::unavailable())?;
    let body = match (&client.userinfo_sealing, sealer) {
        (None, _) => signed,
        (Some(_), Some(sealer)) => sealer.seal(&signed).map_err(|_| TokenError::unavailable())?,
        // Never in clear to a client that asked for an envelope.
        (Some(_), None) => return Err(TokenError::unavailable()),
    };
    Ok(UserinfoAnswer { content_type: "application/jwt", body: Secret::new(body) })
}
