//! The log-out that a client starts (OpenID Connect RP-Initiated Logout 1.0).

use super::{Client, Provider};
use crate::claims::{audience, text};
use crate::form::{self, Form, FormError};
use crate::jose::{self, Alg, KeyRing, KeySet, VerifyingKey};

const KNOWN: &[&str] =
    &["id_token_hint", "client_id", "post_logout_redirect_uri", "state", "logout_hint", "ui_locales"];

/// Why the browser stays on a page of ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogoutRefusal {
    /// Parameters that are not read.
    #[error("the parameters are not read: {0}")]
    Form(#[from] FormError),
    /// No client, or not the one of the token.
    #[error("no such client")]
    Client,
    /// Not one of the client's addresses, letter by letter.
    #[error("not an address of the client")]
    Redirect,
    /// A token that we did not sign, or not for this client.
    #[error("a token of another provider or client")]
    Hint,
}

/// A request that is read. The next step is to look for its client.
pub struct LogoutReceived {
    form: Form,
    client_id: Option<String>,
}

/// What ends, and where the browser goes (303). The aidant's own session is not this one: it stays.
#[derive(Clone, PartialEq, Eq)]
pub struct Logout {
    /// The client that asks.
    pub client_id: String,
    /// The use to end, when a token tells which: its code and tokens are revoked.
    pub flow: Option<String>,
    /// The person of that use.
    pub subject: Option<String>,
    /// Where the browser goes; none for a page of ours.
    pub location: Option<String>,
}

impl std::fmt::Debug for Logout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Logout(of {})", self.client_id)
    }
}

impl LogoutReceived {
    /// Reads a query (without `?`) or the body of a form.
    ///
    /// # Errors
    /// Too long, badly encoded, or a parameter given twice.
    pub fn read(query: &str) -> Result<Self, LogoutRefusal> {
        let form = Form::read(query, KNOWN)?;
        let told = form.get("id_token_hint").and_then(|hint| {
            let claims = jose::unverified(hint).ok()?;
            audience(&claims).ok()?.first().map(|a| (*a).to_owned())
        });
        let client_id = form.owned("client_id").or(told);
        Ok(Self { form, client_id })
    }

    /// The client to look for.
    pub fn client_id(&self) -> Option<&str> {
        self.client_id.as_deref()
    }

    /// Checks everything. An expired token is a good hint: log-outs come late. `client` is what was found under
    /// [`LogoutReceived::client_id`].
    ///
    /// # Errors
    /// A page of ours, and nothing ends.
    pub fn check(
        &self,
        provider: &Provider,
        client: Option<&Client>,
        ring: &KeyRing,
    ) -> Result<Logout, LogoutRefusal> {
        let client =
            client.filter(|c| self.client_id() == Some(&c.client_id)).ok_or(LogoutRefusal::Client)?;
        let hint = self.form.get("id_token_hint");
        let claims = hint.map(|hint| verify_hint(provider, client, ring, hint)).transpose()?;
        let location = match self.form.get("post_logout_redirect_uri") {
            None => None,
            Some(asked) => {
                let known = client.post_logout_redirect_uris.iter().find(|u| *u == asked);
                let state = self.form.get("state").map(|s| ("state", s));
                Some(form::with_query(known.ok_or(LogoutRefusal::Redirect)?, state))
            }
        };
        let told = |name: &str| claims.as_ref().and_then(|c| text(c, name)).map(str::to_owned);
        Ok(Logout { client_id: client.client_id.clone(), flow: told("sid"), subject: told("sub"), location })
    }
}

fn verify_hint(
    provider: &Provider,
    client: &Client,
    ring: &KeyRing,
    hint: &str,
) -> Result<crate::Claims, LogoutRefusal> {
    // What the client is given today may not be what it was given yesterday: a key has one algorithm, so that each is tried
    // with its own keys only.
    let secrets = client.secrets.iter().filter_map(|s| VerifyingKey::from_secret(s.expose()).ok());
    let (secrets, ours) = (KeySet::of(secrets.collect()), ring.verifying().map_err(|_| LogoutRefusal::Hint)?);
    let claims = [(Alg::Es256, &ours), (Alg::Rs256, &ours), (Alg::Hs256, &secrets)]
        .into_iter()
        .find_map(|(alg, keys)| jose::verify(hint, alg, keys, &["JWT"]).ok())
        .ok_or(LogoutRefusal::Hint)?;
    let ours = text(&claims, "iss") == Some(provider.issuer())
        && audience(&claims).is_ok_and(|aud| aud == [client.client_id.as_str()]);
    // A userinfo bears the same names, and no proof of presence.
    if ours && claims.contains_key("auth_time") { Ok(claims) } else { Err(LogoutRefusal::Hint) }
}
