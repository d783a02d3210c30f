//! How much two structures look like one and the same: points by criterion, each with its reason, for a person who
//! decides. Pure; the weights and the thresholds are the table at the top.

use std::collections::BTreeSet;

use kernel::text::fold;

use super::model::Structure;

/// Why two structures look alike, or differ.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Critere {
    /// The same SIRET, RNA or RIDET.
    MemeNumero,
    /// Establishments of one organisation in one commune.
    MemeSirenEtCommune,
    /// The same name, but for accents and empty words, in one commune.
    MemeNomEtCommune,
    /// Nearly the same name in one commune.
    NomProcheEtCommune,
    /// A telephone number in common.
    MemeTelephone,
    /// An e-mail domain of their own in common, and names alike.
    MemeDomaine,
    /// The same street and number in one commune.
    MemeAdresse,
    /// Two organisations for Sirene.
    SirenDifferents,
}

/// Points of each criterion. A sum of [`PROBABLE`] or more is a likely duplicate, of [`POSSIBLE`] or more is worth a
/// look, less is not shown.
pub const BAREME: &[(Critere, i32, &str)] = &[
    (Critere::MemeNumero, 100, "Même numéro"),
    (Critere::MemeSirenEtCommune, 50, "Même organisme dans la même commune"),
    (Critere::MemeNomEtCommune, 60, "Même nom dans la même commune"),
    (Critere::NomProcheEtCommune, 40, "Noms proches dans la même commune"),
    (Critere::MemeTelephone, 30, "Même téléphone"),
    (Critere::MemeDomaine, 30, "Même domaine de messagerie et noms proches"),
    (Critere::MemeAdresse, 20, "Même adresse"),
    (Critere::SirenDifferents, -40, "Numéros d’organisme différents"),
];

/// From here on: very likely one structure.
pub const PROBABLE: i32 = 80;
/// From here on: worth a look.
pub const POSSIBLE: i32 = 50;
/// Likeness of two names, from 0 to 1, from which they are near.
const NOM_PROCHE: f64 = 0.75;
/// Words that say nothing of a name.
const MOTS_VIDES: &[&str] = &["de", "du", "des", "la", "le", "les", "l", "d", "et", "en", "a", "au", "aux"];
/// Words that stand for one another in the names of organisations.
const SYNONYMES: &[(&str, &str)] = &[
    ("mairie", "commune"),
    ("ville", "commune"),
    ("municipalite", "commune"),
    ("asso", "association"),
    ("st", "saint"),
    ("ste", "sainte"),
    ("cc", "communaute communes"),
    ("ccas", "centre communal action sociale"),
    ("cias", "centre intercommunal action sociale"),
    ("mjc", "maison jeunes culture"),
];
/// Domains that anybody may have an address at: they tell nothing.
const DOMAINES_PUBLICS: &[&str] = &[
    "aol.com",
    "bbox.fr",
    "free.fr",
    "gmail.com",
    "gmx.com",
    "gmx.fr",
    "hotmail.com",
    "hotmail.fr",
    "icloud.com",
    "laposte.net",
    "live.fr",
    "msn.com",
    "neuf.fr",
    "numericable.fr",
    "orange.fr",
    "outlook.com",
    "outlook.fr",
    "proton.me",
    "protonmail.com",
    "sfr.fr",
    "wanadoo.fr",
    "yahoo.com",
    "yahoo.fr",
];

/// One line of the score.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ligne {
    /// Which criterion.
    pub critere: Critere,
    /// Its points, below zero when it speaks against.
    pub points: i32,
    /// What was seen, in words.
    pub pourquoi: String,
}

impl Ligne {
    /// The criterion in words.
    pub fn libelle(&self) -> &'static str {
        BAREME.iter().find(|b| b.0 == self.critere).map_or("", |b| b.2)
    }
}

/// The score of a pair, explained.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Comparaison {
    /// What speaks for and against.
    pub lignes: Vec<Ligne>,
}

impl Comparaison {
    /// The sum of the points.
    pub fn score(&self) -> i32 {
        self.lignes.iter().map(|l| l.points).sum()
    }

    /// Whether it is worth a look.
    pub fn a_voir(&self) -> bool {
        self.score() >= POSSIBLE
    }

    /// The verdict in words.
    pub fn libelle(&self) -> &'static str {
        match self.score() {
            PROBABLE.. => "Doublon probable",
            POSSIBLE.. => "Doublon possible",
            _ => "Peu de points communs",
        }
    }

    fn ajouter(&mut self, critere: Critere, pourquoi: String) {
        let points = BAREME.iter().find(|b| b.0 == critere).map_or(0, |b| b.1);
        self.lignes.push(Ligne { critere, points, pourquoi });
    }
}

/// Compares two structures.
pub fn comparer(a: &Structure, b: &Structure) -> Comparaison {
    let mut c = Comparaison::default();
    let (pa, pb) = (a.fiche.pivot.as_ref(), b.fiche.pivot.as_ref());
    let meme_commune = a.fiche.commune.code == b.fiche.commune.code;
    let commune = &a.fiche.commune.nom;
    if let (Some(pa), Some(pb)) = (pa, pb) {
        match (pa.siren(), pb.siren()) {
            _ if pa == pb => c.ajouter(Critere::MemeNumero, pa.to_string()),
            (Some(sa), Some(sb)) if sa == sb && meme_commune => {
                c.ajouter(Critere::MemeSirenEtCommune, format!("SIREN {sa}, {commune}"));
            }
            (Some(sa), Some(sb)) if sa != sb => {
                c.ajouter(Critere::SirenDifferents, format!("SIREN {sa} et {sb}"));
            }
            _ => {}
        }
    }
    let (mots_a, mots_b) = (mots(&a.fiche.nom), mots(&b.fiche.nom));
    let proche = ressemblance(&mots_a, &mots_b);
    if meme_commune && !mots_a.is_empty() && mots_a == mots_b {
        c.ajouter(Critere::MemeNomEtCommune, format!("« {} », {commune}", a.fiche.nom));
    } else if meme_commune && proche >= NOM_PROCHE {
        c.ajouter(Critere::NomProcheEtCommune, format!("« {} » et « {} »", a.fiche.nom, b.fiche.nom));
    }
    if let Some(t) = telephones(a).intersection(&telephones(b)).next() {
        c.ajouter(Critere::MemeTelephone, t.clone());
    }
    if proche >= NOM_PROCHE
        && let Some(d) = domaines(a).intersection(&domaines(b)).next()
    {
        c.ajouter(Critere::MemeDomaine, d.clone());
    }
    let voie = |s: &Structure| s.fiche.voie.as_deref().map(fold).filter(|v| !v.is_empty());
    if meme_commune
        && let (Some(va), Some(vb)) = (voie(a), voie(b))
        && va == vb
    {
        c.ajouter(Critere::MemeAdresse, a.fiche.adresse());
    }
    c
}

/// The keys under which a structure may meet its duplicates: two structures without a common key are never compared.
pub fn cles(s: &Structure) -> BTreeSet<String> {
    let mut cles = BTreeSet::new();
    let commune = &s.fiche.commune.code;
    if let Some(pivot) = &s.fiche.pivot {
        cles.insert(format!("numero:{pivot}"));
        if let Some(siren) = pivot.siren() {
            cles.insert(format!("siren:{siren}:{commune}"));
        }
    }
    // A name may differ by a letter: any word in common within the commune is enough to be compared.
    cles.extend(
        mots(&s.fiche.nom)
            .iter()
            .filter(|m| m.chars().count() >= 3)
            .take(12)
            .map(|m| format!("nom:{commune}:{m}")),
    );
    cles.extend(telephones(s).iter().map(|t| format!("tel:{t}")));
    cles.extend(domaines(s).iter().map(|d| format!("domaine:{d}")));
    cles
}

/// The words of a name, folded, without empty words, synonyms made one.
fn mots(nom: &str) -> BTreeSet<String> {
    fold(nom)
        .split(' ')
        .filter(|m| !m.is_empty() && !MOTS_VIDES.contains(m))
        .flat_map(|m| SYNONYMES.iter().find(|s| s.0 == m).map_or(m, |s| s.1).split(' '))
        .map(str::to_owned)
        .collect()
}

/// Likeness of two names, 0 to 1: words in common, or letters in common for words that were typed wrong.
fn ressemblance(a: &BTreeSet<String>, b: &BTreeSet<String>) -> f64 {
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    let communs = a.intersection(b).count();
    let mots = 2.0 * as_f64(communs) / as_f64(a.len() + b.len());
    let texte = |m: &BTreeSet<String>| m.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
    mots.max(strsim::normalized_damerau_levenshtein(&texte(a), &texte(b)))
}

fn as_f64(n: usize) -> f64 {
    u32::try_from(n).map_or(f64::MAX, f64::from)
}

fn telephones(s: &Structure) -> BTreeSet<String> {
    s.contacts.iter().filter_map(|c| c.fiche.telephone.as_ref()).map(|t| t.lisible()).collect()
}

fn domaines(s: &Structure) -> BTreeSet<String> {
    s.contacts
        .iter()
        .filter_map(|c| c.fiche.courriel.as_ref())
        .filter_map(|e| e.as_str().rsplit_once('@').map(|(_, d)| d.to_lowercase()))
        .filter(|d| !DOMAINES_PUBLICS.contains(&d.as_str()))
        .collect()
}
