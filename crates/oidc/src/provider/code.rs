//! A code, the token that comes of it, and when each stops working.

use chrono::{DateTime, Utc};
use kernel::Chance;

use super::{Answer, Client, Demande, TokenError};
use crate::{Act, Pepper, Secret, same};

/// Where a code stands, as stored. The caller moves it in one conditional update, so that of two requests at once
/// one only finds it fresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeState {
    /// Never presented.
    Fresh,
    /// Presented; what came of it may be in use.
    Spent,
    /// Ended: by a log-out, a revoked mandate, a second use.
    Revoked,
}

/// Whether what the code stands for still holds: the mandate, the aidant's account, the membership. Looked up by the
/// caller in the same transaction, each time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// All of it.
    Holds,
    /// Not any more.
    Ended,
}

/// A one-use code, as stored: what it will give, and not the code itself.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Code {
    /// What is found again: a keyed hash of the code.
    pub digest: String,
    /// The use that it belongs to: named `sid` in tokens, it lets a log-out end exactly this.
    pub flow: String,
    /// For whom.
    pub client_id: String,
    /// Where it was sent.
    pub redirect_uri: String,
    /// The PKCE challenge.
    pub challenge: Option<String>,
    /// The client's nonce.
    pub nonce: Option<Secret>,
    /// What may be told.
    pub scopes: Vec<String>,
    /// The level given.
    pub acr: String,
    /// The proof of presence.
    pub amr: Vec<String>,
    /// Its instant.
    pub auth_time: DateTime<Utc>,
    /// The person, as this client knows them.
    pub subject: String,
    /// The démarches for which the person is represented.
    pub rep_scope: Vec<String>,
    /// Who acts.
    pub act: Option<Act>,
    /// Until when.
    pub expires_at: DateTime<Utc>,
    /// Where it stands.
    pub state: CodeState,
}

/// What the store must do after a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing: the code is not this client's, a stranger may not spend it.
    Nothing,
    /// The code is spent.
    Spend,
    /// The code and every token that came of it are revoked (RFC 6749 4.1.2).
    Revoke,
}

/// Why a code gives nothing. The client hears `invalid_grant` whatever the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// It was given to another client.
    #[error("a code of another client")]
    Foreign,
    /// It was used before: somebody has a copy.
    #[error("a code used a second time")]
    Replayed,
    /// Its time is over.
    #[error("an expired code")]
    Expired,
    /// Not the address to which it was sent.
    #[error("another redirect_uri")]
    Redirect,
    /// Not by whoever asked for it.
    #[error("a wrong code_verifier")]
    Verifier,
    /// The mandate, the account or the flow was ended meanwhile.
    #[error("what it stands for has ended")]
    Ended,
}

impl Denied {
    /// What the store must do.
    pub fn effect(self) -> Effect {
        match self {
            Self::Foreign => Effect::Nothing,
            Self::Replayed | Self::Ended => Effect::Revoke,
            Self::Expired | Self::Redirect | Self::Verifier => Effect::Spend,
        }
    }
}

impl From<Denied> for TokenError {
    fn from(_: Denied) -> Self {
        Self::invalid_grant()
    }
}

impl Code {
    pub(super) fn new(
        demande: &Demande,
        answer: Answer,
        (pepper, clear, flow): (&Pepper, &str, String),
        expires_at: DateTime<Utc>,
    ) -> Self {
        Self {
            digest: Self::digest(pepper, clear),
            // 128 bits are enough for a name.
            flow: flow.chars().take(32).collect(),
            client_id: demande.client_id.clone(),
            redirect_uri: demande.redirect_uri.clone(),
            challenge: demande.challenge.clone(),
            nonce: demande.nonce.clone().map(Secret::new),
            scopes: demande.scopes.clone(),
            acr: demande.acr.clone(),
            amr: answer.amr,
            auth_time: answer.auth_time,
            subject: answer.subject,
            rep_scope: answer.rep_scope,
            act: answer.act,
            expires_at,
            state: CodeState::Fresh,
        }
    }

    /// Under what a code is stored.
    pub fn digest(pepper: &Pepper, clear: &str) -> String {
        pepper.digest("code", clear)
    }

    /// Whether the code gives tokens to this client, now. On success the caller marks it spent.
    ///
    /// # Errors
    /// Why not, and by [`Denied::effect`] what to do about it.
    pub fn redeem(
        &self,
        client: &Client,
        redirect_uri: &str,
        verifier: Option<&str>,
        standing: Standing,
        now: DateTime<Utc>,
    ) -> Result<(), Denied> {
        if self.client_id != client.client_id {
            return Err(Denied::Foreign);
        }
        match self.state {
            CodeState::Fresh => {}
            CodeState::Spent => return Err(Denied::Replayed),
            CodeState::Revoked => return Err(Denied::Ended),
        }
        if standing == Standing::Ended {
            return Err(Denied::Ended);
        }
        if now >= self.expires_at {
            return Err(Denied::Expired);
        }
        if !same(&self.redirect_uri, redirect_uri) {
            return Err(Denied::Redirect);
        }
        if !Demande::verified(self.challenge.as_deref(), verifier) {
            return Err(Denied::Verifier);
        }
        Ok(())
    }
}

/// Where an access token stands, as stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JetonState {
    /// May be presented.
    Live,
    /// Presented: it tells an identity once.
    Spent,
    /// Ended.
    Revoked,
}

/// An access token, as stored.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Jeton {
    /// What is found again: a keyed hash of the token.
    pub digest: String,
    /// The code from which it comes.
    pub code: String,
    /// The use that it belongs to.
    pub flow: String,
    /// For whom.
    pub client_id: String,
    /// The person: the very `sub` of the `id_token`.
    pub subject: String,
    /// What may be told.
    pub scopes: Vec<String>,
    /// Until when.
    pub expires_at: DateTime<Utc>,
    /// Where it stands.
    pub state: JetonState,
}

impl Jeton {
    /// The token of a code, and its clear value, given once.
    pub(super) fn of(
        code: &Code,
        chance: &Chance,
        pepper: &Pepper,
        expires_at: DateTime<Utc>,
    ) -> (Self, Secret) {
        let clear = chance.secret();
        let jeton = Self {
            digest: Self::digest(pepper, &clear),
            code: code.digest.clone(),
            flow: code.flow.clone(),
            client_id: code.client_id.clone(),
            subject: code.subject.clone(),
            scopes: code.scopes.clone(),
            expires_at,
            state: JetonState::Live,
        };
        (jeton, Secret::new(clear))
    }

    /// Under what a token is stored.
    pub fn digest(pepper: &Pepper, clear: &str) -> String {
        pepper.digest("jeton", clear)
    }

    /// Whether it tells an identity, now. On success the caller marks it spent when the client's are
    /// ([`Client::one_use`]), and journals the use before anything leaves.
    ///
    /// # Errors
    /// Expired, used, revoked, or what it stands for has ended.
    pub fn present(&self, standing: Standing, now: DateTime<Utc>) -> Result<(), super::BearerRefusal> {
        let good = self.state == JetonState::Live && standing == Standing::Holds && now < self.expires_at;
        if good { Ok(()) } else { Err(super::BearerRefusal::Invalid) }
    }
}
