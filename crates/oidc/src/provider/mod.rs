//! We are the provider: what a client asks for, what is decided, what it is given.
//!
//! The states: [`Received`] → [`Demande`] (kept as long as the person needs) → [`Code`] → [`Jeton`]. Each step is a
//! function of what was stored, what arrives and the instant; the caller stores what comes back in one transaction.

mod authenticate;
mod authorize;
mod bearer;
mod client;
mod code;
mod error;
mod logout;
mod metadata;
mod token;
mod userinfo;

pub use authenticate::{Assertion, Authenticated, Credentials};
pub use authorize::{Answer, Demande, Granted, Login, PageRefusal, Prompt, Received, Refusal, Step};
pub use bearer::{BearerRefusal, bearer};
pub use client::{AuthMethod, Client, ClientFault};
pub use code::{Code, CodeState, Denied, Effect, Jeton, JetonState, Standing};
pub use error::{ErrorCode, Redirect, TokenError};
pub use logout::{Logout, LogoutReceived, LogoutRefusal};
pub use metadata::{Lives, Provider, ProviderFault};
pub use token::{Issued, TokenRequest};
pub use userinfo::{UserinfoAnswer, by_scope, userinfo};

use crate::Claims;
use crate::jose::{self, Alg, KeyError, KeyRing, SigningKey};

/// Signs for a client: with our key of that algorithm, or with the client's own secret for HS256.
fn sign_for(client: &Client, alg: Alg, ring: &KeyRing, claims: &Claims) -> Result<String, KeyError> {
    if alg.is_symmetric() {
        let secret = client.secrets.first().ok_or(KeyError::ShortSecret)?;
        jose::sign(&SigningKey::from_secret(secret.expose())?, "JWT", claims)
    } else {
        jose::sign(ring.signer(alg).ok_or(KeyError::Rejected)?, "JWT", claims)
    }
}

#[cfg(test)]
mod tests;
