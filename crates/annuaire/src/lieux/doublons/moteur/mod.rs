//! How much two records of lieux look like one and the same door. Pure: no database, no clock; two records give the
//! same score whatever stands beside them, but for numbers and addresses that many lieux share.

mod adresse;
mod bareme;
mod candidats;
mod nom;
mod phrases;
mod traits;

pub use bareme::{AUTOMATIQUE, Comparaison, Critere, Ligne, POSSIBLE, comparer};
pub use candidats::{Paire, paires};
pub use traits::{Frequences, Releve, Traits};
