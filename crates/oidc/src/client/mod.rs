//! We are the client: of FranceConnect for a person, of ProConnect for an agent.
//!
//! The states: [`Flow`] (stored, and bound to one browser) → the code of a [`Callback`] → [`Tokens`] → [`Identified`]
//! → the claims of the userinfo. What must be fetched is given as a [`Request`]; what came back is an [`Answer`]. The
//! caller fetches, without following redirections, only where [`crate::Outbound`] admits.

mod advice;
mod cache;
mod callback;
mod discovery;
mod flow;
mod id_token;
mod logout;
mod settings;
mod token;
mod userinfo;

pub use advice::{Refused, Said};
pub use cache::{CacheState, Decision, Policy, Why};
pub use callback::Callback;
pub use discovery::{Metadata, discovery_url, read_keys};
pub use flow::{Departure, Flow};
pub use id_token::{Identified, check_id_token};
pub use logout::{LogoutStart, logout, returns};
pub use settings::{AcrAsked, Settings};
pub use token::{ASSERTION_TYPE, Tokens, client_assertion};
pub use userinfo::{read_userinfo, userinfo_request};

use std::borrow::Cow;

use crate::Secret;
use crate::jose::{Envelope, Opener};

/// What came back of a request. The caller reads no more than [`Answer::LONGEST`] bytes and waits for 6 seconds at
/// most, in all.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// No honest answer is longer.
    pub const LONGEST: usize = 256 * 1024;

    /// The media type, in lower case, without its parameters.
    fn kind(&self) -> String {
        let kind = self.content_type.as_deref().unwrap_or_default();
        kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }
}

/// What is to be fetched.
#[derive(Clone, Debug)]
pub struct Request {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Where; already admitted when the discovery document was read.
    pub url: String,
    /// Headers.
    pub headers: Vec<(&'static str, Secret)>,
    /// The form of a POST.
    pub body: Option<Secret>,
}

/// The signed token inside, when envelopes are agreed on.
fn unsealed<'t>(
    settings: &Settings,
    opener: Option<&dyn Opener>,
    token: &'t str,
) -> Result<Cow<'t, str>, Refused> {
    let Some(agreed) = &settings.sealing else { return Ok(Cow::Borrowed(token)) };
    let opened = Envelope::read(token, agreed).and_then(|e| e.open(opener.ok_or(crate::jose::SealError)?));
    opened.map(Cow::Owned).map_err(|_| Refused::Answer("an envelope that cannot be opened"))
}

#[cfg(test)]
mod tests;
