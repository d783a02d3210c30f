//! The cookies of this context, and what a request tells of its browser.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::USER_AGENT;
use axum::http::request::Parts;
use axum::response::Response;
use platform::Site;
use platform::web::observe::Source;
use platform::web::shell::{append_cookie, cookie};

use super::rules;
use crate::secrets::link::Secret;

/// Which cookie.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Biscuit {
    /// The session: gone when the browser closes; the server ends it earlier.
    Session,
    /// The device, remembered for the count of its failed tries.
    Appareil,
    /// A sign-in under way.
    Etape,
    /// The browser that went to ProConnect.
    ProConnect,
    /// What was typed while the session ended.
    Saisie,
}

impl Biscuit {
    fn plain(self) -> &'static str {
        match self {
            Self::Session => "maillage-session",
            Self::Appareil => "maillage-appareil",
            Self::Etape => "maillage-etape",
            Self::ProConnect => "maillage-proconnect",
            Self::Saisie => "maillage-saisie",
        }
    }

    fn max_age(self) -> Option<i64> {
        match self {
            Self::Session => None,
            Self::Appareil => Some(rules::APPAREIL_DUREE.num_seconds()),
            Self::Etape | Self::ProConnect => Some(600),
            Self::Saisie => Some(crate::saisies::actions::DUREE.num_seconds()),
        }
    }
}

/// Cookies as this instance sets them: with the prefix `__Host-` (Secure, no Domain, path /) when
/// its origin is https; on http, which only localhost may use, a browser would refuse that prefix.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Biscuits {
    https: bool,
}

impl Biscuits {
    pub(crate) fn of(site: &Site) -> Self {
        Self { https: site.config.serveur.origine.starts_with("https:") }
    }

    fn name(self, which: Biscuit) -> String {
        if self.https { format!("__Host-{}", which.plain()) } else { which.plain().to_owned() }
    }

    pub(crate) fn read(self, parts: &Parts, which: Biscuit) -> Option<Secret> {
        Secret::parse(cookie(parts, &self.name(which))?)
    }

    pub(crate) fn set(self, response: &mut Response, which: Biscuit, secret: &Secret) {
        let age = which.max_age().map(|s| format!("; Max-Age={s}")).unwrap_or_default();
        self.write(response, which, secret.expose(), &age);
    }

    pub(crate) fn clear(self, response: &mut Response, which: Biscuit) {
        self.write(response, which, "", "; Max-Age=0");
    }

    /// Whether the response sets that cookie.
    pub(crate) fn is_set(self, response: &Response, which: Biscuit) -> bool {
        let start = format!("{}=", self.name(which));
        response
            .headers()
            .get_all(axum::http::header::SET_COOKIE)
            .iter()
            .any(|v| v.to_str().is_ok_and(|v| v.starts_with(&start)))
    }

    fn write(self, response: &mut Response, which: Biscuit, value: &str, age: &str) {
        let secure = if self.https { "; Secure" } else { "" };
        append_cookie(
            response,
            &format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}", self.name(which)),
        );
    }
}

/// What a request tells of its browser.
#[derive(Clone, Debug)]
pub(crate) struct Navigateur {
    /// Where it comes from, for counting failed tries only.
    pub(crate) source: std::net::IpAddr,
    /// What it says of itself, reduced to known words.
    pub(crate) nom: String,
    pub(crate) session: Option<Secret>,
    pub(crate) appareil: Option<Secret>,
    pub(crate) etape: Option<Secret>,
    pub(crate) proconnect: Option<Secret>,
    pub(crate) saisie: Option<Secret>,
}

impl Navigateur {
    pub(crate) fn of(biscuits: Biscuits, parts: &Parts) -> Self {
        let ua = parts.headers.get(USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let source = parts.extensions.get::<Source>().map_or(std::net::IpAddr::from([127, 0, 0, 1]), |s| s.0);
        Self {
            source,
            nom: rules::nom_appareil(ua),
            session: biscuits.read(parts, Biscuit::Session),
            appareil: biscuits.read(parts, Biscuit::Appareil),
            etape: biscuits.read(parts, Biscuit::Etape),
            proconnect: biscuits.read(parts, Biscuit::ProConnect),
            saisie: biscuits.read(parts, Biscuit::Saisie),
        }
    }
}

impl FromRequestParts<crate::Identity> for Navigateur {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &crate::Identity) -> Result<Self, Infallible> {
        Ok(Self::of(state.biscuits(), parts))
    }
}
