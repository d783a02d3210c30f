//! Cards that show codes: their stock, who has which. What proves an identity with them is `identity::cartes`.

mod fichier;
mod pages;
#[cfg(test)]
mod tests;

pub(crate) use pages::{diagnostic, routes};
