//! The departure to a provider (OpenID Connect Core 3.1.2.1).

use chrono::{DateTime, Utc};
use kernel::Chance;
use kernel::text::hex;
use serde_json::json;

use super::{AcrAsked, Callback, Metadata, Refused, Settings};
use crate::form;
use crate::secret::{sha256, sha256_b64};
use crate::{Secret, same};

/// A sign-in under way. Stored under its `state`; deleted when the person comes back, whatever they bring.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Flow {
    /// The provider, so that the answer of another is not taken.
    pub issuer: String,
    /// What the return must bring.
    pub state: Secret,
    /// What the `id_token` must bear.
    pub nonce: Secret,
    /// What proves that the code is ours.
    pub verifier: Option<Secret>,
    /// The SHA-256 of the secret that only the browser of departure has.
    pub browser: String,
    /// When it began.
    pub begun_at: DateTime<Utc>,
}

/// What to store, what to put in a cookie, where to send the browser.
#[derive(Debug)]
pub struct Departure {
    /// To store.
    pub flow: Flow,
    /// For a cookie of this browser: `__Host-`, `HttpOnly`, `SameSite=Lax`.
    pub browser: Secret,
    /// The whole address.
    pub location: Secret,
}

impl Flow {
    /// Begins.
    pub fn begin(settings: &Settings, metadata: &Metadata, chance: &Chance, now: DateTime<Utc>) -> Departure {
        let browser = Secret::new(chance.secret());
        let flow = Self {
            issuer: settings.issuer.clone(),
            state: Secret::new(chance.secret()),
            nonce: Secret::new(chance.secret()),
            verifier: settings.pkce.then(|| Secret::new(chance.secret())),
            browser: fingerprint(browser.expose()),
            begun_at: now,
        };
        let location = Secret::new(flow.location(settings, metadata));
        Departure { flow, browser, location }
    }

    fn location(&self, settings: &Settings, metadata: &Metadata) -> String {
        let mut pairs: Vec<(&str, String)> = vec![
            ("response_type", "code".to_owned()),
            ("client_id", settings.client_id.clone()),
            ("redirect_uri", settings.redirect_uri.clone()),
            ("scope", settings.scopes.join(" ")),
            ("state", self.state.expose().to_owned()),
            ("nonce", self.nonce.expose().to_owned()),
        ];
        if let Some(verifier) = &self.verifier {
            pairs.push(("code_challenge", sha256_b64(verifier.expose())));
            pairs.push(("code_challenge_method", "S256".to_owned()));
        }
        match settings.acr_asked {
            AcrAsked::No => {}
            AcrAsked::Values => pairs.push(("acr_values", settings.acr.join(" "))),
            AcrAsked::Essential => {
                let claims = json!({ "id_token": { "acr": { "essential": true, "values": settings.acr }, "amr": null } });
                pairs.push(("claims", claims.to_string()));
            }
        }
        if let Some(prompt) = &settings.prompt {
            pairs.push(("prompt", prompt.clone()));
        }
        if let Some(age) = settings.max_age {
            pairs.push(("max_age", age.to_string()));
        }
        pairs.extend(settings.extra.iter().map(|(k, v)| (k.as_str(), v.clone())));
        form::with_query(&metadata.authorization_endpoint, pairs.iter().map(|(k, v)| (*k, v.as_str())))
    }

    /// The code of a return: of this flow, in this browser, in time, from this provider. Nothing is asked of the
    /// provider before all that holds.
    ///
    /// # Errors
    /// Why the return is refused, or what the provider says instead of a code.
    pub fn receive(
        &self,
        callback: &Callback,
        (settings, metadata): (&Settings, &Metadata),
        browser: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Secret, Refused> {
        if !browser.is_some_and(|b| same(&fingerprint(b), &self.browser)) {
            return Err(Refused::Return("another browser"));
        }
        if !callback.state().is_some_and(|s| same(s, self.state.expose())) {
            return Err(Refused::Return("another state"));
        }
        if now >= self.begun_at + settings.life {
            return Err(Refused::Return("too late"));
        }
        if self.issuer != settings.issuer {
            return Err(Refused::Return("begun with another provider"));
        }
        match callback.iss() {
            Some(iss) if iss == settings.issuer => {}
            None if !metadata.iss_announced => {}
            Some(_) => return Err(Refused::Return("the iss of another provider")),
            None => return Err(Refused::Return("no iss although it is announced")),
        }
        callback.code()
    }
}

fn fingerprint(browser: &str) -> String {
    hex(&sha256(browser.as_bytes()))
}
