//! A file read to its end without any database: each record with what was said of it. The check, the
//! preview and the draft of a mapping are made of it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io::{self, Read, Seek};
use std::ops::ControlFlow;
use std::rc::Rc;

use chrono::NaiveDate;

use super::communes::Communes;
use super::lecture::{self, Enregistrement, Evenement, Forme, RefusFichier};
use super::normalisation::{Brut, Normaliseur, Traducteur};
use super::rapport::{Comptes, Constat, Niveau, Puits, Rapport, Regle};
use super::standard::{Champ, Fiche};

/// Most records of a file: ten times the lieux of the country.
pub const ENREGISTREMENTS_MAX: u64 = 500_000;

/// An identifier that stands twice in a file.
pub(crate) const ID_DOUBLE: Regle =
    Regle::refus("id-double", "Cet identifiant a déjà été lu plus haut dans le fichier.");

/// A remark, kept until the record is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remarque {
    /// Line of the file, rank of the record in a list; 0 for the file.
    pub ligne: u64,
    /// Field, or column.
    pub champ: String,
    /// The value, or the part of it, that the rule is about.
    pub valeur: String,
    /// The rule.
    pub regle: Regle,
    /// What it became.
    pub apres: Option<String>,
    /// The whole sentence.
    pub message: String,
}

/// A record, and what was said of it.
#[derive(Debug)]
pub struct Vu<'a> {
    /// Its rank, from 1.
    pub rang: u64,
    /// The record; none when it could not be read.
    pub enregistrement: Option<&'a Enregistrement>,
    /// In the columns of the standard; none when a filter leaves it aside.
    pub brut: Option<&'a Brut>,
    /// The fiche; none when it is refused.
    pub fiche: Option<&'a Fiche>,
    /// Remarks about it, and about the file since the last one.
    pub remarques: Vec<Remarque>,
}

/// What a whole passage gives.
#[derive(Debug)]
pub struct Fin {
    /// How the file was understood.
    pub forme: Forme,
    /// Counts of remarks.
    pub comptes: Comptes,
    /// Remarks about the file that only its end shows.
    pub remarques: Vec<Remarque>,
}

#[derive(Default)]
struct Releve(Rc<RefCell<Vec<Remarque>>>);

impl Puits for Releve {
    fn recoit(&mut self, c: &Constat<'_>) -> io::Result<()> {
        self.0.borrow_mut().push(Remarque {
            ligne: c.ligne,
            champ: c.champ.to_owned(),
            valeur: c.valeur.to_owned(),
            regle: c.regle,
            apres: c.apres.map(str::to_owned),
            message: c.message(),
        });
        Ok(())
    }
}

/// Reads a file; `suite` takes each record and may stop.
///
/// # Errors
/// A French sentence, when the file as a whole is refused.
pub fn parcourt<R: Read + Seek>(
    source: R,
    traducteur: &mut dyn Traducteur,
    communes: Option<&dyn Communes>,
    aujourdhui: NaiveDate,
    suite: &mut dyn FnMut(Vu<'_>, &dyn Traducteur) -> ControlFlow<()>,
) -> Result<Fin, String> {
    let releve = Rc::new(RefCell::new(Vec::new()));
    let mut puits = Releve(releve.clone());
    let mut rapport = Rapport::new(&mut puits);
    let mut normaliseur = Normaliseur::new(communes, aujourdhui);
    let mut ids: HashMap<String, u64> = HashMap::new();
    let mut rang = 0;
    let mut refus = None;
    let consignes = traducteur.consignes();
    let lu = lecture::lire(source, &consignes, &mut |evenement| match evenement {
        Evenement::Entete(entete) => match traducteur.entete(&entete, &mut rapport) {
            Ok(()) => ControlFlow::Continue(()),
            Err(phrase) => {
                refus = Some(phrase);
                ControlFlow::Break(())
            }
        },
        Evenement::Anomalie { ligne, regle, valeur } => {
            rapport.note(&Constat { ligne, champ: "", valeur: &valeur, regle, apres: None, precision: None });
            if regle.niveau != Niveau::Refus {
                return ControlFlow::Continue(());
            }
            rang += 1;
            let remarques = std::mem::take(&mut *releve.borrow_mut());
            suite(Vu { rang, enregistrement: None, brut: None, fiche: None, remarques }, traducteur)
        }
        Evenement::Enregistrement(e) => {
            rang += 1;
            if rang > ENREGISTREMENTS_MAX {
                refus =
                    Some("Ce fichier a plus de 500 000 lieux : livrez-le en plusieurs parties.".to_owned());
                return ControlFlow::Break(());
            }
            let brut = traducteur.traduit(&e, &mut rapport);
            let mut fiche = brut.as_ref().and_then(|b| normaliseur.fiche(b, &mut rapport));
            let id = brut.as_ref().map_or("", |b| b.get(Champ::Id)).trim();
            if !id.is_empty() {
                if let Some(premiere) = ids.get(id) {
                    let precision = format!("Première fois : ligne {premiere}.");
                    rapport.note(&Constat {
                        ligne: e.ligne,
                        champ: "id",
                        valeur: id,
                        regle: ID_DOUBLE,
                        apres: None,
                        precision: Some(&precision),
                    });
                    fiche = None;
                } else {
                    ids.insert(id.to_owned(), e.ligne);
                }
            }
            let remarques = std::mem::take(&mut *releve.borrow_mut());
            let vu =
                Vu { rang, enregistrement: Some(&e), brut: brut.as_ref(), fiche: fiche.as_ref(), remarques };
            suite(vu, traducteur)
        }
    });
    if let Some(phrase) = refus {
        return Err(phrase);
    }
    let forme = lu.map_err(|e: RefusFichier| e.to_string())?;
    if rang == 0 {
        return Err("Ce fichier ne contient aucun lieu.".to_owned());
    }
    traducteur.fin(&mut rapport);
    let comptes = rapport.comptes().map_err(|e| e.to_string())?;
    let remarques = std::mem::take(&mut *releve.borrow_mut());
    Ok(Fin { forme, comptes, remarques })
}
