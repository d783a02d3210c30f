//! Whether people who look for a post are met fairly: who was never contacted, and how fast contacts are answered, by
//! territory, distance and age of the application. Figures only: nobody is named.

mod model;
mod pages;
#[cfg(test)]
mod tests;

use platform::web::Routes;

use crate::Conseillers;

/// Pages of the room.
pub(crate) fn routes(c: Conseillers) -> Routes<()> {
    pages::routes(c)
}
