//! What somebody typed while their session ended, or before a fresh proof: kept an hour, sealed, for the same account in the
//! same browser, who sends it in one gesture once they have proved who they are.

pub(crate) mod actions;
pub(crate) mod pages;
pub(crate) mod store;

/// Where one finds what is kept.
pub(crate) const PAGE: &str = "/compte/saisie";
