//! Signing out there too (OpenID Connect RP-Initiated Logout 1.0): a computer is shared.

use kernel::Chance;

use super::{Metadata, Settings};
use crate::form::{self, Form};
use crate::{Secret, same};

/// A log-out to begin.
#[derive(Debug)]
pub struct LogoutStart {
    /// Where to send the browser.
    pub location: Secret,
    /// What the return must bring: a fresh state, never the one of the sign-in.
    pub state: Secret,
}

/// The address that ends the session at the provider; none when it offers none, or when no return is registered.
pub fn logout(
    settings: &Settings,
    metadata: &Metadata,
    id_token: &Secret,
    chance: &Chance,
) -> Option<LogoutStart> {
    let end = metadata.end_session_endpoint.as_ref()?;
    let back = settings.after_logout.as_ref()?;
    let state = chance.secret();
    let pairs = [
        ("id_token_hint", id_token.expose()),
        ("client_id", &settings.client_id),
        ("post_logout_redirect_uri", back),
        ("state", &state),
    ];
    let location = Secret::new(form::with_query(end, pairs));
    Some(LogoutStart { location, state: Secret::new(state) })
}

/// Whether a return from a log-out is the one awaited.
pub fn returns(query: &str, state: &Secret) -> bool {
    Form::read(query, &["state"]).is_ok_and(|form| form.get("state").is_some_and(|s| same(s, state.expose())))
}
