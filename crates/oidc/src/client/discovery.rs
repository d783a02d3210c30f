//! The discovery document of a provider, and its keys (OpenID Connect Discovery 1.0, 4).

use serde_json::Value;

use super::{Answer, Refused, Settings};
use crate::claims::text;
use crate::jose::KeySet;
use crate::provider::AuthMethod;
use crate::{Claims, Outbound, json};

/// What we use of a discovery document. Each address was admitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// Where people are sent.
    pub authorization_endpoint: String,
    /// Where a code becomes tokens.
    pub token_endpoint: String,
    /// Where a token becomes an identity.
    pub userinfo_endpoint: String,
    /// Its keys; none is needed when everything is signed with our secret.
    pub jwks_uri: Option<String>,
    /// Where people are signed out.
    pub end_session_endpoint: Option<String>,
    /// Whether its answers always bear its name (RFC 9207).
    pub iss_announced: bool,
}

/// Where the document is.
pub fn discovery_url(issuer: &str) -> String {
    format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))
}

fn list_holds(document: &Claims, name: &str, wanted: &str) -> bool {
    let list = document.get(name).and_then(Value::as_array);
    // A list that is not given says nothing.
    list.is_none_or(|all| all.iter().any(|v| v == wanted))
}

impl Metadata {
    /// Reads a document. One that is refused changes nothing: the last good copy serves on.
    ///
    /// # Errors
    /// Another issuer (byte for byte), an address on another host or without TLS, something that we need and that
    /// the provider says it does not do.
    pub fn read(answer: &Answer, settings: &Settings, outbound: &Outbound) -> Result<Self, Refused> {
        if answer.status != 200 {
            return Err(Refused::of_answer(answer));
        }
        let document = json::parse_object(&answer.body, Answer::LONGEST)
            .map_err(|_| Refused::Away("a discovery document that is not read"))?;
        if text(&document, "issuer") != Some(&settings.issuer) {
            return Err(Refused::Answer("the discovery document of another issuer"));
        }
        let optional = |name: &str| match document.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(address)) => match outbound.admits_text(address) {
                Ok(_) => Ok(Some(address.clone())),
                Err(_) => Err(Refused::Answer("an endpoint on another host, or without TLS")),
            },
            Some(_) => Err(Refused::Answer("an endpoint that is not an address")),
        };
        let needed = |name: &str| optional(name)?.ok_or(Refused::Answer("an endpoint is missing"));
        let signed = [Some(settings.id_token_alg), settings.userinfo_alg];
        let needs_keys = signed.into_iter().flatten().any(|alg| !alg.is_symmetric());
        let found = Self {
            authorization_endpoint: needed("authorization_endpoint")?,
            token_endpoint: needed("token_endpoint")?,
            userinfo_endpoint: needed("userinfo_endpoint")?,
            jwks_uri: if needs_keys { Some(needed("jwks_uri")?) } else { None },
            end_session_endpoint: optional("end_session_endpoint")?,
            iss_announced: document.get("authorization_response_iss_parameter_supported")
                == Some(&Value::Bool(true)),
        };
        if !list_holds(&document, "token_endpoint_auth_methods_supported", settings.auth.name()) {
            return Err(Refused::Settings(match settings.auth {
                AuthMethod::ClientSecretPost => "it does not offer client_secret_post at its token endpoint",
                AuthMethod::ClientSecretBasic => {
                    "it does not offer client_secret_basic at its token endpoint"
                }
                AuthMethod::PrivateKeyJwt => "it does not offer private_key_jwt at its token endpoint",
            }));
        }
        let signed = "token_endpoint_auth_signing_alg_values_supported";
        if settings.auth == AuthMethod::PrivateKeyJwt
            && !list_holds(&document, signed, settings.auth_alg.name())
        {
            return Err(Refused::Settings(
                "it does not take assertions signed with the algorithm of our key",
            ));
        }
        let does = list_holds(&document, "response_types_supported", "code")
            && list_holds(&document, "id_token_signing_alg_values_supported", settings.id_token_alg.name())
            && (!settings.pkce || list_holds(&document, "code_challenge_methods_supported", "S256"));
        if does { Ok(found) } else { Err(Refused::Answer("the provider does not do what is configured")) }
    }
}

/// Reads the provider's keys. A set that is refused or without a usable key changes nothing.
///
/// # Errors
/// Not a set, or an empty one.
pub fn read_keys(answer: &Answer) -> Result<KeySet, Refused> {
    if answer.status != 200 {
        return Err(Refused::of_answer(answer));
    }
    let keys = KeySet::parse(&answer.body).map_err(|_| Refused::Answer("keys that are not read"))?;
    if keys.is_empty() { Err(Refused::Answer("no usable key")) } else { Ok(keys) }
}
