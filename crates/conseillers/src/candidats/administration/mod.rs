//! Candidats for the administration: the list, a file, likely duplicates, what is past its time.

pub(super) mod actions;
mod doublons;
mod export;
mod pages;

pub(super) use pages::routes;
