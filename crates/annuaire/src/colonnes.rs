//! Files of our own described as a Table Schema (specs.frictionlessdata.io/table-schema): the header of a file and what its
//! columns hold come from one table.

use serde_json::{Value, json};

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Genre {
    /// Any text.
    Texte,
    /// A whole number.
    Entier,
    /// A number.
    Nombre,
    /// `oui` or `non`.
    OuiNon,
}

/// A column.
#[derive(Clone, Debug)]
pub(crate) struct Colonne {
    /// Its name.
    pub(crate) nom: String,
    genre: Genre,
    sens: String,
    requise: bool,
}

/// A column that may be empty.
pub(crate) fn colonne(nom: &str, genre: Genre, sens: &str) -> Colonne {
    Colonne { nom: nom.to_owned(), genre, sens: sens.to_owned(), requise: false }
}

/// A column that is never empty.
pub(crate) fn requise(nom: &str, genre: Genre, sens: &str) -> Colonne {
    Colonne { requise: true, ..colonne(nom, genre, sens) }
}

/// The schema of a file of these columns; `cle` names those that tell its lines apart.
pub(crate) fn schema(titre: &str, cle: &[&str], colonnes: &[Colonne]) -> Value {
    json!({
        "$schema": "https://specs.frictionlessdata.io/schemas/table-schema.json",
        "title": titre,
        "fields": colonnes.iter().map(Colonne::champ).collect::<Vec<_>>(),
        "primaryKey": cle,
        "missingValues": [""],
    })
}

impl Colonne {
    fn champ(&self) -> Value {
        let genre = match self.genre {
            Genre::Texte => "string",
            Genre::Entier => "integer",
            Genre::Nombre => "number",
            Genre::OuiNon => "boolean",
        };
        let mut champ = json!({ "name": self.nom, "type": genre, "description": self.sens });
        if self.genre == Genre::OuiNon {
            champ["trueValues"] = json!(["oui"]);
            champ["falseValues"] = json!(["non"]);
        }
        if self.requise {
            champ["constraints"] = json!({ "required": true });
        }
        champ
    }
}
