//! OpenID Connect as data and pure functions.
