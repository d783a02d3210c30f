//! From a file to forms: columns under their usual names, remarks with their line.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Cursor};
use std::ops::ControlFlow;

use annuaire::lieux::lecture::{self, Consignes, Enregistrement, Evenement};
use annuaire::lieux::rapport::{Constat, Puits, Rapport, Regle};
use kernel::text::fold;
use platform::web::FormState;

use super::model::{Bilan, Remarque};

/// Most lines of a file: larger ones come in several.
pub(super) const LIGNES_MAX: u64 = 100_000;
/// Most remarks that are kept; beyond, the counts say enough.
const REMARQUES_MAX: usize = 50_000;

const COLONNE: Regle = Regle::garde("colonne-inconnue", "Cette colonne n’est pas reprise.");
const ILLISIBLE: Regle = Regle::garde(
    "octets-illisibles",
    "Des caractères de ce fichier sont illisibles et remplacés : enregistrez-le en UTF-8.",
);
const COUPE: Regle =
    Regle::garde("fichier-coupe", "La dernière ligne paraît coupée : vérifiez la fin du fichier.");
const SUITE: Regle = Regle::garde("rapport-coupe", "Les remarques suivantes ne sont pas gardées.");

/// Takes remarks into memory, so many at most.
#[derive(Debug, Default)]
pub(super) struct EnMemoire {
    pub(super) remarques: Vec<Remarque>,
}

impl Puits for EnMemoire {
    fn recoit(&mut self, c: &Constat<'_>) -> io::Result<()> {
        let regle = match self.remarques.len() {
            REMARQUES_MAX => SUITE,
            n if n > REMARQUES_MAX => return Ok(()),
            _ => c.regle,
        };
        let court = |texte: &str| texte.chars().take(300).collect::<String>();
        self.remarques.push(Remarque {
            ligne: c.ligne,
            champ: court(c.champ),
            niveau: regle.niveau.cle().to_owned(),
            regle: regle.id.to_owned(),
            valeur: court(c.valeur),
            apres: court(c.apres.unwrap_or("")),
            message: if regle == SUITE { SUITE.message.to_owned() } else { c.message() },
        });
        Ok(())
    }
}

/// A record, under the names of our fields.
#[derive(Debug)]
pub(super) struct Ligne {
    pub(super) numero: u64,
    pub(super) form: FormState,
}

impl Ligne {
    /// Notes something about a field.
    pub(super) fn note(
        &self,
        rapport: &mut Rapport<'_>,
        champ: &str,
        regle: Regle,
        apres: Option<&str>,
        precision: &str,
    ) {
        rapport.note(&Constat {
            ligne: self.numero,
            champ,
            valeur: self.form.get(champ),
            regle,
            apres,
            precision: Some(precision).filter(|p| !p.is_empty()),
        });
    }

    /// Puts a value in shape.
    pub(super) fn repare(&mut self, rapport: &mut Rapport<'_>, champ: &str, regle: Regle, apres: String) {
        self.note(rapport, champ, regle, Some(&apres), "");
        self.form.set(champ, apres);
    }
}

/// The header without accents, blanks and signs: `codePostal`, `Code postal` and `code_postal` are one.
fn nu(nom: &str) -> String {
    fold(nom).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Reads a file; each record goes to `suite` with the report. Gives how many were read.
///
/// # Errors
/// A sentence when the file cannot be read as a whole: nothing of it may then be taken.
pub(super) fn lire(
    octets: &[u8],
    champs: &[(&'static str, &[&str])],
    requis: &[&str],
    rapport: &mut Rapport<'_>,
    mut suite: impl FnMut(Ligne, &mut Rapport<'_>),
) -> Result<u64, String> {
    if let Some(refus) = lecture::refus_immediat(octets) {
        return Err(refus.to_string());
    }
    let mut noms: BTreeMap<String, Option<&'static str>> = BTreeMap::new();
    let mut inconnues: BTreeSet<String> = BTreeSet::new();
    let mut lues = 0;
    let mut refus = None;
    let forme = lecture::lire(Cursor::new(octets), &Consignes::default(), &mut |evenement| {
        match evenement {
            Evenement::Entete(_) => {}
            Evenement::Anomalie { ligne, regle, valeur } => {
                rapport.note(&Constat {
                    ligne,
                    champ: "",
                    valeur: &valeur,
                    regle,
                    apres: None,
                    precision: None,
                });
            }
            Evenement::Enregistrement(e) => {
                lues += 1;
                if lues > LIGNES_MAX {
                    refus = Some(format!(
                        "Ce fichier a plus de {} lignes : livrez-le en plusieurs parties. Rien n’est repris.",
                        kernel::text::nombre(LIGNES_MAX.cast_signed())
                    ));
                    return ControlFlow::Break(());
                }
                let ligne = formulaire(&e, champs, &mut noms, &mut inconnues);
                let absents: Vec<&str> = requis
                    .iter()
                    .copied()
                    .filter(|r| lues == 1 && !noms.values().any(|c| *c == Some(*r)))
                    .collect();
                if !absents.is_empty() {
                    refus = Some(format!(
                        "Ce fichier n’a pas {} : {}. Rien n’est repris.",
                        if absents.len() > 1 { "les colonnes attendues" } else { "la colonne attendue" },
                        absents.join(", ")
                    ));
                    return ControlFlow::Break(());
                }
                suite(ligne, rapport);
            }
        }
        ControlFlow::Continue(())
    });
    let forme = forme.map_err(|e| e.to_string())?;
    if let Some(refus) = refus {
        return Err(refus);
    }
    if lues == 0 {
        return Err("Ce fichier n’a aucune ligne sous son en-tête.".to_owned());
    }
    let mut fichier = |champ: &str, regle| {
        rapport.note(&Constat { ligne: 0, champ, valeur: "", regle, apres: None, precision: None });
    };
    inconnues.iter().for_each(|colonne| fichier(colonne, COLONNE));
    if forme.octets_illisibles {
        fichier("", ILLISIBLE);
    }
    if forme.coupe {
        fichier("", COUPE);
    }
    Ok(lues)
}

fn formulaire(
    e: &Enregistrement,
    champs: &[(&'static str, &[&str])],
    noms: &mut BTreeMap<String, Option<&'static str>>,
    inconnues: &mut BTreeSet<String>,
) -> Ligne {
    let mut valeurs: Vec<(String, String)> = Vec::new();
    for (rang, colonne) in e.entete.noms().iter().enumerate() {
        let champ = *noms.entry(colonne.clone()).or_insert_with(|| {
            let nu = nu(colonne);
            champs
                .iter()
                .find(|(champ, autres)| nu == self::nu(champ) || autres.contains(&nu.as_str()))
                .map(|c| c.0)
        });
        let valeur = e.au_rang(rang).trim();
        match champ {
            Some(champ) if !valeur.is_empty() && !valeurs.iter().any(|(c, _)| c == champ) => {
                valeurs.push((champ.to_owned(), valeur.to_owned()));
            }
            Some(_) => {}
            None if inconnues.len() < 200 => {
                inconnues.insert(colonne.clone());
            }
            None => {}
        }
    }
    Ligne { numero: e.ligne, form: FormState::filled(valeurs) }
}

/// Yes, as files write it.
pub(super) fn oui(valeur: &str) -> bool {
    matches!(fold(valeur).trim(), "oui" | "true" | "vrai" | "1" | "x" | "yes" | "o")
}

/// Notes what a form found wrong: the record is refused.
pub(super) fn refuser(ligne: &Ligne, rapport: &mut Rapport<'_>) {
    const INVALIDE: Regle = Regle::refus("valeur-refusee", "Cette ligne n’est pas reprise.");
    for (champ, phrase) in ligne.form.errors() {
        ligne.note(rapport, champ, INVALIDE, None, phrase);
    }
}

/// Counts what became of a line.
pub(super) fn compte(bilan: &mut Bilan, rapport: &mut Rapport<'_>) {
    let (repare, refuse) = rapport.fin_enregistrement();
    bilan.refused += u64::from(refuse);
    bilan.repaired += u64::from(repare && !refuse);
}
