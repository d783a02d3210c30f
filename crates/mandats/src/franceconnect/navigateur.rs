//! The browser that left for FranceConnect.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::Response;
use identity::secrets::link::Secret;
use platform::Site;
use platform::web::shell::{append_cookie, cookie};

use crate::Mandats;

const BISCUIT: &str = "maillage-franceconnect";
/// As long as the longest stay there, twice: the log-out comes after.
const BISCUIT_S: i64 = 2 * 3600;

/// What a request tells of its browser: the secret that binds flows to it, the same for every tab.
#[derive(Clone, Debug)]
pub struct Navigateur(Option<Secret>);

fn nom(site: &Site) -> String {
    // On http, which only this machine may use, a browser would refuse the prefix.
    let https = site.config.serveur.origine.starts_with("https:");
    if https { format!("__Host-{BISCUIT}") } else { BISCUIT.to_owned() }
}

impl Navigateur {
    /// The secret, as the browser brought it.
    pub(crate) fn secret(&self) -> Option<&Secret> {
        self.0.as_ref()
    }

    /// What the database keeps of it.
    pub(crate) fn empreinte(&self) -> Option<String> {
        self.0.as_ref().map(Secret::hash)
    }

    /// The same, with a secret for a browser that has none yet.
    #[must_use]
    pub(crate) fn ou_neuf(self, site: &Site) -> Self {
        Self(self.0.or_else(|| Some(Secret::new(&site.chance))))
    }

    /// Gives the browser its secret, or keeps it for longer.
    pub(crate) fn pose(site: &Site, response: &mut Response, secret: &Secret) {
        let secure = if site.config.serveur.origine.starts_with("https:") { "; Secure" } else { "" };
        let (nom, valeur) = (nom(site), secret.expose());
        let texte = format!("{nom}={valeur}; Path=/; HttpOnly; SameSite=Lax; Max-Age={BISCUIT_S}{secure}");
        append_cookie(response, &texte);
    }
}

impl FromRequestParts<Mandats> for Navigateur {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, m: &Mandats) -> Result<Self, Infallible> {
        Ok(Self(cookie(parts, &nom(&m.site)).and_then(Secret::parse)))
    }
}
