//! Who we are, and what we tell about it (OpenID Connect Discovery 1.0, 3).

use chrono::TimeDelta;
use serde_json::{Value, json};
use url::Url;

use super::AuthMethod;
use crate::jose::Alg;

/// How long things last.
#[derive(Clone, Copy, Debug)]
pub struct Lives {
    /// A request, until it is answered: long enough for two people and a slow connection. FranceConnect's own
    /// session lasts 30 minutes.
    pub demande: TimeDelta,
    /// A code.
    pub code: TimeDelta,
    /// An access token.
    pub jeton: TimeDelta,
    /// An `id_token`. FranceConnect tolerates no difference of clocks.
    pub id_token: TimeDelta,
}

impl Default for Lives {
    fn default() -> Self {
        Self {
            demande: TimeDelta::minutes(30),
            code: TimeDelta::seconds(30),
            jeton: TimeDelta::seconds(60),
            id_token: TimeDelta::seconds(300),
        }
    }
}

/// We, as a provider. Every address comes from here, never from the request (`Host` says what a stranger likes).
#[derive(Clone, Debug)]
pub struct Provider {
    issuer: String,
    /// Paths of the endpoints, from the issuer: `/authorize`, `/token`, `/userinfo`, `/jwks`, `/logout`.
    pub paths: Paths,
    /// How long things last.
    pub lives: Lives,
    /// The levels that we can give.
    pub acr: Vec<String>,
    /// The scopes that we know, besides `openid`.
    pub scopes: Vec<String>,
    /// The claims that we may give.
    pub claims: Vec<String>,
}

/// Paths of the endpoints.
#[derive(Clone, Debug)]
pub struct Paths {
    /// Where the browser arrives.
    pub authorize: String,
    /// Where a code becomes tokens.
    pub token: String,
    /// Where a token becomes an identity.
    pub userinfo: String,
    /// Our public keys.
    pub jwks: String,
    /// Where the browser leaves.
    pub logout: String,
}

impl Default for Paths {
    fn default() -> Self {
        let path = |name: &str| format!("/{name}");
        Self {
            authorize: path("authorize"),
            token: path("token"),
            userinfo: path("userinfo"),
            jwks: path("jwks"),
            logout: path("logout"),
        }
    }
}

/// An issuer that clients would not accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("l’émetteur est une adresse https, sans paramètre ni barre finale")]
pub struct ProviderFault;

impl Provider {
    /// A provider of that name. `local` admits `http` on this machine, for trials.
    ///
    /// # Errors
    /// An issuer that is not `https`, has parameters, or ends with a slash (one more is enough for FranceConnect to
    /// refuse everything).
    pub fn new(issuer: &str, local: bool) -> Result<Self, ProviderFault> {
        let url = Url::parse(issuer).map_err(|_| ProviderFault)?;
        let here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        let scheme = url.scheme() == "https" || (local && here && url.scheme() == "http");
        let bare = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        let normal = url.as_str() == issuer || url.as_str().strip_suffix('/') == Some(issuer);
        if !(scheme && bare && normal) || issuer.ends_with('/') {
            return Err(ProviderFault);
        }
        Ok(Self {
            issuer: issuer.to_owned(),
            paths: Paths::default(),
            lives: Lives::default(),
            acr: Vec::new(),
            scopes: Vec::new(),
            claims: Vec::new(),
        })
    }

    /// Our name, byte for byte.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The address of an endpoint.
    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.issuer)
    }

    /// The addresses that an assertion may be made for: the issuer, and the token endpoint (RFC 7523 3 lets both).
    pub(super) fn audiences(&self) -> [String; 2] {
        [self.issuer.clone(), self.at(&self.paths.token)]
    }

    /// The discovery document. `algs` are those for which a key signs; `auth` the ways that clients use.
    pub fn discovery(&self, algs: &[Alg], auth: &[AuthMethod]) -> Value {
        let scopes = std::iter::once("openid").chain(self.scopes.iter().map(String::as_str));
        let algs: Vec<&str> = algs.iter().map(|a| a.name()).collect();
        let auth: Vec<&str> = auth.iter().map(|a| a.name()).collect();
        json!({
            "issuer": self.issuer,
            "authorization_endpoint": self.at(&self.paths.authorize),
            "token_endpoint": self.at(&self.paths.token),
            "userinfo_endpoint": self.at(&self.paths.userinfo),
            "jwks_uri": self.at(&self.paths.jwks),
            "end_session_endpoint": self.at(&self.paths.logout),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": algs,
            "userinfo_signing_alg_values_supported": algs,
            "token_endpoint_auth_methods_supported": auth,
            "token_endpoint_auth_signing_alg_values_supported": ["ES256", "RS256"],
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": scopes.collect::<Vec<_>>(),
            "claims_supported": self.claims,
            "acr_values_supported": self.acr,
            "claims_parameter_supported": true,
            "request_parameter_supported": false,
            "request_uri_parameter_supported": false,
            "require_request_uri_registration": false,
            "authorization_response_iss_parameter_supported": true,
        })
    }
}
