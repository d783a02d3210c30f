//! The access token of a request (RFC 6750): in the header, and nowhere else.

/// Why a request at the userinfo endpoint is refused: 401, with `WWW-Authenticate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BearerRefusal {
    /// No token in the header. One in the address or in a form is not looked at: addresses are written in logs.
    #[error("no token")]
    Absent,
    /// A header that is not a token's.
    #[error("a malformed header")]
    Malformed,
    /// Unknown, expired, used, revoked: which one is not told.
    #[error("the token is not valid")]
    Invalid,
}

impl BearerRefusal {
    /// 401, or 400 for a header that is malformed.
    pub const fn status(self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::Absent | Self::Invalid => 401,
        }
    }

    /// The value of `WWW-Authenticate` (RFC 6750 3: at least one parameter, and no error code when no token came).
    pub const fn challenge(self) -> &'static str {
        match self {
            Self::Absent => "Bearer realm=\"userinfo\"",
            Self::Malformed => {
                "Bearer realm=\"userinfo\", error=\"invalid_request\", error_description=\"malformed header\""
            }
            Self::Invalid => {
                "Bearer realm=\"userinfo\", error=\"invalid_token\", error_description=\"the token is not valid\""
            }
        }
    }
}

/// The token of an `Authorization` header.
///
/// # Errors
/// None, or a malformed one.
pub fn bearer(authorization: Option<&str>) -> Result<&str, BearerRefusal> {
    let header = authorization.ok_or(BearerRefusal::Absent)?;
    let (scheme, token) = header.split_once(' ').unwrap_or((header, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(BearerRefusal::Absent);
    }
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/=".contains(&b);
    if (1..=512).contains(&token.len()) && token.bytes().all(fits) {
        Ok(token)
    } else {
        Err(BearerRefusal::Malformed)
    }
}
