//! The words of the language. `lecture.rs` reads them, `application.rs` puts them to work.

use std::collections::BTreeMap;

use regex::Regex;

use super::super::lecture::Consignes;
use super::super::standard::Champ;

/// A mapping of a source to the standard.
#[derive(Clone, Debug, Default)]
pub struct Correspondance {
    /// Name of the source.
    pub source: String,
    /// What it is, for people.
    pub description: String,
    /// Put before the identifiers of the source.
    pub prefixe_id: String,
    /// How the file is to be read, where it does not tell by itself.
    pub fichier: Consignes,
    /// Rules of the fields.
    pub champs: Vec<(Champ, Regle)>,
    /// Rules of choice.
    pub choix: Vec<(Champ, Vec<Choix>)>,
    /// Opening hours.
    pub horaires: Option<Horaires>,
    /// The point.
    pub position: Option<Position>,
    /// Records to leave aside.
    pub filtres: Vec<Filtre>,
    /// Values of fields that are empty after everything else.
    pub defauts: Vec<(Champ, String)>,
    /// Columns that are not read, on purpose: the others that are not read are told in the report.
    pub colonnes_ignorees: Vec<String>,
    /// Columns that the file may lack.
    pub colonnes_facultatives: Vec<String>,
}

/// Rule of a field: where the value comes from, what is done to it, and what to do without it.
#[derive(Clone, Debug)]
pub struct Regle {
    /// Where it comes from.
    pub origine: Origine,
    /// What is done to it, in this order.
    pub retouches: Vec<Retouche>,
    /// When the rule holds; always, without conditions.
    pub si: Vec<Condition>,
    /// Another rule, when this one gives nothing.
    pub ou: Option<Box<Regle>>,
}

/// Where a value comes from.
#[derive(Clone, Debug)]
pub enum Origine {
    /// The first of these columns that is filled.
    Colonnes(Vec<String>),
    /// The filled ones of these columns, with the separator between.
    Joindre(Vec<String>, String),
    /// Columns in a text: `{voie}, {ville}`.
    Modele(Vec<Bout>),
    /// A part of a column: 1 for the first, -1 for the last.
    Dissocier {
        /// The column.
        colonne: String,
        /// What separates the parts.
        separateur: String,
        /// Which part.
        partie: i64,
    },
    /// A short stable name drawn from these columns.
    Empreinte(Vec<String>),
    /// This value, whatever the record.
    Constante(String),
}

/// A piece of a [`Origine::Modele`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bout {
    /// Text as it is.
    Texte(String),
    /// The value of a column.
    Colonne(String),
}

/// Something done to a value.
#[derive(Clone, Debug)]
pub enum Retouche {
    /// Tags and entities of HTML become plain text.
    SansHtml,
    /// What the pattern finds (its first group, when it has one); nothing when it finds nothing.
    Extraire(Regex),
    /// What the pattern finds is taken away.
    Effacer(Regex),
    /// Texts replaced by others.
    Remplacer(Vec<(String, String)>),
    /// These words mean "nothing".
    Vides(Vec<String>),
    /// Cut into a list.
    Separer(Vec<String>),
    /// Each value of the list through a table.
    Traduire(Table),
    /// Capitals.
    Casse(Casse),
    /// A date in one of these shapes, as `chrono` writes them.
    Date(Vec<String>),
    /// Put before.
    Prefixe(String),
    /// Put after.
    Suffixe(String),
}

/// A table of translation.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Folded word to values.
    pub mots: BTreeMap<String, Vec<String>>,
    /// What becomes of the other words.
    pub sinon: Sinon,
}

/// What becomes of a word that a table lacks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Sinon {
    /// Left out, and told in the report.
    #[default]
    Signaler,
    /// Kept as it is.
    Garder,
    /// Replaced.
    Valeur(String),
}

/// Capitals of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Casse {
    /// `Rue De La Paix`, small words apart: « Rue de la Paix ».
    Titre,
    /// Only the first letter.
    Phrase,
    /// All.
    Majuscules,
    /// None.
    Minuscules,
}

/// A rule of choice: when one of the columns has one of the terms and none of the exclusions, the
/// field takes the targets.
#[derive(Clone, Debug, Default)]
pub struct Choix {
    /// Columns to look at; none means always.
    pub colonnes: Vec<String>,
    /// Words to find, accents and case apart; none means any value that does not say no.
    pub termes: Vec<String>,
    /// Words that cancel the rule.
    pub sauf: Vec<String>,
    /// Values of the standard; none: the words are known and mean nothing.
    pub cible: Vec<String>,
    /// Separate several values in the columns.
    pub separer: Vec<String>,
    /// When the rule holds.
    pub si: Vec<Condition>,
}

/// Opening hours.
#[derive(Clone, Debug)]
pub enum Horaires {
    /// Columns of each day, Monday first.
    Jours(Vec<(usize, Vec<Plage>)>),
    /// French text for the week: the first column that is filled, or what a rule makes of columns.
    Semaine(Regle),
    /// A column of OSM hours.
    Osm(String),
    /// A list of objects, one a day or a slot.
    Liste(ListeHoraires),
}

/// What a day is made of.
#[derive(Clone, Debug)]
pub enum Plage {
    /// A column: « 9h-12h ».
    Texte(String),
    /// Two columns: opening, closing.
    Bornes(String, String),
}

/// Hours as a list of objects of a JSON file.
#[derive(Clone, Debug, Default)]
pub struct ListeHoraires {
    /// Path of the list.
    pub chemin: String,
    /// Key of the day.
    pub jour: String,
    /// Key of the opening.
    pub debut: String,
    /// Key of the closing.
    pub fin: String,
    /// Key of a text of hours, instead of the two others.
    pub texte: String,
    /// The number of Monday, when days are numbers.
    pub lundi: i64,
}

/// The point.
#[derive(Clone, Debug, Default)]
pub struct Position {
    /// Column of the latitude, or of y.
    pub latitude: Option<String>,
    /// Column of the longitude, or of x.
    pub longitude: Option<String>,
    /// Column of both.
    pub colonne: Option<String>,
    /// What separates them.
    pub separateur: Option<String>,
    /// Whether the longitude (or x) comes first in the column of both.
    pub longitude_dabord: bool,
    /// How they are projected; told by their size, without it.
    pub projection: Option<super::super::reparations::Projection>,
}

/// Records to leave aside, and why.
#[derive(Clone, Debug, Default)]
pub struct Filtre {
    /// Left aside when all of these hold.
    pub exclure_si: Vec<Condition>,
    /// Left aside unless all of these hold.
    pub garder_si: Vec<Condition>,
    /// Why, for the report.
    pub raison: String,
}

/// A condition on a record.
#[derive(Clone, Debug)]
pub enum Condition {
    /// The column is one of these values, accents and case apart.
    Vaut(String, Vec<String>),
    /// The column has one of these words.
    Contient(String, Vec<String>),
    /// The pattern finds something in the column.
    Motif(String, Regex),
    /// The column is filled, or is not.
    Rempli(String, bool),
    /// One of these holds.
    Une(Vec<Condition>),
    /// None of these holds.
    Aucune(Vec<Condition>),
}

impl Condition {
    /// The columns that it looks at.
    pub fn colonnes<'a>(&'a self, note: &mut dyn FnMut(&'a str)) {
        match self {
            Self::Vaut(c, _) | Self::Contient(c, _) | Self::Motif(c, _) | Self::Rempli(c, _) => note(c),
            Self::Une(suite) | Self::Aucune(suite) => suite.iter().for_each(|c| c.colonnes(note)),
        }
    }
}

impl Regle {
    /// A rule that takes a column as it is.
    pub fn colonne(nom: &str) -> Self {
        Self {
            origine: Origine::Colonnes(vec![nom.to_owned()]),
            retouches: Vec::new(),
            si: Vec::new(),
            ou: None,
        }
    }

    /// The columns that it reads.
    pub fn colonnes<'a>(&'a self, note: &mut dyn FnMut(&'a str)) {
        match &self.origine {
            Origine::Colonnes(noms) | Origine::Joindre(noms, _) | Origine::Empreinte(noms) => {
                noms.iter().for_each(|n| note(n));
            }
            Origine::Modele(bouts) => bouts.iter().for_each(|b| {
                if let Bout::Colonne(nom) = b {
                    note(nom);
                }
            }),
            Origine::Dissocier { colonne, .. } => note(colonne),
            Origine::Constante(_) => {}
        }
        self.si.iter().for_each(|c| c.colonnes(note));
        if let Some(ou) = &self.ou {
            ou.colonnes(note);
        }
    }
}

impl Correspondance {
    /// Every column that the mapping names, with the key that names it first.
    pub fn colonnes(&self) -> BTreeMap<&str, String> {
        let mut toutes: BTreeMap<&str, String> = BTreeMap::new();
        for (champ, regle) in &self.champs {
            regle.colonnes(&mut |nom| {
                toutes.entry(nom).or_insert_with(|| format!("champs.{}", champ.nom()));
            });
        }
        for (champ, choix) in &self.choix {
            for c in choix {
                let mut note = |nom| {
                    toutes.entry(nom).or_insert_with(|| format!("choix.{}", champ.nom()));
                };
                c.colonnes.iter().for_each(|n| note(n.as_str()));
                c.si.iter().for_each(|s| s.colonnes(&mut note));
            }
        }
        if let Some(h) = &self.horaires {
            for nom in super::heures::colonnes(h) {
                toutes.entry(nom).or_insert_with(|| "horaires".to_owned());
            }
        }
        if let Some(p) = &self.position {
            for nom in p.latitude.iter().chain(&p.longitude).chain(&p.colonne) {
                toutes.entry(nom).or_insert_with(|| "position".to_owned());
            }
        }
        for filtre in &self.filtres {
            for condition in filtre.exclure_si.iter().chain(&filtre.garder_si) {
                condition.colonnes(&mut |nom| {
                    toutes.entry(nom).or_insert_with(|| "filtres".to_owned());
                });
            }
        }
        toutes
    }
}
