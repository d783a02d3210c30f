//! The démarches that a mandat may cover: the ten categories of the public service's guide of rights.

use std::sync::LazyLock;

use super::{Genre, PUBLIES, Texte};

/// One category of démarches.
#[derive(Clone, PartialEq, Eq, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Demarche {
    /// What documents and FranceConnect (`rep_scope`) call it.
    pub cle: String,
    /// Title, as printed.
    pub titre: String,
    /// Title for a narrow place.
    pub court: String,
    /// What it covers, for the person who chooses.
    pub couvre: String,
    /// What the law asks to say before.
    pub avertissements: Vec<Avertissement>,
}

/// What must be said when a démarche is chosen, shown again and used.
#[derive(Clone, PartialEq, Eq, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Avertissement {
    /// The sentence, without its final dot.
    pub texte: String,
    /// Articles that ask for it.
    pub references: Vec<String>,
}

impl Avertissement {
    /// The sentence and its articles.
    pub fn phrase(&self) -> String {
        format!("{} ({}).", self.texte, self.references.join(" ; "))
    }
}

/// A published text that does not read would be an empty list: a test reads each.
static CATALOGUES: LazyLock<Vec<(&'static str, Vec<Demarche>)>> = LazyLock::new(|| {
    let lus = PUBLIES.iter().filter(|t| t.genre == Genre::Demarches);
    lus.map(|t| (t.id, serde_json::from_str(t.corps).unwrap_or_default())).collect()
});

/// The démarches of that text, in its order; none for a text of another kind.
pub fn catalogue(texte: &Texte) -> &'static [Demarche] {
    CATALOGUES.iter().find(|(id, _)| *id == texte.id).map_or(&[], |(_, demarches)| demarches)
}
