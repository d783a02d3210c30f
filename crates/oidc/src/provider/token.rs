//! The token endpoint (RFC 6749 4.1.3, OpenID Connect Core 3.1.3).

use chrono::{DateTime, Utc};
use kernel::Chance;
use serde_json::{Value, json};

use super::{Client, Code, Credentials, Jeton, Provider, TokenError, sign_for};
use crate::form::Form;
use crate::jose::{KeyRing, at_hash};
use crate::{Claims, Pepper, Secret};

const KNOWN: &[&str] = &[
    "grant_type",
    "code",
    "redirect_uri",
    "code_verifier",
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
];

/// A request that is read. The next steps: look for its client, authenticate it, look for its code.
#[derive(Debug)]
pub struct TokenRequest {
    /// What the client shows.
    pub credentials: Credentials,
    /// The code.
    pub code: Secret,
    /// The address to which it was sent.
    pub redirect_uri: String,
    /// The PKCE verifier.
    pub verifier: Option<Secret>,
}

/// What a code gave: a token to store, an answer to send with `Cache-Control: no-store`.
#[derive(Debug)]
pub struct Issued {
    /// To store.
    pub jeton: Jeton,
    /// The JSON to answer; it holds the tokens.
    pub body: Secret,
}

impl TokenRequest {
    /// Reads a POST.
    ///
    /// # Errors
    /// Not a form, a parameter missing or given twice, another grant, no way to authenticate or several.
    pub fn read(
        content_type: Option<&str>,
        authorization: Option<&str>,
        body: &str,
    ) -> Result<Self, TokenError> {
        let kind = content_type.and_then(|c| c.split(';').next()).unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(TokenError::invalid_request("not a form"));
        }
        let form = Form::read(body, KNOWN)
            .map_err(|_| TokenError::invalid_request("parameters too long, badly encoded or given twice"))?;
        match form.get("grant_type") {
            Some("authorization_code") => {}
            Some(_) => return Err(TokenError::unsupported_grant_type()),
            None => return Err(TokenError::invalid_request("grant_type is missing")),
        }
        let credentials = Credentials::read(authorization, &form)?;
        let code = form.owned("code").ok_or(TokenError::invalid_request("code is missing"))?;
        let redirect_uri =
            form.owned("redirect_uri").ok_or(TokenError::invalid_request("redirect_uri is missing"))?;
        Ok(Self {
            credentials,
            code: Secret::new(code),
            redirect_uri,
            verifier: form.owned("code_verifier").map(Secret::new),
        })
    }
}

impl Provider {
    /// What a redeemed code gives: an access token and an `id_token`.
    ///
    /// # Errors
    /// No key can sign for this client.
    pub fn issue(
        &self,
        client: &Client,
        code: &Code,
        ring: &KeyRing,
        (chance, pepper): (&Chance, &Pepper),
        now: DateTime<Utc>,
    ) -> Result<Issued, TokenError> {
        let expires_at = now + self.lives.jeton;
        let (jeton, clear) = Jeton::of(code, chance, pepper, expires_at);
        let claims = self.id_token(client, code, clear.expose(), now);
        let id_token =
            sign_for(client, client.id_token_alg, ring, &claims).map_err(|_| TokenError::unavailable())?;
        let body = json!({
            "access_token": clear.expose(),
            "token_type": "Bearer",
            // What is left, by the clock that will judge it.
            "expires_in": (expires_at - now).num_seconds(),
            "scope": code.scopes.join(" "),
            "id_token": id_token,
        });
        Ok(Issued { jeton, body: Secret::new(body.to_string()) })
    }

    /// The claims of an `id_token` (OpenID Connect Core 2).
    fn id_token(&self, client: &Client, code: &Code, access_token: &str, now: DateTime<Utc>) -> Claims {
        let mut claims = Claims::new();
        let mut put = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        put("iss", json!(self.issuer()));
        put("sub", json!(code.subject));
        put("aud", json!(client.client_id));
        put("iat", json!(now.timestamp()));
        put("exp", json!((now + self.lives.id_token).timestamp()));
        put("auth_time", json!(code.auth_time.timestamp()));
        put("acr", json!(code.acr));
        put("at_hash", json!(at_hash(access_token)));
        put("sid", json!(code.flow));
        if let Some(nonce) = &code.nonce {
            put("nonce", json!(nonce.expose()));
        }
        if !code.amr.is_empty() {
            put("amr", json!(code.amr));
        }
        if client.rep_scope && !code.rep_scope.is_empty() {
            put("rep_scope", json!(code.rep_scope));
        }
        if let Some(act) = code.act.as_ref().filter(|_| client.act) {
            put("act", json!(act));
        }
        claims
    }
}
