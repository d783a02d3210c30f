//! The own space of a candidat: where the application stands, what can be changed, taken away, erased.

pub(super) mod actions;
mod donnees;
mod pages;
mod suites;

pub(super) use pages::routes;
