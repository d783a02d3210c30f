//! A provider, as we are registered with it. Everything that differs between FranceConnect and ProConnect is here.

use chrono::TimeDelta;

use crate::Secret;
use crate::jose::{Alg, Sealing};
use crate::provider::AuthMethod;

/// How a level is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AcrAsked {
    /// Not at all.
    No,
    /// By `acr_values`, as FranceConnect requires.
    Values,
    /// By an essential claim, as ProConnect documents.
    Essential,
}

/// One provider.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Its name on screens.
    pub name: String,
    /// Its name in tokens, byte for byte.
    pub issuer: String,
    /// Our identifier there.
    pub client_id: String,
    /// How we prove who we are.
    pub auth: AuthMethod,
    /// What signs our assertions, when we sign.
    pub auth_alg: Alg,
    /// Our secret, unless we sign.
    pub secret: Option<Secret>,
    /// Where people come back.
    pub redirect_uri: String,
    /// Where they come back after a log-out.
    pub after_logout: Option<String>,
    /// What signs the `id_token`.
    pub id_token_alg: Alg,
    /// What signs the userinfo; none for plain JSON.
    pub userinfo_alg: Option<Alg>,
    /// How both are encrypted, besides.
    pub sealing: Option<Sealing>,
    /// PKCE: ProConnect takes it, FranceConnect v2 refuses the whole request.
    pub pkce: bool,
    /// The scopes, `openid` included.
    pub scopes: Vec<String>,
    /// How the level is asked for.
    pub acr_asked: AcrAsked,
    /// The levels that are enough; any when empty.
    pub acr: Vec<String>,
    /// `prompt`, when one is sent.
    pub prompt: Option<String>,
    /// The greatest age of the proof of presence, in seconds; checked in `auth_time`. FranceConnect refuses it.
    pub max_age: Option<i64>,
    /// Further parameters of the request.
    pub extra: Vec<(String, String)>,
    /// How far its clock may be from ours.
    pub skew: TimeDelta,
    /// For how long a person may stay there.
    pub life: TimeDelta,
}

impl Settings {
    /// What every provider may be asked; the rest is to be set.
    pub fn new(name: &str, issuer: &str, client_id: &str, secret: Secret, redirect_uri: &str) -> Self {
        Self {
            name: name.to_owned(),
            issuer: issuer.to_owned(),
            client_id: client_id.to_owned(),
            auth: AuthMethod::ClientSecretPost,
            auth_alg: Alg::Es256,
            secret: Some(secret),
            redirect_uri: redirect_uri.to_owned(),
            after_logout: None,
            id_token_alg: Alg::Es256,
            userinfo_alg: Some(Alg::Es256),
            sealing: None,
            pkce: true,
            scopes: vec!["openid".to_owned()],
            acr_asked: AcrAsked::No,
            acr: Vec::new(),
            prompt: None,
            max_age: None,
            extra: Vec::new(),
            skew: TimeDelta::seconds(60),
            life: TimeDelta::minutes(10),
        }
    }

    /// FranceConnect v2, usual level: no PKCE, a level by `acr_values`, both forms of a presumed date of birth.
    pub fn franceconnect(issuer: &str, client_id: &str, secret: Secret, redirect_uri: &str) -> Self {
        let scopes = ["openid", "identite_pivot", "email", "preferred_username", "idp_birthdate"];
        Self {
            pkce: false,
            scopes: scopes.map(str::to_owned).to_vec(),
            acr_asked: AcrAsked::Values,
            acr: vec!["eidas1".to_owned()],
            ..Self::new("FranceConnect", issuer, client_id, secret, redirect_uri)
        }
    }

    /// ProConnect; `mfa` asks for, and requires, a second factor.
    pub fn proconnect(issuer: &str, client_id: &str, secret: Secret, redirect_uri: &str, mfa: bool) -> Self {
        let scopes = ["openid", "given_name", "usual_name", "email", "siret", "uid"];
        let levels = ["eidas0-mfa", "eidas1-mfa", "eidas2", "eidas3"];
        Self {
            scopes: scopes.map(str::to_owned).to_vec(),
            acr_asked: if mfa { AcrAsked::Essential } else { AcrAsked::No },
            acr: if mfa { levels.map(str::to_owned).to_vec() } else { Vec::new() },
            ..Self::new("ProConnect", issuer, client_id, secret, redirect_uri)
        }
    }
}
