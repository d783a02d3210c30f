//! Applying: the public form, the draft that waits for its author, the address proven by a link.

pub(super) mod actions;
pub(super) mod courriels;
mod jobs;
mod pages;

pub(crate) use jobs::register;
pub(crate) use pages::admis;
pub(super) use pages::routes;
