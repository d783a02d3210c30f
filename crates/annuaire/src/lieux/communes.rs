//! What the import needs to know of communes; the room of territories answers.

use kernel::{CodeCommune, CodePostal, Position};

/// What a check of a lieu needs to know of a commune.
#[derive(Clone, PartialEq, Debug)]
pub struct CommuneVue {
    /// INSEE code.
    pub code: CodeCommune,
    /// Official name.
    pub nom: String,
    /// Its centre, when known.
    pub position: Option<Position>,
    /// Its postal codes, the main one first.
    pub codes_postaux: Vec<CodePostal>,
}

/// The table of communes, seen from the import. Where there is no table, the import gets none and
/// then resolves nothing and cross-checks nothing.
pub trait Communes: Send + Sync {
    /// The commune of that present INSEE code.
    fn par_code(&self, code: &CodeCommune) -> Option<CommuneVue>;

    /// The communes that this name and postal code may mean, the likeliest first; none when nothing
    /// matches, several when the answer is not certain.
    fn resoudre(&self, nom: &str, code_postal: Option<&CodePostal>) -> Vec<CodeCommune>;
}
