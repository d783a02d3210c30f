//! Tests of the slice: rules as tables, actions and pages on both engines.

mod actions;
mod doublons;
mod fixtures;
mod fusions;
mod pages;
mod rules;
mod sirene;
