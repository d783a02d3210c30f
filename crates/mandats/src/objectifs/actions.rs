//! Setting targets: one by one, or from a file.

use chrono::{NaiveDate, TimeDelta};
use kernel::actor::Cible;
use kernel::{Actor, CodeDepartement, Refusal, Verb};
use platform::Tx;
use platform::journal::{self, Entry};
use serde_json::json;

use super::model::{NOMBRE_MAX, Objectif, Quoi};
use super::store;
use crate::{Failure, Mandats};

/// Longest file, in bytes.
pub const OCTETS_MAX: usize = 200_000;
/// Most lines of one file.
pub const LIGNES_MAX: usize = 500;

/// Whether the actor may set targets there.
fn tient(m: &Mandats, actor: &Actor, d: &CodeDepartement) -> Result<(), Refusal> {
    actor.may(Verb::InstruireHabilitations)?;
    let non = || Refusal::field("departement", "Choisissez un département de votre territoire.");
    let territoires = m.annuaire.territoires();
    let connu = territoires.departement(d).ok_or_else(non)?;
    let cible = Cible {
        region: Some(connu.region.clone()),
        departement: Some(connu.code.clone()),
        ..Cible::default()
    };
    actor.may_on(Verb::InstruireHabilitations, &cible).map_err(|_| non())
}

/// Whether a target may be: pure.
///
/// # Errors
/// The field that is wrong.
pub fn juste(nombre: u32, echeance: NaiveDate, jour: NaiveDate) -> Result<(), Refusal> {
    if nombre > NOMBRE_MAX {
        return Err(Refusal::field("nombre", "Écrivez un nombre de 100 000 au plus."));
    }
    if echeance < jour || echeance - jour > TimeDelta::days(3_660) {
        return Err(Refusal::field("echeance", "Choisissez un jour à venir, dans dix ans au plus."));
    }
    Ok(())
}

async fn un(m: &Mandats, tx: &Tx, actor: &Actor, o: &Objectif) -> Result<(), Failure> {
    let change = if o.nombre == 0 {
        store::retirer(tx, &o.departement, o.quoi).await?
    } else {
        store::fixer(tx, o).await?;
        true
    };
    if change {
        let faits = json!({ "quoi": o.quoi.cle(), "nombre": o.nombre, "echeance": o.echeance });
        let line = Entry::by(actor, "objectif.fixer", "departement", &o.departement).with(faits);
        journal::write(&m.site, tx, line).await?;
    }
    Ok(())
}

/// Sets a target; 0 takes it away.
///
/// # Errors
/// Refusals of [`juste`]; a département that is not the actor's.
pub async fn fixer(m: &Mandats, actor: &Actor, o: &Objectif) -> Result<(), Failure> {
    tient(m, actor, &o.departement)?;
    if o.nombre > 0 {
        juste(o.nombre, o.echeance, m.jour())?;
    }
    m.site.db.write(async |tx| un(m, tx, actor, o).await).await
}

/// What became of a line of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ligne {
    /// Its number in the file; the head is 1.
    pub numero: usize,
    /// The département as written.
    pub departement: String,
    /// Whether it was taken.
    pub prise: bool,
    /// In a sentence.
    pub phrase: String,
}

/// A line, or why it says nothing: the targets of a département; an empty cell leaves the one that stands.
type Lue = Result<Vec<Objectif>, String>;

const ILLISIBLE: &str = "La première ligne doit nommer les colonnes « departement », « echeance », et « aidants » ou \
                         « organisations ». Vérifiez que le fichier est un tableau CSV.";

fn date(lu: &str) -> Option<NaiveDate> {
    crate::jours::lire_tableau(lu)
}

/// Reads a file: a head that names the columns, in any order; commas or semicolons.
///
/// # Errors
/// A sentence when the head does not name them, or the file is too long.
pub fn lire(octets: &[u8]) -> Result<Vec<(usize, String, Lue)>, String> {
    if octets.len() > OCTETS_MAX {
        return Err("Ce fichier est trop lourd : 200 kilooctets au plus.".to_owned());
    }
    let texte = String::from_utf8_lossy(octets);
    let texte = texte.trim_start_matches('\u{feff}');
    let tete = texte.lines().next().unwrap_or_default();
    let separateur = if tete.matches(';').count() >= tete.matches(',').count().max(1) { b';' } else { b',' };
    let mut lecteur =
        csv::ReaderBuilder::new().delimiter(separateur).flexible(true).from_reader(texte.as_bytes());
    let tete: Vec<String> =
        lecteur.headers().map_err(|_| ILLISIBLE.to_owned())?.iter().map(kernel::text::fold).collect();
    let colonne = |mot: &str| tete.iter().position(|t| t.starts_with(mot));
    let (ou, quand) = (colonne("departement").ok_or(ILLISIBLE)?, colonne("echeance").ok_or(ILLISIBLE)?);
    let quoi: Vec<(Quoi, usize)> =
        Quoi::TOUS.into_iter().filter_map(|q| Some((q, colonne(q.cle())?))).collect();
    if quoi.is_empty() {
        return Err(ILLISIBLE.to_owned());
    }
    let mut out = Vec::new();
    for (n, ligne) in lecteur.records().enumerate() {
        if n >= LIGNES_MAX {
            return Err(format!("Ce fichier a trop de lignes : {LIGNES_MAX} au plus."));
        }
        let Ok(ligne) = ligne else {
            out.push((n + 2, String::new(), Err("Cette ligne ne se lit pas.".to_owned())));
            continue;
        };
        if ligne.iter().all(|c| c.trim().is_empty()) {
            continue;
        }
        let cellule = |c: usize| ligne.get(c).unwrap_or_default().trim();
        // A spreadsheet writes 1 where the Ain was meant.
        let code = cellule(ou).to_uppercase();
        let code = if code.len() == 1 { format!("0{code}") } else { code };
        let lue = (|| {
            let departement = CodeDepartement::parse(&code)
                .ok_or("Ce n’est pas le code d’un département, comme 23 ou 2A.")?;
            let echeance = date(cellule(quand)).ok_or("L’échéance n’est pas une date, comme 31/12/2027.")?;
            let mut objectifs = Vec::new();
            for (quoi, c) in &quoi {
                let lu: String = cellule(*c).chars().filter(|c| !c.is_whitespace()).collect();
                if lu.is_empty() {
                    continue;
                }
                let nombre = lu.parse().map_err(|_| "Un objectif n’est pas un nombre entier.")?;
                objectifs.push(Objectif { departement: departement.clone(), quoi: *quoi, nombre, echeance });
            }
            Ok::<_, String>(objectifs)
        })();
        out.push((n + 2, code.chars().take(20).collect(), lue));
    }
    Ok(out)
}

/// Takes a file, in one transaction: a line that is wrong changes nothing, and stops no other.
///
/// # Errors
/// A refusal of the field `fichier`; the database, and then nothing is taken.
pub async fn importer(m: &Mandats, actor: &Actor, octets: &[u8]) -> Result<Vec<Ligne>, Failure> {
    actor.may(Verb::InstruireHabilitations)?;
    let lues = lire(octets).map_err(|s| Refusal::field("fichier", s))?;
    let jour = m.jour();
    m.site
        .db
        .write(async |tx| {
            let mut out = Vec::with_capacity(lues.len());
            for (numero, departement, lue) in &lues {
                let verifie = lue.clone().and_then(|objectifs| {
                    for o in &objectifs {
                        tient(m, actor, &o.departement).map_err(|r| r.to_string())?;
                        if o.nombre > 0 {
                            juste(o.nombre, o.echeance, jour).map_err(|r| r.to_string())?;
                        }
                    }
                    Ok(objectifs)
                });
                let (prise, phrase) = match verifie {
                    Err(phrase) => (false, phrase),
                    Ok(objectifs) if objectifs.is_empty() => {
                        (false, "Aucun objectif sur cette ligne.".to_owned())
                    }
                    Ok(objectifs) => {
                        for o in &objectifs {
                            un(m, tx, actor, o).await?;
                        }
                        let mots: Vec<String> =
                            objectifs.iter().map(|o| format!("{} : {}", o.quoi.nom(), o.nombre)).collect();
                        (true, mots.join(", "))
                    }
                };
                out.push(Ligne { numero: *numero, departement: departement.clone(), prise, phrase });
            }
            Ok(out)
        })
        .await
}
