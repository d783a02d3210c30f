//! Reading delivered files: CSV in any common encoding and separator, JSON in its usual shapes. One
//! record at a time: memory stays bounded whatever the size of the file.

mod csv;
mod encodage;
mod json;

use std::collections::HashMap;
use std::io::{Read, Seek};
use std::ops::ControlFlow;
use std::sync::Arc;

use super::rapport::Regle;

pub use encodage::Encodage;

/// Longest record, in bytes: the longest real ones have a few kilobytes.
pub const ENREGISTREMENT_MAX: usize = 1 << 20;
/// Most fields in a record.
pub const CHAMPS_MAX: usize = 4_096;

pub(super) const COURTE: Regle = Regle::garde(
    "ligne-courte",
    "Il manque des cellules à la fin de cette ligne : elles sont lues comme vides.",
);
pub(super) const VIDE: Regle = Regle::garde("ligne-vide", "Cette ligne est vide : elle n’est pas lue.");
pub(super) const LONGUE: Regle = Regle::ecarte(
    "ligne-longue",
    "Cette ligne a plus de cellules que l’en-tête : celles en trop sont laissées.",
);
pub(super) const ENORME: Regle =
    Regle::refus("ligne-enorme", "Cet enregistrement dépasse 1 Mio : il n’est pas lu.");
pub(super) const MAL_FORMEE: Regle = Regle::refus("ligne-mal-formee", "Cette ligne n’est pas un objet JSON.");

/// Why a file cannot be read at all. Each is a French sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum RefusFichier {
    /// No byte, or only blanks.
    #[error("Ce fichier est vide.")]
    Vide,
    /// Not a text.
    #[error(
        "Ce fichier n’est pas un texte : {0}. Enregistrez-le en CSV (UTF-8) ou en JSON, puis recommencez."
    )]
    PasUnTexte(&'static str),
    /// The text stops in the middle of a record.
    #[error(
        "Ce fichier est coupé : il s’arrête ligne {0} au milieu d’un enregistrement. Demandez-le de nouveau."
    )]
    Coupe(u64),
    /// A quote is opened and the record grows beyond its bound.
    #[error(
        "Ligne {0}, un guillemet est ouvert et n’est jamais refermé : corrigez cette ligne, puis recommencez."
    )]
    Guillemet(u64),
    /// The JSON text breaks the rules of JSON.
    #[error(
        "Ce fichier JSON est mal formé ligne {ligne}, colonne {colonne} : corrigez-le, puis recommencez."
    )]
    Json {
        /// Line of the fault.
        ligne: usize,
        /// Column of the fault.
        colonne: usize,
    },
    /// A JSON text without a list of objects.
    #[error("Ce fichier JSON ne contient pas de liste d’objets.")]
    SansListe,
    /// The list that the mapping names is not there.
    #[error(
        "Ce fichier JSON n’a pas de liste d’objets sous « {0} » : corrigez « liste » dans la correspondance."
    )]
    ListeAbsente(String),
    /// The line of the header is beyond the end.
    #[error("Ce fichier finit avant la ligne {0}, où la correspondance attend l’en-tête.")]
    EnteteAbsent(u64),
    /// An element of a JSON list is too large.
    #[error("L’élément n° {0} de la liste dépasse 1 Mio : ce fichier n’a pas la forme d’une liste de lieux.")]
    ElementEnorme(u64),
    /// More columns than any file of lieux.
    #[error(
        "L’en-tête est trop long (plus de 4 096 colonnes, ou de 1 Mio) : ce fichier n’est pas une liste de lieux."
    )]
    TropDeColonnes,
    /// The disk, the network.
    #[error("Le fichier ne peut pas être lu : {0}.")]
    Lecture(#[from] std::io::Error),
}

/// Names of the columns, or of the flattened keys, of a record.
#[derive(Debug, PartialEq, Eq)]
pub struct Entete {
    noms: Vec<String>,
    rangs: HashMap<String, usize>,
}

impl Entete {
    pub(super) fn new(noms: Vec<String>) -> Self {
        let mut rangs = HashMap::with_capacity(noms.len());
        for (i, nom) in noms.iter().enumerate() {
            rangs.entry(nom.clone()).or_insert(i);
        }
        Self { noms, rangs }
    }

    /// The names, in order.
    pub fn noms(&self) -> &[String] {
        &self.noms
    }

    /// The place of a column.
    pub fn rang(&self, nom: &str) -> Option<usize> {
        self.rangs.get(nom).copied()
    }

    /// Whether there is such a column.
    pub fn contient(&self, nom: &str) -> bool {
        self.rangs.contains_key(nom)
    }
}

/// A record as delivered: texts under names.
#[derive(Debug, Clone)]
pub struct Enregistrement {
    /// Line of the file where it begins; rank in the list for a JSON array, from 1.
    pub ligne: u64,
    /// Names.
    pub entete: Arc<Entete>,
    valeurs: Vec<String>,
}

impl Enregistrement {
    pub(super) fn new(ligne: u64, entete: Arc<Entete>, valeurs: Vec<String>) -> Self {
        Self { ligne, entete, valeurs }
    }

    /// The value under a name; `None` when there is no such name.
    pub fn get(&self, nom: &str) -> Option<&str> {
        self.entete.rangs.get(nom).map(|i| self.valeurs.get(*i).map_or("", String::as_str))
    }

    /// The value at a place of the header; empty beyond.
    pub fn au_rang(&self, rang: usize) -> &str {
        self.valeurs.get(rang).map_or("", String::as_str)
    }

    /// The value under a name; empty when there is no such name.
    pub fn texte(&self, nom: &str) -> &str {
        self.get(nom).unwrap_or("")
    }
}

/// What the reader meets.
#[derive(Debug)]
pub enum Evenement {
    /// The names of the columns of a CSV file, once, first.
    Entete(Arc<Entete>),
    /// A record.
    Enregistrement(Enregistrement),
    /// Something wrong with one record; a record follows unless the rule refuses it.
    Anomalie {
        /// Line, or rank.
        ligne: u64,
        /// The rule.
        regle: Regle,
        /// What is wrong, shortened.
        valeur: String,
    },
}

/// Takes what the reader meets; `Break` stops the reading.
pub type Suite<'a> = &'a mut dyn FnMut(Evenement) -> ControlFlow<()>;

/// How a file was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forme {
    /// `csv`, `json` or `json-lignes`.
    pub format: &'static str,
    /// Encoding found.
    pub encodage: Encodage,
    /// Separator of a CSV file.
    pub separateur: Option<char>,
    /// Bytes that the encoding could not explain, replaced by `�`.
    pub octets_illisibles: bool,
    /// The last line looks cut: nothing should be concluded from what is absent.
    pub coupe: bool,
}

/// How to read a file that does not tell by itself. Without instructions, all is found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Consignes {
    /// Separator of a CSV file.
    pub separateur: Option<u8>,
    /// Encoding.
    pub encodage: Option<Encodage>,
    /// Line of the names of the columns, from 1; what stands before is not read.
    pub entete: Option<u64>,
    /// Lines that the names of the columns take, when a second one says what the merged cells of the first hold: 0 and
    /// 1 are one line.
    pub lignes_d_entete: u8,
    /// Names of the columns of a CSV file that has no header.
    pub colonnes: Option<Vec<String>>,
    /// Path of the list in a JSON file: `data.records`; a star stands for every element, `pages.*.items`.
    pub liste: Option<String>,
}

/// Reads a file to its end, or until told to stop.
///
/// # Errors
/// [`RefusFichier`], when the file as a whole cannot be read; records met before must then be
/// forgotten.
pub fn lire<R: Read + Seek>(
    mut source: R,
    consignes: &Consignes,
    suite: Suite<'_>,
) -> Result<Forme, RefusFichier> {
    let mut sonde = encodage::sonde(&mut source)?;
    if let Some(encodage) = consignes.encodage {
        sonde = encodage::Sonde { encodage, illisible: false };
    }
    let mut forme = Forme {
        format: "csv",
        encodage: sonde.encodage,
        separateur: None,
        octets_illisibles: sonde.illisible,
        coupe: false,
    };
    let texte = encodage::Decodeur::new(source, sonde.encodage);
    let mut texte = std::io::BufReader::with_capacity(1 << 16, texte);
    match json::ressemble(&mut texte)? {
        Some(json::Sorte::Valeur) => {
            forme.format = "json";
            json::lire_valeur(texte, consignes.liste.as_deref(), suite)?;
        }
        Some(json::Sorte::Lignes) => {
            forme.format = "json-lignes";
            json::lire_lignes(texte, suite)?;
        }
        None => {
            let (separateur, coupe) = csv::lire(texte, consignes, suite)?;
            forme.separateur = Some(separateur);
            forme.coupe = coupe;
        }
    }
    Ok(forme)
}

/// Why a file is refused from its first bytes: an archive, a workbook, an image.
pub fn refus_immediat(tete: &[u8]) -> Option<RefusFichier> {
    encodage::magie(tete).map(RefusFichier::PasUnTexte)
}

/// A value short enough for a message.
pub(super) fn extrait(texte: &str) -> String {
    texte.chars().take(80).collect()
}

#[cfg(test)]
mod tests;
