//! OpenID Connect as data and pure functions: signatures, the provider, the client.
//!
//! No database, no server, no network, no clock of its own: every function takes what it needs and gives back what
//! to store and what to answer, so that a caller can hold a whole exchange in one transaction. `docs/oidc.md` tells
//! the states and what always holds.

pub mod client;
pub mod franceconnect;
pub mod jose;
pub mod provider;

mod claims;
mod form;
mod json;
mod outbound;
mod secret;

pub use claims::{Act, Claims};
pub use form::FormError;
pub use json::{JsonError, parse as parse_json};
pub use outbound::{Outbound, OutboundRefusal};
pub use secret::{Pepper, Secret, same};
