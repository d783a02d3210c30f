//! Conseillers in their posts: who follows them (their structure, the préfecture, a hub, a network, a coordinateur), and what
//! each sees of their own post.

pub(crate) mod compte;
mod pages;
#[cfg(test)]
mod tests;

use platform::web::Routes;

use crate::Conseillers;

/// Every page of the room, with its access.
pub(crate) fn routes(conseillers: Conseillers) -> Routes<()> {
    pages::routes(conseillers)
}
