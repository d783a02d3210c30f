//! The vocabulary every room of the house shares: identifiers, time, chance, the numbers the
//! administration gives to organisations and territories, who acts and what they may do.
//!
//! Everything here is pure: no database, no network, no ambient clock.

pub mod actor;
pub mod calendrier;
pub mod chance;
pub mod clock;
pub mod droits;
pub mod email;
pub mod geo;
pub mod ids;
pub mod insee;
pub mod periode;
pub mod pivot;
pub mod refusal;
pub mod reseau;
pub mod telephone;
pub mod text;

pub use actor::{Actor, Perimetre};
pub use chance::Chance;
pub use clock::Clock;
pub use droits::{Portee, Role, Verb};
pub use email::Email;
pub use geo::Position;
pub use insee::{CodeCommune, CodeDepartement, CodePostal, CodeRegion};
pub use periode::Periode;
pub use pivot::Pivot;
pub use refusal::Refusal;
pub use reseau::{NumeroPersonne, Reseau};
pub use telephone::Telephone;
