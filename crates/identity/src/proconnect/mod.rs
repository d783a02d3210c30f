//! Public agents who sign in at ProConnect: the code flow of OpenID Connect with PKCE, `state` bound
//! to the browser, `nonce`, a signed userinfo, and log-out there too.
//!
//! An account is bound to the pair (issuer, subject), once, by an invitation whose link was opened
//! and whose address is the one that ProConnect gives. Afterwards only that pair opens it: never an
//! address, which people hand on, and never the SIRET, which ProConnect may replace by a default.

pub(crate) mod actions;
pub(crate) mod client;
mod fetch;
mod jws;
pub(crate) mod pages;
pub(crate) mod store;

#[cfg(test)]
mod tests;
