//! The words of the language.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A mapping of a source to the standard.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Correspondance {
    /// Name of the source.
    pub source: String,
    /// What it is, for people.
    #[serde(default)]
    pub description: String,
    /// Put before the identifiers of the source.
    #[serde(default)]
    pub prefixe_id: String,
    /// Rules of the fields, by name of field.
    #[serde(default)]
    pub champs: BTreeMap<String, RegleChamp>,
    /// Rules of choice, by name of field.
    #[serde(default)]
    pub choix: BTreeMap<String, Vec<Choix>>,
    /// Tables of translation, by name.
    #[serde(default)]
    pub traductions: BTreeMap<String, BTreeMap<String, String>>,
    /// Opening hours.
    pub horaires: Option<Horaires>,
    /// The point.
    pub position: Option<Position>,
    /// Records to keep or to leave aside.
    #[serde(default)]
    pub filtres: Vec<Filtre>,
    /// Values of fields that are empty after everything else.
    #[serde(default)]
    pub defauts: BTreeMap<String, String>,
    /// Columns that are not read, on purpose: the others that are not read are told in the report.
    #[serde(default)]
    pub colonnes_ignorees: Vec<String>,
}

/// Rule of a field: the name of a column, or a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegleChamp(pub RegleEcrite);

/// Rule of a field, in whole. One of `colonne`, `joindre`, `dissocier`, `constante`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct RegleEcrite {
    /// The value of this column.
    pub colonne: Option<String>,
    /// The values of these columns, those that are not empty, with `separateur` between.
    pub joindre: Option<Vec<String>>,
    /// Between joined values (a blank when absent), or between the values to translate.
    pub separateur: Option<String>,
    /// A part of a column.
    pub dissocier: Option<Dissocier>,
    /// This value, whatever the record.
    pub constante: Option<String>,
    /// Another rule, when this one gives nothing.
    pub ou: Option<Box<RegleChamp>>,
    /// Name of the table that translates the value.
    pub traduction: Option<String>,
}

/// A part of a column.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Dissocier {
    /// The column.
    pub colonne: String,
    /// What separates the parts.
    pub separateur: String,
    /// Which part: 1 for the first, -1 for the last.
    pub partie: i32,
}

/// A rule of choice: when one of the columns has one of the terms and none of the exclusions, the
/// field takes the target.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Choix {
    /// Columns to look at; none means always.
    #[serde(default)]
    pub colonnes: Vec<String>,
    /// Words to find, accents and case apart; none means any value.
    #[serde(default)]
    pub termes: Vec<String>,
    /// Words that cancel the rule.
    #[serde(default)]
    pub sauf: Vec<String>,
    /// Value of the standard; absent, the words are known and mean nothing.
    pub cible: Option<String>,
    /// Separates several values in the columns.
    pub separateur: Option<String>,
}

/// Opening hours: by day, or a text for the week, or OSM.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Horaires {
    /// A column, or several, for each day: `lundi = "h_lundi"`, `mardi = ["matin", "soir"]`.
    #[serde(default)]
    pub jours: BTreeMap<String, UneOuPlusieurs>,
    /// A column of French text for the week.
    pub semaine: Option<String>,
    /// A column of OSM hours.
    pub osm: Option<String>,
}

/// A name of column, or several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UneOuPlusieurs(pub Vec<String>);

/// The point: two columns, or one.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// Column of the latitude.
    pub latitude: Option<String>,
    /// Column of the longitude.
    pub longitude: Option<String>,
    /// Column of both.
    pub colonne: Option<String>,
    /// What separates them (a comma when absent).
    pub separateur: Option<String>,
    /// Which comes first in the column of both.
    #[serde(default)]
    pub ordre: OrdrePosition,
}

/// Which number comes first.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
pub enum OrdrePosition {
    /// The latitude.
    #[default]
    #[serde(rename = "lat,lon")]
    LatLon,
    /// The longitude, as in GeoJSON.
    #[serde(rename = "lon,lat")]
    LonLat,
}

/// Records to keep or to leave aside, by the value of a column (accents and case apart).
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Filtre {
    /// The column.
    pub colonne: String,
    /// Values to keep; none means all.
    #[serde(default)]
    pub garder: Vec<String>,
    /// Values to leave aside.
    #[serde(default)]
    pub exclure: Vec<String>,
}
