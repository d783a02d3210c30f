//! Refusals, in the words of the protocol.

use serde_json::json;

use crate::form;

/// Errors that a client is told through the browser (RFC 6749 4.1.2.1, OpenID Connect Core 3.1.2.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// A parameter is missing, doubled or malformed.
    InvalidRequest,
    /// The client may not ask that.
    UnauthorizedClient,
    /// The person, or we, said no.
    AccessDenied,
    /// Another flow than the code's.
    UnsupportedResponseType,
    /// `openid` is missing, or a scope is malformed.
    InvalidScope,
    /// Something broke here.
    ServerError,
    /// Come back later.
    TemporarilyUnavailable,
    /// Nobody is signed in, and nothing may be asked.
    LoginRequired,
    /// Something must be asked, and nothing may be.
    InteractionRequired,
    /// A `request` object.
    RequestNotSupported,
    /// A `request_uri`: an address that we would fetch.
    RequestUriNotSupported,
    /// A client that registers itself.
    RegistrationNotSupported,
    /// The level cannot be reached (OpenID Connect Core Error Code unmet_authentication_requirements 1.0).
    UnmetAuthenticationRequirements,
}

impl ErrorCode {
    /// Its name in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::AccessDenied => "access_denied",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::LoginRequired => "login_required",
            Self::InteractionRequired => "interaction_required",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::RegistrationNotSupported => "registration_not_supported",
            Self::UnmetAuthenticationRequirements => "unmet_authentication_requirements",
        }
    }
}

/// Where the browser is sent with an error: a 303, so that nothing that was posted here is posted there.
#[derive(Clone, PartialEq, Eq)]
pub struct Redirect {
    /// The whole address, its parameters encoded.
    pub location: String,
    /// What is told, for the journal.
    pub error: ErrorCode,
    /// Why, in a few words without anything personal.
    pub reason: &'static str,
}

impl std::fmt::Debug for Redirect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The address holds the state.
        write!(f, "Redirect({} {})", self.error.name(), self.reason)
    }
}

impl Redirect {
    /// To that registered address, with the state that was received and our name (RFC 9207).
    pub(super) fn new(
        redirect_uri: &str,
        state: Option<&str>,
        issuer: &str,
        error: ErrorCode,
        reason: &'static str,
    ) -> Self {
        let pairs = [("error", error.name()), ("error_description", reason), ("iss", issuer)];
        let state = state.map(|s| ("state", s));
        Self { location: form::with_query(redirect_uri, pairs.into_iter().chain(state)), error, reason }
    }
}

/// A refusal of the token endpoint (RFC 6749 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{error}: {reason}")]
pub struct TokenError {
    /// 400, 401 or 503.
    pub status: u16,
    /// Its name.
    pub error: &'static str,
    /// Why, in a few words.
    pub reason: &'static str,
    /// The value of `WWW-Authenticate`: every 401 bears one (RFC 9110 15.5.2), whatever way the client took.
    pub challenge: Option<&'static str>,
}

impl TokenError {
    const fn bad(error: &'static str, reason: &'static str) -> Self {
        Self { status: 400, error, reason, challenge: None }
    }

    /// A request that is not understood.
    pub const fn invalid_request(reason: &'static str) -> Self {
        Self::bad("invalid_request", reason)
    }

    /// A code that gives nothing. One text for every reason.
    pub const fn invalid_grant() -> Self {
        Self::bad("invalid_grant", "the code cannot be used")
    }

    /// Another grant than the code.
    pub const fn unsupported_grant_type() -> Self {
        Self::bad("unsupported_grant_type", "only authorization_code")
    }

    /// A client that did not prove who it is. One text for every reason.
    pub const fn invalid_client() -> Self {
        Self {
            status: 401,
            error: "invalid_client",
            reason: "the client is not known, or did not prove it",
            challenge: Some("Basic realm=\"token\", charset=\"UTF-8\""),
        }
    }

    /// We cannot sign now.
    pub const fn unavailable() -> Self {
        Self { status: 503, error: "temporarily_unavailable", reason: "try again later", challenge: None }
    }

    /// The JSON to answer, with `Cache-Control: no-store`.
    pub fn body(&self) -> String {
        json!({ "error": self.error, "error_description": self.reason }).to_string()
    }
}
