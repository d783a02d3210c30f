//! Selection: what préfectures think of demandes, and what the committee decides.

pub mod avis;
pub mod besoins;
mod pages;
#[cfg(test)]
mod tests;

pub(crate) use pages::routes;
