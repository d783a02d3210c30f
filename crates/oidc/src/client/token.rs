//! A code becomes tokens (OpenID Connect Core 3.1.3).

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::Chance;
use serde_json::json;

use super::{Answer, Flow, Metadata, Refused, Request, Settings};
use crate::claims::text;
use crate::jose::{self, SigningKey};
use crate::provider::AuthMethod;
use crate::{Claims, Secret, form, json};

/// What a code became. The refresh token of ProConnect is not kept: an identity is wanted once.
#[derive(Debug)]
pub struct Tokens {
    /// For the userinfo, at once.
    pub access_token: Secret,
    /// To be checked; then kept, encrypted, until the log-out.
    pub id_token: Secret,
}

impl Flow {
    /// The request that exchanges the code. `key` signs for us when the settings say so.
    ///
    /// # Errors
    /// The settings lack the secret or the key that they call for.
    pub fn exchange(
        &self,
        (settings, metadata): (&Settings, &Metadata),
        code: &Secret,
        key: Option<&SigningKey>,
        chance: &Chance,
        now: DateTime<Utc>,
    ) -> Result<Request, Refused> {
        let unset = Refused::Answer("neither secret nor key is configured");
        let mut pairs = vec![
            ("grant_type", "authorization_code".to_owned()),
            ("code", code.expose().to_owned()),
            ("redirect_uri", settings.redirect_uri.clone()),
        ];
        if let Some(verifier) = &self.verifier {
            pairs.push(("code_verifier", verifier.expose().to_owned()));
        }
        let mut headers = vec![
            ("accept", Secret::new("application/json")),
            ("content-type", Secret::new("application/x-www-form-urlencoded")),
        ];
        let secret = settings.secret.as_ref();
        match settings.auth {
            AuthMethod::ClientSecretPost => {
                pairs.push(("client_id", settings.client_id.clone()));
                pairs.push(("client_secret", secret.ok_or(unset)?.expose().to_owned()));
            }
            AuthMethod::ClientSecretBasic => {
                // RFC 6749 2.3.1: each half is form-encoded first.
                let encoded = |text: &str| form::encode([("", text)]).trim_start_matches('=').to_owned();
                let both =
                    format!("{}:{}", encoded(&settings.client_id), encoded(secret.ok_or(unset)?.expose()));
                headers.push(("authorization", Secret::new(format!("Basic {}", STANDARD.encode(both)))));
            }
            AuthMethod::PrivateKeyJwt => {
                let key = key.ok_or(unset.clone())?;
                let signed = client_assertion((&settings.client_id, &settings.issuer), key, chance, now);
                pairs.push(("client_id", settings.client_id.clone()));
                pairs.push(("client_assertion_type", ASSERTION_TYPE.to_owned()));
                pairs.push(("client_assertion", signed.map_err(|_| unset)?.expose().to_owned()));
            }
        }
        let body = form::encode(pairs.iter().map(|(k, v)| (*k, v.as_str())));
        let url = metadata.token_endpoint.clone();
        Ok(Request { method: "POST", url, headers, body: Some(Secret::new(body)) })
    }
}

/// The kind of assertion that a client shows (RFC 7523 2.2).
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What proves that a client is who it says, signed with its key (RFC 7523 3), for a minute and once. Its audience is the
/// issuer, alone: what one provider is shown is of no use at another.
///
/// # Errors
/// The key cannot sign.
pub fn client_assertion(
    (client_id, issuer): (&str, &str),
    key: &SigningKey,
    chance: &Chance,
    now: DateTime<Utc>,
) -> Result<Secret, jose::KeyError> {
    let claims = json!({
        "iss": client_id,
        "sub": client_id,
        "aud": issuer,
        "jti": chance.secret(),
        "iat": now.timestamp(),
        "exp": (now + TimeDelta::seconds(60)).timestamp(),
    });
    let claims: Claims = claims.as_object().cloned().unwrap_or_default();
    jose::sign(key, "JWT", &claims).map(Secret::new)
}

impl Tokens {
    /// Reads the answer.
    ///
    /// # Errors
    /// What the provider says instead, or an answer that is not one: no JSON, no token, a token that could not be
    /// sent.
    pub fn read(answer: &Answer) -> Result<Self, Refused> {
        if answer.status != 200 {
            return Err(Refused::of_answer(answer));
        }
        if answer.kind() != "application/json" {
            return Err(Refused::Answer("tokens that are not JSON"));
        }
        let all = json::parse_object(&answer.body, Answer::LONGEST)
            .map_err(|_| Refused::Answer("tokens that are not read"))?;
        if !text(&all, "token_type").is_some_and(|t| t.eq_ignore_ascii_case("bearer")) {
            return Err(Refused::Answer("another type of token"));
        }
        let token = |name: &str, why| {
            let fits =
                |t: &&str| (1..=2 * jose::SIZE).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_graphic());
            text(&all, name).filter(fits).map(Secret::new).ok_or(Refused::Answer(why))
        };
        Ok(Self {
            access_token: token("access_token", "no access token")?,
            id_token: token("id_token", "no id_token")?,
        })
    }
}
