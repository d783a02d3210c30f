//! Where granted posts serve most: which requests to grant, under an envelope, so that as much need
//! as possible lies within reach of a post that has room for it; with a proven bound.
//!
//! `docs/conseillers/repartition.md` gives the model, the algorithm and the bound.

mod alike;
mod bound;
mod dual;
mod explain;
mod explore;
mod flow;
mod network;
mod reading;
mod report;
mod search;
mod solve;

#[cfg(test)]
mod tests;

pub use bound::{Prix, borne, verifie};
pub use explain::{Analyse, Comparaison, Explication, analyse, compare, servi};
pub use reading::lit;
pub use report::{json, texte};
pub use solve::resout;

use kernel::Position;

use crate::entree::Id;

/// A commune and its need.
#[derive(Clone, Debug, PartialEq)]
pub struct Commune {
    /// Its identifier.
    pub id: Id,
    /// Where its people live.
    pub position: Position,
    /// Inhabitants to serve, or any measure of need: zero or more, read to the millionth.
    pub besoin: f64,
}

/// A request for posts.
#[derive(Clone, Debug, PartialEq)]
pub struct Demande {
    /// Its identifier.
    pub id: Id,
    /// Where the posts would be.
    pub position: Position,
    /// The département whose minimum it counts for.
    pub departement: Id,
    /// Posts asked for.
    pub postes: u64,
}

/// What is to be shared out, and under which rules.
#[derive(Clone, Debug, PartialEq)]
pub struct Probleme {
    /// Communes; ids differ.
    pub communes: Vec<Commune>,
    /// Requests; ids differ.
    pub demandes: Vec<Demande>,
    /// Posts of the envelope.
    pub postes_a_attribuer: u64,
    /// How far a post serves, in great-circle kilometres.
    pub rayon_km: f64,
    /// Need one post serves at most.
    pub capacite_par_poste: f64,
    /// Posts one request receives at most; `None`: as many as it asks for.
    pub maximum_par_demande: Option<u64>,
    /// Posts each département with requests receives at least, or all it asks for if that is less.
    pub minimum_par_departement: u64,
    /// Posts that groups of départements receive at most together: two of them lie apart, or one in the other.
    pub plafonds: Vec<Plafond>,
}

/// What some départements receive at most together: an enveloppe, or a rule of equity.
#[derive(Clone, Debug, PartialEq)]
pub struct Plafond {
    /// The départements; those without requests do not matter.
    pub departements: Vec<Id>,
    /// Posts.
    pub postes: u64,
}

/// What is proposed to the committee, which decides.
#[derive(Clone, Debug, PartialEq)]
pub struct Solution {
    /// Granted requests and their posts: ranks in [`Probleme::demandes`], by id.
    pub attributions: Vec<(usize, u64)>,
    /// Need served by these posts, each as well used as can be.
    pub besoin_servi: f64,
    /// No other attribution serves more than this.
    pub borne: f64,
    /// What proves the bound, unless exploring all other attributions did.
    pub prix: Prix,
    /// Whether the bound rests on an exploration (small problems), not on the prices alone.
    pub explore: bool,
    /// Départements that ask for fewer posts than the minimum, or whose ceiling is lower: they receive that.
    pub minimum_reduit: Vec<Id>,
}

impl Solution {
    /// How far from the best the proposal may be, as a share of the bound: 0 is the best there is.
    pub fn ecart(&self) -> f64 {
        if self.borne > 0.0 { (self.borne - self.besoin_servi).max(0.0) / self.borne } else { 0.0 }
    }
}
