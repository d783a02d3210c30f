//! A client, as data: the old and the new FranceConnect are two of these, and no code tells them apart.

use chrono::TimeDelta;
use url::Url;

use crate::Secret;
use crate::jose::{Alg, KeySet, Sealing};

/// How a client proves who it is at the token endpoint (OpenID Connect Core 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// The secret in the body.
    ClientSecretPost,
    /// The secret in the `Authorization` header.
    ClientSecretBasic,
    /// A token signed with a key of the client (RFC 7523).
    PrivateKeyJwt,
}

impl AuthMethod {
    /// Its name in documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ClientSecretPost => "client_secret_post",
            Self::ClientSecretBasic => "client_secret_basic",
            Self::PrivateKeyJwt => "private_key_jwt",
        }
    }
}

/// A client that may ask us who somebody is.
#[derive(Clone, Debug)]
pub struct Client {
    /// Its identifier.
    pub client_id: String,
    /// The addresses to which a person is sent back, compared letter by letter.
    pub redirect_uris: Vec<String>,
    /// The addresses to which a person is sent back after a log-out.
    pub post_logout_redirect_uris: Vec<String>,
    /// The ways it may prove who it is.
    pub auth: Vec<AuthMethod>,
    /// Its secrets, the present one first: two while one is being replaced.
    pub secrets: Vec<Secret>,
    /// Its keys and the algorithm with which it signs assertions.
    pub keys: Option<(Alg, KeySet)>,
    /// What signs its `id_token`.
    pub id_token_alg: Alg,
    /// What signs its userinfo; none for plain JSON.
    pub userinfo_alg: Option<Alg>,
    /// How its userinfo is encrypted, besides.
    pub userinfo_sealing: Option<Sealing>,
    /// Whether it must prove that the code comes back to whoever asked for it (RFC 7636).
    pub pkce_required: bool,
    /// Whether its requests must carry a nonce.
    pub nonce_required: bool,
    /// The scopes that it may ask for, besides `openid`.
    pub scopes: Vec<String>,
    /// The levels that it may be given, the usual one first.
    pub acr: Vec<String>,
    /// Whether a request for another level is refused at once, rather than answered with the usual one: for a
    /// client that would refuse the answer, after all the work has been done.
    pub acr_binding: bool,
    /// Whether it understands `rep_scope`.
    pub rep_scope: bool,
    /// Whether it is told who acts (`act`).
    pub act: bool,
    /// For how long before its request a proof of presence still counts as fresh (`prompt=login`): zero asks the
    /// aidant for a factor at each use.
    pub presence: TimeDelta,
    /// Whether an access token tells an identity only once.
    pub one_use: bool,
}

/// What is wrong with a client, to be told to whoever registers it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientFault {
    /// No identifier, or one that would not travel.
    #[error("client_id : 1 à 255 caractères ASCII visibles, sans deux-points")]
    ClientId,
    /// An address that cannot be compared letter by letter, or that leaks.
    #[error(
        "adresse refusée : {0} (https, sans fragment, sans nom d’utilisateur, écrite sous sa forme normale)"
    )]
    Address(String),
    /// No address to come back to.
    #[error("il faut au moins une adresse de retour")]
    NoAddress,
    /// No way to prove who it is, or the means are missing.
    #[error(
        "authentification : il faut un secret d’au moins 32 caractères, ou des clés pour private_key_jwt"
    )]
    Auth,
    /// No key of the algorithm with which the client signs: each of its assertions would be refused.
    #[error(
        "aucune clé de ce jeu n’est de l’algorithme choisi (ES256 : courbe P-256 ; RS256 : RSA, 2 048 bits au moins)"
    )]
    Keys,
    /// HS256 without a secret.
    #[error("HS256 demande un secret d’au moins 32 caractères")]
    Symmetric,
    /// No level.
    #[error("il faut au moins un niveau (acr), en lettres, chiffres, tirets ou points")]
    Acr,
}

impl Client {
    /// Whether the client can be served. `local` admits addresses of this machine, for trials.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn check(&self, local: bool) -> Result<(), Vec<ClientFault>> {
        let mut faults = Vec::new();
        let visible = |b: u8| b.is_ascii_graphic() && b != b':';
        if !(1..=255).contains(&self.client_id.len()) || !self.client_id.bytes().all(visible) {
            faults.push(ClientFault::ClientId);
        }
        if self.redirect_uris.is_empty() {
            faults.push(ClientFault::NoAddress);
        }
        for address in self.redirect_uris.iter().chain(&self.post_logout_redirect_uris) {
            if !address_fits(address, local) {
                faults.push(ClientFault::Address(address.clone()));
            }
        }
        let secret = !self.secrets.is_empty() && self.secrets.iter().all(|s| s.expose().len() >= 32);
        let keys = self.keys.as_ref().is_some_and(|(alg, keys)| !alg.is_symmetric() && !keys.is_empty());
        if self.keys.as_ref().is_some_and(|(alg, keys)| !keys.is_empty() && !keys.has(*alg)) {
            faults.push(ClientFault::Keys);
        }
        let means = |method: &AuthMethod| match method {
            AuthMethod::ClientSecretPost | AuthMethod::ClientSecretBasic => secret,
            AuthMethod::PrivateKeyJwt => keys,
        };
        if self.auth.is_empty() || !self.auth.iter().all(means) {
            faults.push(ClientFault::Auth);
        }
        let symmetric = self.id_token_alg.is_symmetric() || self.userinfo_alg.is_some_and(Alg::is_symmetric);
        if symmetric && !secret {
            faults.push(ClientFault::Symmetric);
        }
        // FranceConnect takes letters and digits only; ProConnect's levels have dashes.
        let level = |acr: &String| {
            !acr.is_empty() && acr.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:/".contains(&b))
        };
        if self.acr.is_empty() || !self.acr.iter().all(level) {
            faults.push(ClientFault::Acr);
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}

fn address_fits(address: &str, local: bool) -> bool {
    let Ok(url) = Url::parse(address) else { return false };
    let here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let scheme = url.scheme() == "https" || (url.scheme() == "http" && here && local);
    // The normal form, give or take the slash of a bare host: no dots, no letters that two readers read apart.
    let normal = url.as_str() == address || url.as_str().strip_suffix('/') == Some(address);
    scheme
        && normal
        && !address.contains(['#', '\\', '*'])
        && url.username().is_empty()
        && url.password().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_a_client_may_have() {
        for (address, fits) in [
            ("https://fc.exemple.fr/api/v2/oidc-callback", true),
            ("https://fc.exemple.fr", true),
            ("https://fc.exemple.fr/retour?fi=1", true),
            ("http://fc.exemple.fr/retour", false),
            ("http://localhost:4000/retour", true),
            ("https://FC.exemple.fr/retour", false),
            ("https://fc.exemple.fr/a/../retour", false),
            ("https://fc.exemple.fr/a/%2e%2e/retour", false),
            ("https://fc.exemple.fr:443/retour", false),
            ("https://fc.exemple.fr/retour#x", false),
            ("https://u:p@fc.exemple.fr/retour", false),
            ("https://*.exemple.fr/retour", false),
            ("javascript:alert(1)", false),
            ("//fc.exemple.fr", false),
            ("", false),
        ] {
            assert_eq!(address_fits(address, true), fits, "{address}");
        }
        assert!(!address_fits("http://localhost:4000/retour", false));
    }
}
