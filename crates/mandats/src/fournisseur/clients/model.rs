//! A client that is registered.

use chrono::{DateTime, TimeDelta, Utc};
use oidc::Secret;
use oidc::jose::{Alg, KeySet};
use oidc::provider::{AuthMethod, Client};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// What is agreed with a client, secrets apart.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Reglages {
    /// Where people are sent back, letter by letter.
    pub redirect_uris: Vec<String>,
    /// Where they are sent back after a log-out.
    pub post_logout_redirect_uris: Vec<String>,
    /// How it proves who it is.
    pub auth: Vec<AuthMethod>,
    /// Its public keys (JWKS) and the algorithm of its assertions.
    pub cles: Option<(Alg, Value)>,
    /// What signs its `id_token`.
    pub id_token_alg: Alg,
    /// What signs its userinfo; none for plain JSON.
    pub userinfo_alg: Option<Alg>,
    /// Whether PKCE is an obligation; it is honoured when sent, whatever this says.
    pub pkce_required: bool,
    /// Whether a nonce is.
    pub nonce_required: bool,
    /// What it may be told.
    pub scopes: Vec<String>,
    /// Levels that it may be given, the usual one first.
    pub acr: Vec<String>,
    /// Whether another level than those is refused at once.
    pub acr_binding: bool,
    /// Whether it understands `rep_scope`.
    pub rep_scope: bool,
    /// Whether it is told who acts.
    pub act: bool,
    /// For how many seconds before its request a proof of presence counts as fresh.
    pub presence_s: i64,
    /// Whether a token tells an identity once only.
    pub one_use: bool,
    /// Most exchanges in a second; 0: no limit.
    pub par_seconde: u32,
    /// Page where its own session is ended, shown to the aidant after a use.
    pub adresse_fin: Option<String>,
}

/// A client that is registered.
#[derive(Clone, Debug)]
pub struct Inscrit {
    /// Its row.
    pub id: Uuid,
    /// What the protocol calls it.
    pub client_id: String,
    /// What people call it.
    pub nom: String,
    /// Whether it may ask.
    pub actif: bool,
    /// What is agreed with it.
    pub reglages: Reglages,
    /// Its secrets, the present one first.
    pub secrets: Vec<Secret>,
    /// Since when.
    pub cree_le: DateTime<Utc>,
    /// Grows by one at each change.
    pub version: i64,
}

impl Inscrit {
    /// As the protocol takes it. Keys that do not read are none: whoever registers them is told.
    pub fn client(&self) -> Client {
        let r = &self.reglages;
        let cles = r
            .cles
            .as_ref()
            .and_then(|(alg, jeu)| KeySet::parse(jeu.to_string().as_bytes()).ok().map(|lues| (*alg, lues)));
        Client {
            client_id: self.client_id.clone(),
            redirect_uris: r.redirect_uris.clone(),
            post_logout_redirect_uris: r.post_logout_redirect_uris.clone(),
            auth: r.auth.clone(),
            secrets: self.secrets.clone(),
            keys: cles,
            id_token_alg: r.id_token_alg,
            userinfo_alg: r.userinfo_alg,
            userinfo_sealing: None,
            pkce_required: r.pkce_required,
            nonce_required: r.nonce_required,
            scopes: r.scopes.clone(),
            acr: r.acr.clone(),
            acr_binding: r.acr_binding,
            rep_scope: r.rep_scope,
            act: r.act,
            presence: TimeDelta::seconds(r.presence_s),
            one_use: r.one_use,
        }
    }

    /// Whether it needs a secret.
    pub fn a_secret(&self) -> bool {
        let r = &self.reglages;
        r.auth.iter().any(|a| *a != AuthMethod::PrivateKeyJwt)
            || r.id_token_alg.is_symmetric()
            || r.userinfo_alg.is_some_and(Alg::is_symmetric)
    }
}
