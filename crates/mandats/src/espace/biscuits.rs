//! The cookies of this room, and who is in their own space.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::Response;
use identity::secrets::link::Secret;
use platform::Site;
use platform::web::shell::{append_cookie, cookie};
use platform::web::{PageError, see_other};

use super::model::Session;
use super::store;
use crate::Mandats;
use crate::usagers::{self, Usager};

/// Which cookie.
#[derive(Clone, Copy)]
pub(super) enum Biscuit {
    /// The session: gone when the browser closes.
    Session,
    /// The browser that asked for a code.
    Code,
}

fn nom(site: &Site, which: Biscuit) -> String {
    let nom = match which {
        Biscuit::Session => "maillage-mes-mandats",
        Biscuit::Code => "maillage-mes-mandats-code",
    };
    // On http, which only this machine may use, a browser would refuse the prefix.
    let https = site.config.serveur.origine.starts_with("https:");
    if https { format!("__Host-{nom}") } else { nom.to_owned() }
}

pub(super) fn lire(site: &Site, parts: &Parts, which: Biscuit) -> Option<Secret> {
    cookie(parts, &nom(site, which)).and_then(Secret::parse)
}

/// Sets a cookie; none takes it away.
pub(super) fn poser(site: &Site, response: &mut Response, which: Biscuit, secret: Option<&Secret>) {
    let secure = if site.config.serveur.origine.starts_with("https:") { "; Secure" } else { "" };
    let age = match (secret, which) {
        (None, _) => "; Max-Age=0",
        (Some(_), Biscuit::Code) => "; Max-Age=900",
        (Some(_), Biscuit::Session) => "",
    };
    let valeur = secret.map_or("", Secret::expose);
    let nom = nom(site, which);
    append_cookie(response, &format!("{nom}={valeur}; Path=/; HttpOnly; SameSite=Lax{secure}{age}"));
}

/// The person whose space it is. A page that asks for them sends everybody else to the page of sign-in.
pub(super) struct Chez {
    pub(super) usager: Usager,
    pub(super) session: Session,
}

/// The secret of the session, for who leaves.
pub(super) struct Cookie(pub(super) Option<Secret>);

impl FromRequestParts<Mandats> for Cookie {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, m: &Mandats) -> Result<Self, Self::Rejection> {
        Ok(Self(lire(&m.site, parts, Biscuit::Session)))
    }
}

/// The secret of the browser that asked for a code.
pub(super) struct CookieCode(pub(super) Option<Secret>);

impl FromRequestParts<Mandats> for CookieCode {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, m: &Mandats) -> Result<Self, Self::Rejection> {
        Ok(Self(lire(&m.site, parts, Biscuit::Code)))
    }
}

impl FromRequestParts<Mandats> for Chez {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, m: &Mandats) -> Result<Self, Response> {
        let failed = |e: sea_orm::DbErr| axum::response::IntoResponse::into_response(PageError::from(e));
        let ailleurs = || see_other("/mes-mandats/connexion");
        let secret = lire(&m.site, parts, Biscuit::Session).ok_or_else(ailleurs)?;
        let (conn, now) = (m.site.db.read(), m.site.clock.now());
        let session =
            store::session(conn, &secret.hash(), now).await.map_err(failed)?.ok_or_else(ailleurs)?;
        let usager =
            usagers::store::lire(conn, session.usager).await.map_err(failed)?.ok_or_else(ailleurs)?;
        m.site.db.write(async |tx| store::vue(tx, session.id, now).await).await.map_err(failed)?;
        Ok(Self { usager, session })
    }
}
