//! Structures: the organisations that host conseillers and run lieux. Who enters and changes them, how duplicates are
//! found and merged.
//!
//! # How to copy this slice
//!
//! This is the exemplar: a new slice has these files, in this order of writing.
//!
//! 1. [`model`]: types, with French nouns of the domain. A state is an enum that bears its data ([`model::Etat`]), never
//!    an `Option` that hides one. List the attributes of a form once ([`model::Attribut`]): whatever shows "before and
//!    after" walks that list. No `serde`, no SQL here.
//! 2. [`rules`]: pure `may_x(&actor, &model, …) -> Result<(), Refusal>` and pure computations. Out of scope answers
//!    `NotFound`, without the verb `Forbidden`, a wrong value `Fields` with the name of the field, a wrong moment
//!    `Conflict`. Tests are tables; what must hold for all values is a property.
//! 3. `migration`: `annuaire_0010_structures`, portable types only, states with a CHECK, a folded column for searches.
//!    A released migration never changes: add another.
//! 4. `store`, private: rows and SQL that both engines take (`$1`, no function of one engine). It takes
//!    `&impl ConnectionTrait` to read and `&Tx` to write, never `&Db`. Values go through `Conditions`: nothing typed is
//!    ever part of the text. Whoever reads, changes and writes takes `get_locked` first.
//! 5. [`actions`]: one function a verb, in one `site.db.write`: load and lock, `rules::may_x`, decide, save, history,
//!    journal line (identifiers and names of fields, no personal data), jobs. Outside calls (HTTP, mail) never happen in a
//!    transaction. A change that somebody else made meanwhile is `Failure::Stale` with the present state.
//! 6. [`lecture`]: what can be read, always within the actor's scope; what other rooms may know ([`find`], [`search`],
//!    [`StructureVue`]).
//! 7. `pages`: one `routes()` that declares the access of each path; handlers that extract, call one action and match on
//!    its result; templates beside them. A form answers 303, 422 (errors tied to fields, what was typed kept) or 409 (both
//!    versions shown). Lists keep filters in the address. What stands in the path is an identifier or 404 (`Ids`).
//! 8. `tests`: `rules` (tables, properties), `actions` and `pages` on both engines, with scope, races and hostile input.
//!
//! `pages` → `actions`, `lecture` → `rules`, `store` → `model`. If a handler opens a transaction, names a table or
//! computes a date, the line is in the wrong file.

pub mod actions;
pub(crate) mod api;
mod demo;
pub mod doublons;
mod jobs;
pub mod lecture;
mod migration;
pub mod model;
mod pages;
pub mod rules;
pub mod sirene;
mod store;
#[cfg(test)]
mod tests;

use platform::db::Migrations;
use platform::web::Routes;

pub use actions::{Complement, Semblable, completer, inscrire, inscrire_toutes, semblable};
pub use demo::{RESEAU_DE_DEMONSTRATION, demo, demo_nationale, ids_nationaux};
pub(crate) use jobs::register;
pub use lecture::{
    StructureVue, contacts, courriels_principaux, de_pivot, du_territoire, find, search, situees, trouver,
};
pub use model::StructureId;
pub use pages::Ids;
pub use pages::saisie;
pub use store::{Conditions, Filtre, FiltreEtat, FusionRow, Ligne, tenir};

use crate::Annuaire;

/// Pages of the slice.
pub fn routes(annuaire: Annuaire) -> Routes<()> {
    pages::routes(annuaire)
}

/// Tables of the slice.
pub fn migrations() -> Migrations {
    vec![
        Box::new(migration::Annuaire0010),
        Box::new(migration::Annuaire0034),
        Box::new(migration::Annuaire0036),
    ]
}
