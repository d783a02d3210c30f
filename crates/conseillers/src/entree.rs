//! Reading the JSON files of the engines: every refusal is one French sentence that names the line.

use std::collections::{BTreeSet, HashSet};
use std::fmt;

use chrono::NaiveDate;
use kernel::Position;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Largest file an engine reads, in bytes: ten times a national one.
pub const TAILLE_MAXIMALE: u64 = 256 << 20;

/// Why an engine cannot answer: one sentence in French that says what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refus(pub String);

impl fmt::Display for Refus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refus {}

/// An identifier as the file writes it: a whole number or a text, given back as it came.
/// Numbers sort by value, before texts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Id {
    /// Written as a number.
    Nombre(i64),
    /// Written as a text.
    Texte(String),
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nombre(nombre) => nombre.fmt(f),
            Self::Texte(texte) => f.write_str(texte),
        }
    }
}

impl From<&str> for Id {
    fn from(texte: &str) -> Self {
        Self::Texte(texte.to_owned())
    }
}

impl From<&Id> for Value {
    fn from(id: &Id) -> Self {
        match id {
            Id::Nombre(nombre) => Self::from(*nombre),
            Id::Texte(texte) => Self::from(texte.as_str()),
        }
    }
}

/// The file of an engine: one object.
#[derive(Debug)]
pub struct Fichier {
    champs: Map<String, Value>,
    lus: BTreeSet<String>,
    remarques: Vec<String>,
}

impl Fichier {
    /// Reads the text of a file.
    ///
    /// # Errors
    /// When it is no JSON, or no object.
    pub fn lit(contenu: &[u8]) -> Result<Self, Refus> {
        // Some tools put a mark of encoding before the text.
        let contenu = contenu.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(contenu);
        match serde_json::from_slice(contenu) {
            Ok(Strict(Value::Object(champs))) => {
                Ok(Self { champs, lus: BTreeSet::new(), remarques: Vec::new() })
            }
            Ok(_) => Err(Refus("le fichier doit contenir un objet JSON, écrit entre accolades.".to_owned())),
            Err(e) if e.is_eof() => Err(Refus(
                "le fichier est vide ou s’arrête avant la fin : envoyez-le de nouveau, en entier.".to_owned(),
            )),
            Err(e) if e.is_data() => Err(Refus(twice(&e))),
            Err(e) => Err(Refus(format!(
                "le fichier n’est pas du JSON valide (ligne {}, colonne {}). Les nombres s’écrivent en chiffres, avec un point.",
                e.line(),
                e.column()
            ))),
        }
    }

    /// The lines of a list, each with the words that name it in a refusal; ids must be there and
    /// differ.
    ///
    /// # Errors
    /// When the list is missing, or a line is no object, or has no id, or one already seen.
    pub fn liste(&mut self, nom: &str, un: &'static str) -> Result<Vec<Ligne>, Refus> {
        self.lus.insert(nom.to_owned());
        let Some(Value::Array(valeurs)) = self.champs.remove(nom) else {
            return Err(Refus(format!("il manque la liste « {nom} », écrite entre crochets.")));
        };
        let mut vus = HashSet::with_capacity(valeurs.len());
        let mut lignes = Vec::with_capacity(valeurs.len());
        for (rang, valeur) in valeurs.into_iter().enumerate() {
            let ou = format!("« {nom} », {un} n° {}", rang + 1);
            let Value::Object(champs) = valeur else {
                return Err(Refus(format!(
                    "{ou} : chaque élément doit être un objet, écrit entre accolades."
                )));
            };
            let id = identifiant(champs.get("id"))
                .ok_or_else(|| Refus(format!("{ou} : « id » doit être un texte ou un nombre entier.")))?;
            if !vus.insert(id.to_string()) {
                return Err(Refus(format!(
                    "« {nom} » : l’identifiant « {id} » est donné deux fois. Chaque {un} doit avoir le sien."
                )));
            }
            lignes.push(Ligne { champs, ou: format!("{un} « {id} »"), id });
        }
        Ok(lignes)
    }

    /// Whether the file gives that field.
    pub fn contient(&self, nom: &str) -> bool {
        self.champs.get(nom).is_some_and(|valeur| !valeur.is_null())
    }

    /// A whole number of the file, zero or more; `None` when it is null or missing.
    ///
    /// # Errors
    /// When it is something else.
    pub fn entier(&mut self, nom: &str) -> Result<Option<u64>, Refus> {
        self.lus.insert(nom.to_owned());
        entier(&self.champs, nom)
            .map_err(|()| Refus(format!("« {nom} » doit être un nombre entier, zéro ou plus.")))
    }

    /// A finite number of the file, zero or more; `None` when it is null or missing.
    ///
    /// # Errors
    /// When it is something else.
    pub fn nombre(&mut self, nom: &str) -> Result<Option<f64>, Refus> {
        self.lus.insert(nom.to_owned());
        nombre(&self.champs, nom).map_err(|()| Refus(format!("« {nom} » doit être un nombre, zéro ou plus.")))
    }

    /// Something to tell besides the answer.
    pub fn remarque(&mut self, phrase: String) {
        self.remarques.push(phrase);
    }

    /// Remembers which fields of these lines have no meaning here: they are told, not refused, so
    /// that a file may carry more, and a misspelt name is seen.
    pub fn inconnus(&mut self, lignes: &[Ligne], connus: &[&str], liste: &str) {
        let inconnus: BTreeSet<&String> =
            lignes.iter().flat_map(|l| l.champs.keys()).filter(|c| !connus.contains(&c.as_str())).collect();
        if !inconnus.is_empty() {
            self.remarques.push(format!("« {liste} » : champs ignorés, {}.", cites(inconnus)));
        }
    }

    /// What there is to tell besides the answer.
    pub fn remarques(mut self) -> Vec<String> {
        let inconnus: Vec<&String> = self.champs.keys().filter(|c| !self.lus.contains(*c)).collect();
        if !inconnus.is_empty() {
            self.remarques.insert(0, format!("Champs du fichier ignorés, {}.", cites(inconnus)));
        }
        self.remarques
    }
}

/// Any JSON, but that no object gives a field twice: the parser would keep the last without a word.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Strict(value)) = seq.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut champs = Map::new();
        while let Some(nom) = map.next_key::<String>()? {
            if champs.contains_key(&nom) {
                return Err(A::Error::custom(nom));
            }
            let Strict(value) = map.next_value()?;
            champs.insert(nom, value);
        }
        Ok(Value::Object(champs))
    }
}

/// The field that an object gives twice, and where.
fn twice(error: &serde_json::Error) -> String {
    let said = error.to_string();
    // The parser writes the place after what the reader said.
    let nom = said.rsplit_once(" at line ").map_or(said.as_str(), |(nom, _)| nom).to_owned();
    format!(
        "{} est donné deux fois dans le même objet (ligne {}) : n’en gardez qu’un.",
        cites([&nom]),
        error.line()
    )
}

/// At most ten names, quoted, each cut short: a file may hold anything.
fn cites<'a>(noms: impl IntoIterator<Item = &'a String>) -> String {
    let mut noms = noms.into_iter();
    let mut cites: Vec<String> =
        noms.by_ref().take(10).map(|n| format!("« {} »", n.chars().take(40).collect::<String>())).collect();
    let autres = noms.count();
    if autres > 0 {
        cites.push(format!("et {autres} autres"));
    }
    cites.join(", ")
}

/// One line of a list.
#[derive(Debug)]
pub struct Ligne {
    champs: Map<String, Value>,
    ou: String,
    /// Its identifier.
    pub id: Id,
}

impl Ligne {
    /// Its position, from `lat` and `lon` in decimal degrees.
    ///
    /// # Errors
    /// When one is missing, no number, or out of bounds.
    pub fn position(&self) -> Result<Position, Refus> {
        let latitude = self.degres("lat", 90.0)?;
        let longitude = self.degres("lon", 180.0)?;
        Ok(Position { latitude, longitude })
    }

    fn degres(&self, nom: &str, bord: f64) -> Result<f64, Refus> {
        self.champs.get(nom).and_then(Value::as_f64).filter(|v| (-bord..=bord).contains(v)).ok_or_else(|| {
            Refus(format!("{} : « {nom} » doit être un nombre de degrés, entre −{bord} et {bord}.", self.ou))
        })
    }

    /// A finite number, zero or more; `None` when it is null or missing.
    ///
    /// # Errors
    /// When it is something else.
    pub fn nombre(&self, nom: &str) -> Result<Option<f64>, Refus> {
        nombre(&self.champs, nom)
            .map_err(|()| Refus(format!("{} : « {nom} » doit être un nombre, zéro ou plus.", self.ou)))
    }

    /// A whole number, zero or more; `None` when it is null or missing.
    ///
    /// # Errors
    /// When it is something else.
    pub fn entier(&self, nom: &str) -> Result<Option<u64>, Refus> {
        entier(&self.champs, nom)
            .map_err(|()| Refus(format!("{} : « {nom} » doit être un nombre entier, zéro ou plus.", self.ou)))
    }

    /// A day; `None` when it is null or missing.
    ///
    /// # Errors
    /// When it is something else than a day written `AAAA-MM-JJ`.
    pub fn jour(&self, nom: &str) -> Result<Option<NaiveDate>, Refus> {
        match self.champs.get(nom) {
            None | Some(Value::Null) => Ok(None),
            Some(valeur) => valeur.as_str().and_then(|t| t.parse().ok()).map(Some).ok_or_else(|| {
                Refus(format!("{} : « {nom} » doit être un jour écrit AAAA-MM-JJ, ou null.", self.ou))
            }),
        }
    }

    /// An identifier of something else, such as a département.
    ///
    /// # Errors
    /// When it is missing, null, or neither a text nor a whole number.
    pub fn reference(&self, nom: &str) -> Result<Id, Refus> {
        identifiant(self.champs.get(nom))
            .ok_or_else(|| Refus(format!("{} : « {nom} » doit être donné, comme texte.", self.ou)))
    }

    /// Identifiers of other things.
    ///
    /// # Errors
    /// When it is no list of texts or whole numbers.
    pub fn references(&self, nom: &str) -> Result<Vec<Id>, Refus> {
        let lus = self.champs.get(nom).and_then(Value::as_array).and_then(|valeurs| {
            valeurs.iter().map(|valeur| identifiant(Some(valeur))).collect::<Option<Vec<Id>>>()
        });
        lus.ok_or_else(|| Refus(format!("{} : « {nom} » doit être une liste de textes.", self.ou)))
    }

    /// That a field is required and was not given.
    pub fn manque(&self, nom: &str) -> Refus {
        Refus(format!("{} : « {nom} » doit être donné.", self.ou))
    }
}

fn identifiant(valeur: Option<&Value>) -> Option<Id> {
    match valeur? {
        Value::String(texte) if !texte.trim().is_empty() => Some(Id::Texte(texte.clone())),
        Value::Number(nombre) => nombre.as_i64().map(Id::Nombre),
        _ => None,
    }
}

fn nombre(champs: &Map<String, Value>, nom: &str) -> Result<Option<f64>, ()> {
    match champs.get(nom) {
        None | Some(Value::Null) => Ok(None),
        Some(valeur) => valeur.as_f64().filter(|v| v.is_finite() && *v >= 0.0).map(Some).ok_or(()),
    }
}

fn entier(champs: &Map<String, Value>, nom: &str) -> Result<Option<u64>, ()> {
    // 3.0 is the whole number 3 of tools that know only one kind of numbers.
    let whole = |v: f64| (v >= 0.0 && v.fract() == 0.0 && v < 9e15).then_some(v as u64);
    match champs.get(nom) {
        None | Some(Value::Null) => Ok(None),
        Some(valeur) => valeur.as_u64().or_else(|| valeur.as_f64().and_then(whole)).map(Some).ok_or(()),
    }
}
