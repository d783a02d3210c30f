//! A record in the columns of the standard, before any check.

use super::super::lecture::{Consignes, Enregistrement, Entete};
use super::super::migration::Ancien;
use super::super::rapport::{Constat, Rapport, Regle};
use super::super::standard::Champ;

/// A record in the columns of the standard, not yet checked.
#[derive(Clone, Debug, Default)]
pub struct Brut {
    /// Line of the file, or rank in the list.
    pub ligne: u64,
    valeurs: Vec<String>,
    /// Columns of the standard 0.1.
    pub anciens: Vec<(Ancien, String)>,
}

impl Brut {
    /// A record without values.
    pub fn new(ligne: u64) -> Self {
        Self { ligne, valeurs: vec![String::new(); Champ::TOUS.len()], anciens: Vec::new() }
    }

    /// The value of a field.
    pub fn get(&self, champ: Champ) -> &str {
        self.valeurs.get(champ.rang()).map_or("", String::as_str)
    }

    /// Gives a value to a field.
    pub fn set(&mut self, champ: Champ, valeur: impl Into<String>) {
        if let Some(v) = self.valeurs.get_mut(champ.rang()) {
            *v = valeur.into();
        }
    }
}

/// What a column of a file is in the standard.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Colonne {
    /// A field of 1.0.
    Champ(Champ),
    /// A column of 0.1.
    Ancien(Ancien),
    /// Neither.
    Inconnue,
}

impl Colonne {
    /// Reads a name of column: exactly, or but for case, accents and blanks.
    pub fn de_nom(nom: &str) -> Self {
        let connue =
            |n: &str| Champ::de_nom(n).map(Self::Champ).or_else(|| Ancien::de_nom(n).map(Self::Ancien));
        connue(nom).or_else(|| connue(&kernel::text::fold(nom).replace(' ', "_"))).unwrap_or(Self::Inconnue)
    }
}

/// Puts records of a file in the columns of the standard.
pub trait Traducteur: Send {
    /// Looks at the header of a CSV file.
    ///
    /// # Errors
    /// A sentence, when the file cannot be what is expected.
    fn entete(&mut self, entete: &Entete, rapport: &mut Rapport<'_>) -> Result<(), String>;

    /// Translates a record; `None` when it is to be left aside.
    fn traduit(&mut self, enregistrement: &Enregistrement, rapport: &mut Rapport<'_>) -> Option<Brut>;

    /// How to read the file.
    fn consignes(&self) -> Consignes {
        Consignes::default()
    }

    /// Tells what only the end of the file shows.
    fn fin(&mut self, _: &mut Rapport<'_>) {}
}

const COLONNE_INCONNUE: Regle =
    Regle::ecarte("colonne-inconnue", "Cette colonne n’est pas dans le standard : elle n’est pas lue.");

/// Reads records whose columns are those of the standard, of either version.
#[derive(Debug, Default)]
pub struct LecteurStandard {
    connu: Option<(std::sync::Arc<Entete>, Vec<Colonne>)>,
    signalees: std::collections::HashSet<String>,
}

/// Most unknown columns that are told one by one.
const COLONNES_SIGNALEES: usize = 500;

impl Traducteur for LecteurStandard {
    fn entete(&mut self, entete: &Entete, rapport: &mut Rapport<'_>) -> Result<(), String> {
        self.signale(entete, 1, rapport);
        let a = |champ| entete.noms().iter().any(|n| Colonne::de_nom(n) == Colonne::Champ(champ));
        if a(Champ::Id) && a(Champ::Nom) {
            return Ok(());
        }
        let noms: Vec<String> = entete.noms().iter().take(12).map(|n| n.chars().take(40).collect()).collect();
        Err(format!(
            "Ce fichier n’a pas les colonnes du standard : il faut au moins « id » et « nom ». Ses colonnes sont : {}. \
             S’il vient d’une autre source, donnez une correspondance.",
            noms.join(", ")
        ))
    }

    fn traduit(&mut self, enregistrement: &Enregistrement, rapport: &mut Rapport<'_>) -> Option<Brut> {
        if self.connu.as_ref().is_none_or(|(e, _)| !std::sync::Arc::ptr_eq(e, &enregistrement.entete)) {
            self.signale(&enregistrement.entete, enregistrement.ligne, rapport);
        }
        Some(self.brut(enregistrement))
    }
}

impl LecteurStandard {
    fn signale(&mut self, entete: &Entete, ligne: u64, rapport: &mut Rapport<'_>) {
        for nom in entete.noms().iter().filter(|n| !n.is_empty() && Colonne::de_nom(n) == Colonne::Inconnue) {
            if self.signalees.len() < COLONNES_SIGNALEES && self.signalees.insert(nom.clone()) {
                rapport.note(&Constat {
                    ligne,
                    champ: nom,
                    valeur: "",
                    regle: COLONNE_INCONNUE,
                    apres: None,
                    precision: None,
                });
            }
        }
    }

    /// Puts a record in the columns of the standard.
    pub fn brut(&mut self, enregistrement: &Enregistrement) -> Brut {
        let change =
            self.connu.as_ref().is_none_or(|(e, _)| !std::sync::Arc::ptr_eq(e, &enregistrement.entete));
        if change {
            let colonnes = enregistrement.entete.noms().iter().map(|n| Colonne::de_nom(n)).collect();
            self.connu = Some((enregistrement.entete.clone(), colonnes));
        }
        let mut brut = Brut::new(enregistrement.ligne);
        if let Some((entete, colonnes)) = &self.connu {
            for (nom, colonne) in entete.noms().iter().zip(colonnes) {
                let valeur = enregistrement.texte(nom);
                match colonne {
                    _ if valeur.is_empty() => {}
                    Colonne::Champ(c) => brut.set(*c, valeur),
                    Colonne::Ancien(a) => brut.anciens.push((*a, valeur.to_owned())),
                    Colonne::Inconnue => {}
                }
            }
        }
        brut
    }
}
