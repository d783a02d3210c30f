//! JSON: a list of objects, an object that holds one (GeoJSON, answers of APIs), or one object a
//! line. Elements are read one at a time; nested values get names with dots, `adresse.ville`.

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufRead, Read};
use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::Arc;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::{
    CHAMPS_MAX, ENORME, ENREGISTREMENT_MAX, Enregistrement, Entete, Evenement, MAL_FORMEE, RefusFichier,
    Suite, extrait,
};

pub(super) enum Sorte {
    /// One JSON value: list, or object that holds one.
    Valeur,
    /// One object a line.
    Lignes,
}

/// Whether the text is JSON, from its beginning.
pub(super) fn ressemble(texte: &mut impl BufRead) -> io::Result<Option<Sorte>> {
    // Blanks before the value may be many, but then the file is no file of lieux.
    let tampon = texte.fill_buf()?;
    let debut = tampon.iter().position(|o| !o.is_ascii_whitespace()).unwrap_or(tampon.len());
    let tampon = &tampon[debut..];
    match tampon.first() {
        Some(b'[') => Ok(Some(Sorte::Valeur)),
        Some(b'{') => {
            let mut lignes = tampon.split(|o| *o == b'\n').map(<[u8]>::trim_ascii).filter(|l| !l.is_empty());
            let premiere = lignes.next().unwrap_or_default();
            let seule = serde_json::from_slice::<IgnoredAny>(premiere).is_ok();
            let autre = lignes.next().is_some_and(|l| l.starts_with(b"{"));
            Ok(Some(if seule && autre { Sorte::Lignes } else { Sorte::Valeur }))
        }
        _ => Ok(None),
    }
}

/// Reads one object a line; a line that is no object is told, and the next one is read.
pub(super) fn lire_lignes(mut texte: impl BufRead, suite: Suite<'_>) -> Result<(), RefusFichier> {
    let mut noms = Noms::default();
    let mut ligne = 0;
    let mut octets = Vec::new();
    loop {
        octets.clear();
        ligne += 1;
        let limite = u64::try_from(ENREGISTREMENT_MAX).unwrap_or(u64::MAX);
        if (&mut texte).take(limite).read_until(b'\n', &mut octets)? == 0 {
            return Ok(());
        }
        let entiere = octets.ends_with(b"\n");
        if !entiere && octets.len() >= ENREGISTREMENT_MAX {
            passe_la_ligne(&mut texte)?;
            let valeur = extrait(&String::from_utf8_lossy(&octets[..400]));
            if suite(Evenement::Anomalie { ligne, regle: ENORME, valeur }).is_break() {
                return Ok(());
            }
            continue;
        }
        if octets.trim_ascii().is_empty() {
            continue;
        }
        let evenement = match serde_json::from_slice::<Value>(&octets) {
            Ok(Value::Object(objet)) => noms.evenement(ligne, objet),
            Err(e) if e.is_eof() && !entiere => return Err(RefusFichier::Coupe(ligne)),
            _ => Evenement::Anomalie {
                ligne,
                regle: MAL_FORMEE,
                valeur: extrait(&String::from_utf8_lossy(&octets)),
            },
        };
        if suite(evenement).is_break() {
            return Ok(());
        }
    }
}

fn passe_la_ligne(texte: &mut impl BufRead) -> io::Result<()> {
    loop {
        let tampon = texte.fill_buf()?;
        if tampon.is_empty() {
            return Ok(());
        }
        match tampon.iter().position(|o| *o == b'\n') {
            Some(i) => {
                texte.consume(i + 1);
                return Ok(());
            }
            None => {
                let n = tampon.len();
                texte.consume(n);
            }
        }
    }
}

/// Reads one JSON value element by element.
pub(super) fn lire_valeur(
    texte: impl Read,
    liste: Option<&str>,
    suite: Suite<'_>,
) -> Result<(), RefusFichier> {
    let reste = Rc::new(Cell::new(ENREGISTREMENT_MAX));
    let borne = Borne { texte, reste: reste.clone() };
    let mut lecteur = serde_json::Deserializer::from_reader(borne);
    let mut marche = Marche { suite, noms: Noms::default(), reste, rang: 0, listes: 0, arret: false };
    let chemin: Option<Vec<&str>> = liste.map(|l| l.split('.').filter(|s| !s.is_empty()).collect());
    let valeurs = Valeurs { marche: &mut marche, profondeur: 0, chemin: chemin.as_deref() };
    let fin = valeurs.deserialize(&mut lecteur);
    let (rang, listes, arret) = (marche.rang, marche.listes, marche.arret);
    match fin.and_then(|()| lecteur.end()) {
        _ if arret => Ok(()),
        Ok(()) if listes == 0 => Err(match liste {
            Some(liste) => RefusFichier::ListeAbsente(extrait(liste)),
            None => RefusFichier::SansListe,
        }),
        Ok(()) => Ok(()),
        Err(e) if e.is_io() => {
            let e = io::Error::from(e);
            Err(if e.kind() == io::ErrorKind::FileTooLarge {
                RefusFichier::ElementEnorme(rang + 1)
            } else {
                RefusFichier::Lecture(e)
            })
        }
        Err(e) if e.is_eof() => Err(RefusFichier::Coupe(e.line() as u64)),
        Err(e) => Err(RefusFichier::Json { ligne: e.line(), colonne: e.column() }),
    }
}

/// Stops reading when one element grows beyond its bound.
struct Borne<R> {
    texte: R,
    reste: Rc<Cell<usize>>,
}

impl<R: Read> Read for Borne<R> {
    fn read(&mut self, sortie: &mut [u8]) -> io::Result<usize> {
        let reste = self.reste.get();
        if reste == 0 {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        let n = sortie.len().min(reste);
        let n = self.texte.read(&mut sortie[..n])?;
        self.reste.set(reste - n);
        Ok(n)
    }
}

/// A key of an object.
struct Cle(String);

impl<'de> serde::Deserialize<'de> for Cle {
    fn deserialize<D: Deserializer<'de>>(lecteur: D) -> Result<Self, D::Error> {
        <String as serde::Deserialize>::deserialize(lecteur).map(Cle)
    }
}

struct Marche<'s> {
    suite: Suite<'s>,
    noms: Noms,
    reste: Rc<Cell<usize>>,
    rang: u64,
    listes: u32,
    arret: bool,
}

impl Marche<'_> {
    fn rend(&mut self, evenement: Evenement) -> ControlFlow<()> {
        let suite = (self.suite)(evenement);
        self.arret |= suite.is_break();
        suite
    }
}

/// A value that is the list, or an object that holds it somewhere.
struct Valeurs<'m, 's, 'c> {
    marche: &'m mut Marche<'s>,
    profondeur: u8,
    /// What is left of the path of the list, when the mapping gives one.
    chemin: Option<&'c [&'c str]>,
}

/// How deep the list may be: `{"data": {"results": [...]}}`.
const PROFONDEUR: u8 = 4;

impl<'de> DeserializeSeed<'de> for Valeurs<'_, '_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, lecteur: D) -> Result<(), D::Error> {
        lecteur.deserialize_any(self)
    }
}

/// The name under which the key of a record stands, in an object whose values are the records.
const CLE: &str = "_cle";

impl Valeurs<'_, '_, '_> {
    /// One value of an object whose values are the records.
    fn enregistrement<E: serde::de::Error>(&mut self, cle: String, valeur: Value) -> Result<(), E> {
        self.marche.rang += 1;
        let ligne = self.marche.rang;
        let evenement = match valeur {
            Value::Object(mut objet) => {
                self.marche.listes = 1;
                objet.insert(CLE.to_owned(), Value::String(cle));
                self.marche.noms.evenement(ligne, objet)
            }
            autre => Evenement::Anomalie { ligne, regle: MAL_FORMEE, valeur: extrait(&autre.to_string()) },
        };
        if self.marche.rend(evenement).is_break() {
            return Err(E::custom("arrêt demandé"));
        }
        Ok(())
    }
}

impl<'de> Visitor<'de> for Valeurs<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("une liste d’objets")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        if let Some(["*", reste @ ..]) = self.chemin
            && !reste.is_empty()
        {
            loop {
                self.marche.reste.set(ENREGISTREMENT_MAX);
                let suite = Valeurs {
                    marche: &mut *self.marche,
                    profondeur: self.profondeur + 1,
                    chemin: Some(reste),
                };
                if elements.next_element_seed(suite)?.is_none() {
                    return Ok(());
                }
            }
        }
        let ici = self.chemin.is_some_and(|c| matches!(c, [] | ["*"]));
        if self.chemin.map_or(self.marche.listes > 0, |_| !ici) {
            // The first list of objects is the one; the others are passed over.
            while elements.next_element::<IgnoredAny>()?.is_some() {
                self.marche.reste.set(ENREGISTREMENT_MAX);
            }
            return Ok(());
        }
        let mut objets = 0_u64;
        loop {
            self.marche.reste.set(ENREGISTREMENT_MAX);
            let Some(element) = elements.next_element::<Value>()? else { break };
            self.marche.rang += 1;
            let ligne = self.marche.rang;
            let evenement = match element {
                Value::Object(objet) => {
                    objets += 1;
                    self.marche.listes = 1;
                    self.marche.noms.evenement(ligne, objet)
                }
                // A list of numbers or words beside the one we look for.
                _ if objets == 0 && self.profondeur > 0 && self.chemin.is_none() => continue,
                autre => {
                    Evenement::Anomalie { ligne, regle: MAL_FORMEE, valeur: extrait(&autre.to_string()) }
                }
            };
            if self.marche.rend(evenement).is_break() {
                return Err(serde::de::Error::custom("arrêt demandé"));
            }
        }
        if objets == 0 {
            self.marche.rang = 0;
        }
        // An empty list at the top is a list without lieux.
        if objets > 0 || self.profondeur == 0 || self.chemin.is_some() {
            self.marche.listes = 1;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut objet: A) -> Result<(), A::Error> {
        loop {
            self.marche.reste.set(ENREGISTREMENT_MAX);
            let Some(cle) = objet.next_key::<Cle>()? else { return Ok(()) };
            let chemin = match self.chemin {
                Some(["*"]) => {
                    self.enregistrement(cle.0, objet.next_value()?)?;
                    continue;
                }
                Some(["*", reste @ ..]) => Some(reste),
                Some([premier, reste @ ..]) if *premier == cle.0 => Some(reste),
                Some(_) => {
                    objet.next_value::<IgnoredAny>()?;
                    continue;
                }
                None => None,
            };
            // A path is as deep as it says.
            if chemin.is_some() || self.profondeur < PROFONDEUR {
                objet.next_value_seed(Valeurs {
                    marche: &mut *self.marche,
                    profondeur: self.profondeur + 1,
                    chemin,
                })?;
            } else {
                objet.next_value::<IgnoredAny>()?;
            }
        }
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// Names of the last record: most records of a file have the same, and share them.
#[derive(Default)]
struct Noms {
    derniers: Option<Arc<Entete>>,
}

impl Noms {
    fn evenement(&mut self, ligne: u64, objet: serde_json::Map<String, Value>) -> Evenement {
        let (mut noms, mut valeurs) = (Vec::new(), Vec::new());
        for (nom, valeur) in objet {
            aplatit(nom, valeur, 0, &mut noms, &mut valeurs);
        }
        if noms.len() > CHAMPS_MAX {
            return Evenement::Anomalie { ligne, regle: ENORME, valeur: format!("{} champs", noms.len()) };
        }
        let entete = match &self.derniers {
            Some(e) if e.noms() == noms => e.clone(),
            _ => {
                let e = Arc::new(Entete::new(noms));
                self.derniers = Some(e.clone());
                e
            }
        };
        Evenement::Enregistrement(Enregistrement::new(ligne, entete, valeurs))
    }
}

/// The middle of a shape of GeoJSON that is not a point: a building drawn by its outline stands there.
fn milieu(geometrie: &serde_json::Map<String, Value>) -> Option<Value> {
    let formes = ["Polygon", "MultiPolygon", "LineString", "MultiLineString", "MultiPoint"];
    geometrie.get("type").and_then(Value::as_str).filter(|t| formes.contains(t))?;
    let mut bornes: Option<[f64; 4]> = None;
    let mut reste = vec![geometrie.get("coordinates")?];
    while let Some(liste) = reste.pop().and_then(Value::as_array) {
        match (liste.first().and_then(Value::as_f64), liste.get(1).and_then(Value::as_f64)) {
            (Some(x), Some(y)) => {
                let [a, b, c, d] = bornes.unwrap_or([x, y, x, y]);
                bornes = Some([a.min(x), b.min(y), c.max(x), d.max(y)]);
            }
            _ => reste.extend(liste),
        }
    }
    let [a, b, c, d] = bornes?;
    // Seven decimals are a centimetre.
    let net = |v: f64| (v * 1e7).round() / 1e7;
    Some(serde_json::json!([net((a + c) / 2.0), net((b + d) / 2.0)]))
}

/// Deepest nesting that gets a name of its own; what is deeper stays JSON text.
const APLATI: u8 = 8;

fn aplatit(nom: String, valeur: Value, profondeur: u8, noms: &mut Vec<String>, valeurs: &mut Vec<String>) {
    if noms.len() > CHAMPS_MAX {
        return;
    }
    let texte = match valeur {
        Value::Null => String::new(),
        Value::Bool(b) => b.to_string(),
        Value::Number(n) => n.to_string(),
        Value::String(t) => t,
        Value::Object(mut objet) if profondeur < APLATI => {
            if let Some(point) = milieu(&objet) {
                objet.insert("coordinates".to_owned(), point);
            }
            for (cle, v) in objet {
                aplatit(format!("{nom}.{cle}"), v, profondeur + 1, noms, valeurs);
            }
            return;
        }
        Value::Array(liste) if liste.iter().all(|v| !v.is_object() && !v.is_array()) => {
            let mots: Vec<String> = liste
                .into_iter()
                .filter_map(|v| match v {
                    Value::Null => None,
                    Value::String(t) => Some(t),
                    autre => Some(autre.to_string()),
                })
                .collect();
            mots.join("|")
        }
        Value::Array(liste) if profondeur < APLATI => {
            for (i, v) in liste.into_iter().enumerate() {
                aplatit(format!("{nom}.{i}"), v, profondeur + 1, noms, valeurs);
            }
            return;
        }
        autre => autre.to_string(),
    };
    noms.push(nom);
    valeurs.push(texte);
}
