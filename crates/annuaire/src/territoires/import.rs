//! Reads the files of an operator: centres of communes, lists of zonages. Every line is accounted for.

use std::collections::BTreeMap;
use std::io::{Read, Seek};
use std::ops::ControlFlow;

use kernel::text::fold;
use kernel::{CodeCommune, Position};
use platform::tableur::Tableur;

use super::ensemble::Territoires;
use super::zonage::GenreZonage;
use crate::lieux::lecture::{self, Enregistrement, Entete, Evenement, RefusFichier};
use crate::lieux::rapport::Niveau;
use crate::lieux::reparations::{Notes, position};

/// Most remarks that a report keeps in full; all are counted.
const REMARQUES_MAX: usize = 10_000;

/// What was done with a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Suite {
    /// Taken after a repair.
    Repare,
    /// Not taken.
    Refuse,
}

/// A line that was not simply taken.
#[derive(Clone, PartialEq, Debug, serde::Serialize)]
pub struct Remarque {
    /// Line of the file.
    pub ligne: u64,
    /// What was done.
    pub suite: Suite,
    /// The cell, shortened.
    pub valeur: String,
    /// Why, in French.
    pub raison: String,
}

/// The account of an import.
#[derive(Clone, PartialEq, Debug, Default, serde::Serialize)]
pub struct BilanImport {
    /// Lines read.
    pub lues: u64,
    /// Communes, or periods of a calendar, taken.
    pub retenues: u64,
    /// Lines that say that a commune is not in the zonage.
    pub hors_zonage: u64,
    /// Lines taken after a repair.
    pub reparees: u64,
    /// Lines not taken.
    pub refusees: u64,
    /// The lines repaired or refused, ten thousand at most.
    pub remarques: Vec<Remarque>,
}

impl BilanImport {
    pub(crate) fn note(&mut self, ligne: u64, suite: Suite, valeur: &str, raison: impl Into<String>) {
        match suite {
            Suite::Repare => self.reparees += 1,
            Suite::Refuse => self.refusees += 1,
        }
        if self.remarques.len() < REMARQUES_MAX {
            let valeur = valeur.chars().take(80).collect();
            self.remarques.push(Remarque { ligne, suite, valeur, raison: raison.into() });
        }
    }

    /// The remarks as CSV, for people to correct their file.
    pub fn csv(&self) -> String {
        let mut writer = Tableur::new(Vec::new());
        let header = writer.ligne(["ligne", "suite", "valeur", "raison"]);
        let mut done = header.is_ok();
        for r in &self.remarques {
            let suite = if r.suite == Suite::Repare { "reparee" } else { "refusee" };
            done &= writer.ligne([&r.ligne.to_string(), suite, &r.valeur, &r.raison]).is_ok();
        }
        // Writing to memory does not fail; an empty text is still better than a panic.
        if !done {
            return String::new();
        }
        writer.termine().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

/// Why nothing of a file was taken.
#[derive(Debug, thiserror::Error)]
pub enum RefusImport {
    /// The file cannot be read.
    #[error(transparent)]
    Fichier(#[from] RefusFichier),
    /// A column that is needed is not there.
    #[error("Il manque la colonne {0}. Colonnes lues : {1}.")]
    Colonne(&'static str, String),
    /// Not one line could be taken.
    #[error("Aucune ligne de ce fichier ne peut être reprise. Première raison : {0}")]
    Rien(String),
}

/// Finds a column by its folded name.
pub(crate) fn colonne(entete: &Entete, noms: &[&str]) -> Option<String> {
    noms.iter().find_map(|nom| entete.noms().iter().find(|c| fold(c) == *nom).cloned())
}

pub(crate) fn liste_colonnes(entete: &Entete) -> String {
    entete.noms().iter().take(20).map(|n| format!("« {n} »")).collect::<Vec<_>>().join(", ")
}

const CODES: [&str; 14] = [
    "code insee",
    "insee",
    "codgeo",
    "code commune",
    "code commune insee",
    "insee commune",
    "com",
    "depcom",
    "codecommune",
    "code insee commune",
    "commune insee",
    "insee com",
    "codeinsee",
    "code",
];
const LATITUDES: [&str; 7] =
    ["latitude", "lat", "y", "y chf lieu", "latitude mairie", "latitude centre", "chef lieu y"];
const LONGITUDES: [&str; 8] =
    ["longitude", "lon", "lng", "x", "x chf lieu", "longitude mairie", "longitude centre", "chef lieu x"];

/// The code of a line as a commune of today. INSEE codes lose their leading zero in spreadsheets: it is put back, and
/// said.
fn commune(
    t: &Territoires,
    ligne: u64,
    cellule: &str,
    bilan: &mut BilanImport,
) -> Option<(CodeCommune, bool)> {
    let cellule = cellule.trim();
    let padded = if cellule.len() == 4 { format!("0{cellule}") } else { cellule.to_owned() };
    let Some(code) = CodeCommune::parse(&padded) else {
        bilan.note(ligne, Suite::Refuse, cellule, "Ce n’est pas un code INSEE de commune.");
        return None;
    };
    let Some(rang) = t.rang_actuel(&code) else {
        bilan.note(ligne, Suite::Refuse, cellule, "Aucune commune ne porte ce code INSEE.");
        return None;
    };
    let actuelle = &t.communes()[rang];
    let ancienne = actuelle.code != code;
    if ancienne {
        let raison = format!("Code rattaché à la commune actuelle : {} ({}).", actuelle.nom, actuelle.code);
        bilan.note(ligne, Suite::Repare, cellule, raison);
    } else if padded != cellule {
        bilan.note(ligne, Suite::Repare, cellule, format!("Zéro de tête remis : {padded}."));
    }
    Some((actuelle.code.clone(), ancienne))
}

/// Reads a file of centres: code INSEE and coordinates (degrees, or Lambert-93 metres).
///
/// # Errors
/// When nothing of the file can be taken.
pub(super) fn lire_centres<R: Read + Seek>(
    t: &Territoires,
    source: R,
) -> Result<(Vec<(CodeCommune, Position)>, BilanImport), RefusImport> {
    let mut bilan = BilanImport::default();
    let mut centres: BTreeMap<CodeCommune, Position> = BTreeMap::new();
    parcourt(
        source,
        |entete| {
            let needed = [
                ("du code INSEE (par exemple « code_insee »)", &CODES[..]),
                ("de la latitude (par exemple « latitude »)", &LATITUDES[..]),
                ("de la longitude (par exemple « longitude »)", &LONGITUDES[..]),
            ];
            needed
                .into_iter()
                .map(|(quoi, noms)| {
                    colonne(entete, noms).ok_or_else(|| RefusImport::Colonne(quoi, liste_colonnes(entete)))
                })
                .collect()
        },
        |ligne, colonnes: &Vec<String>, bilan| {
            let cell = |i: usize| colonnes.get(i).map_or("", |c| ligne.texte(c));
            let Some((code, ancienne)) = commune(t, ligne.ligne, cell(0), bilan) else { return };
            let mut notes = Notes::default();
            let Some(position) = position(cell(1), cell(2), &mut notes) else {
                let valeur = format!("{} {}", cell(1), cell(2));
                bilan.note(ligne.ligne, Suite::Refuse, valeur.trim(), "La position ne se lit pas.");
                return;
            };
            if let Some(km) = trop_loin(t, &code, position) {
                let raison = format!(
                    "Cette position est à {km:.0} km de là où se trouve la commune : latitude et longitude sont peut-être inversées."
                );
                bilan.note(ligne.ligne, Suite::Refuse, cell(0), raison);
                return;
            }
            // The centre of a former commune is not that of the present one.
            if !ancienne || !centres.contains_key(&code) {
                centres.insert(code, position);
            }
        },
        &mut bilan,
    )?;
    finish(&mut bilan, centres.len())?;
    Ok((centres.into_iter().collect(), bilan))
}

/// Kilometres between a delivered centre and the known position, when no margin explains it.
fn trop_loin(t: &Territoires, code: &CodeCommune, position: Position) -> Option<f64> {
    let known = t.commune(code)?.position?;
    let km = known.position.distance_m(position) / 1000.0;
    let margin = match code.as_str().get(..3) {
        // Communes of Guyane are as large as départements; those of Polynesia gather atolls.
        Some("973" | "987" | "988" | "984") => 300.0,
        _ => 60.0,
    };
    (km > margin).then_some(km)
}

/// A commune of a list, with its class, quarters or score.
pub(super) type LigneZonage = (CodeCommune, Option<String>);

/// Reads a list of zonage: code INSEE, and if any a column that says the class, the name of the quarter or the score.
///
/// # Errors
/// When nothing of the file can be taken.
pub(super) fn lire_zonage<R: Read + Seek>(
    t: &Territoires,
    genre: GenreZonage,
    source: R,
) -> Result<(Vec<LigneZonage>, BilanImport), RefusImport> {
    let mut bilan = BilanImport::default();
    let mut zones: BTreeMap<CodeCommune, Vec<String>> = BTreeMap::new();
    parcourt(
        source,
        |entete| {
            let code = colonne(entete, &CODES).ok_or_else(|| {
                RefusImport::Colonne("du code INSEE (par exemple « code_insee »)", liste_colonnes(entete))
            })?;
            let score = if genre == GenreZonage::Ifn {
                Some(score(entete).ok_or_else(|| {
                    RefusImport::Colonne("du score (par exemple « ifn »)", liste_colonnes(entete))
                })?)
            } else {
                None
            };
            Ok(ColonnesZonage { code, score, classe: classe(entete, genre), nom: nom(entete, genre) })
        },
        |ligne, colonnes: &ColonnesZonage, bilan| {
            let cell = |c: &Option<String>| c.as_ref().map_or("", |c| ligne.texte(c).trim());
            let classe = cell(&colonnes.classe);
            if colonnes.classe.is_some() && hors_zonage(classe) {
                bilan.hors_zonage += 1;
                return;
            }
            let Some((code, _)) = commune(t, ligne.ligne, ligne.texte(&colonnes.code), bilan) else { return };
            let valeur = match &colonnes.score {
                Some(_) => {
                    let cellule = cell(&colonnes.score);
                    match cellule.replace(',', ".").parse::<f64>() {
                        Ok(n) if (0.0..=10.0).contains(&n) => format!("{n}"),
                        _ => {
                            bilan.note(
                                ligne.ligne,
                                Suite::Refuse,
                                cellule,
                                "Le score doit être un nombre de 0 à 10.",
                            );
                            return;
                        }
                    }
                }
                None => [cell(&colonnes.nom), classe]
                    .into_iter()
                    .find(|v| !v.is_empty() && !est_oui(v))
                    .unwrap_or_default()
                    .chars()
                    .take(120)
                    .collect(),
            };
            let valeurs = zones.entry(code).or_default();
            if !valeur.is_empty() && !valeurs.contains(&valeur) && valeurs.len() < 20 {
                valeurs.push(valeur);
            }
        },
        &mut bilan,
    )?;
    finish(&mut bilan, zones.len())?;
    let lignes = zones.into_iter().map(|(code, valeurs)| {
        let valeur = (!valeurs.is_empty()).then(|| valeurs.join(" ; "));
        (code, valeur)
    });
    Ok((lignes.collect(), bilan))
}

struct ColonnesZonage {
    code: String,
    score: Option<String>,
    classe: Option<String>,
    nom: Option<String>,
}

fn score(entete: &Entete) -> Option<String> {
    colonne(
        entete,
        &["ifn", "score", "indice", "valeur", "indice de fragilite numerique", "score ifn", "note"],
    )
}

/// The column that says whether the commune is in: official lists often name every commune of France.
fn classe(entete: &Entete, genre: GenreZonage) -> Option<String> {
    let cle = genre.cle().to_lowercase();
    let named = entete.noms().iter().find(|c| {
        let plie = fold(c);
        plie == cle || plie.starts_with(&format!("{cle} ")) && !plie.contains("nom") && !plie.contains("lib")
    });
    named.cloned().or_else(|| colonne(entete, &["classement", "classe", "zonage", "zone", "statut"]))
}

fn nom(entete: &Entete, genre: GenreZonage) -> Option<String> {
    let noms: &[&str] = match genre {
        GenreZonage::Qpv => {
            &["nom qp", "lib qp", "nom qpv", "lib qpv", "nom quartier", "quartier", "code qp", "code qpv"]
        }
        _ => &["valeur", "precision", "programme"],
    };
    colonne(entete, noms)
}

/// « NC - Commune non classée », « non », « 0 », or nothing.
fn hors_zonage(classe: &str) -> bool {
    let plie = fold(classe);
    let premier = plie.split(' ').next().unwrap_or_default();
    matches!(premier, "" | "nc" | "non" | "0" | "n" | "false" | "faux" | "hors")
}

fn est_oui(classe: &str) -> bool {
    matches!(fold(classe).as_str(), "1" | "oui" | "o" | "true" | "vrai" | "x" | "c")
}

/// Walks the records of a file; the columns are looked for in the header, or in the first record of a JSON file.
pub(crate) fn parcourt<R: Read + Seek, C>(
    source: R,
    colonnes: impl Fn(&Entete) -> Result<C, RefusImport>,
    mut each: impl FnMut(&Enregistrement, &C, &mut BilanImport),
    bilan: &mut BilanImport,
) -> Result<(), RefusImport> {
    let mut found: Option<Result<C, RefusImport>> = None;
    lecture::lire(source, &lecture::Consignes::default(), &mut |evenement| {
        match evenement {
            Evenement::Entete(entete) => found = Some(colonnes(&entete)),
            Evenement::Enregistrement(ligne) => {
                bilan.lues += 1;
                match found.get_or_insert_with(|| colonnes(&ligne.entete)) {
                    Ok(c) => each(&ligne, c, bilan),
                    Err(_) => return ControlFlow::Break(()),
                }
            }
            Evenement::Anomalie { ligne, valeur, regle } => {
                if regle.niveau == Niveau::Refus {
                    bilan.note(ligne, Suite::Refuse, &valeur, regle.message);
                }
            }
        }
        if matches!(found, Some(Err(_))) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    match found {
        Some(Err(refus)) => Err(refus),
        _ => Ok(()),
    }
}

pub(crate) fn finish(bilan: &mut BilanImport, retenues: usize) -> Result<(), RefusImport> {
    bilan.retenues = u64::try_from(retenues).unwrap_or(u64::MAX);
    if retenues > 0 {
        return Ok(());
    }
    let first = bilan.remarques.first().map_or("le fichier n’a aucune ligne.".to_owned(), |r| {
        format!("ligne {}, « {} » : {}", r.ligne, r.valeur, r.raison)
    });
    Err(RefusImport::Rien(first))
}
