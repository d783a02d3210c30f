//! Before any transaction: the file is read, repaired, reported, and its fiches wait in a temporary
//! file. Memory keeps a line of eighty bytes a record.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::hash::{Hash, Hasher};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::ops::ControlFlow;

use chrono::NaiveDate;
use flate2::Compression;
use flate2::write::GzEncoder;
use kernel::actor::Cible;
use kernel::{CodeCommune, Perimetre};

use super::super::export::Corrige;
use super::super::lecture::{self, Evenement, Forme};
use super::super::normalisation::{Normaliseur, Traducteur};
use super::super::passage::{ENREGISTREMENTS_MAX, ID_DOUBLE};
use super::super::rapport::{Bilan, Comptes, Constat, Niveau, PuitsCsv, Rapport, Regle};
use super::super::standard::{Champ, Fiche};
use super::{Echec, Ecoute, Progres};
use crate::territoires::Territoires;

const HORS_PERIMETRE: Regle =
    Regle::refus("hors-perimetre", "Ce lieu n’est pas dans le périmètre de votre rôle.");

/// Longest identifier that is kept of a refused record, in bytes: no lieu has a longer one.
const ID_LU_MAX: usize = 1_000;

/// A fiche that waits in the temporary file.
#[derive(Debug)]
pub(super) struct Entree {
    pub(super) id_local: Box<str>,
    pub(super) empreinte: u128,
    /// Of the folded name: to recognise a source by what it delivers.
    pub(super) nom: u64,
    depuis: u64,
}

/// A file, read.
#[derive(Debug)]
pub(super) struct Preparee {
    pub(super) entrees: Vec<Entree>,
    /// Identifiers of records that were refused: their lieux are delivered all the same.
    pub(super) refuses: HashSet<String>,
    /// Whether a record was refused whose identifier cannot be told: any lieu may then be delivered all the same.
    pub(super) refus_anonyme: bool,
    pub(super) forme: Forme,
    pub(super) bilan: Bilan,
    pub(super) comptes: Comptes,
    pub(super) rapport: File,
    /// What was taken, as a compressed CSV of the standard, rewound.
    pub(super) corrige: File,
    /// The value of `source`, when every fiche has the same.
    pub(super) source: Option<String>,
    attente: File,
}

/// Fingerprint of a name, for [`Entree::nom`]. Stable within one run, which is enough.
pub(super) fn empreinte_nom(nom: &str) -> u64 {
    let mut hash = std::hash::DefaultHasher::new();
    kernel::text::fold(nom).hash(&mut hash);
    hash.finish()
}

/// What the loop keeps from one record to the next.
struct Boucle<'a, 'p> {
    traducteur: Box<dyn Traducteur>,
    normaliseur: Normaliseur<'a>,
    territoires: &'a Territoires,
    perimetre: Option<&'a Perimetre>,
    rapport: Rapport<'p>,
    bilan: Bilan,
    entrees: Vec<Entree>,
    lignes: HashMap<Box<str>, u64>,
    refuses: HashSet<String>,
    refus_anonyme: bool,
    sources: Sources,
    attente: BufWriter<File>,
    corrige: Corrige<GzEncoder<File>>,
    position: u64,
    erreur: Option<Echec>,
}

/// Whether every fiche names the same source.
enum Sources {
    Aucune,
    Une(String),
    Plusieurs,
}

/// Reads a file to its end.
pub(super) fn prepare(
    contenu: File,
    traducteur: Box<dyn Traducteur>,
    territoires: &Territoires,
    perimetre: Option<&Perimetre>,
    aujourdhui: NaiveDate,
    ecoute: &Ecoute,
) -> Result<Preparee, Echec> {
    let taille = contenu.metadata()?.len();
    let mut rapport_fichier = tempfile::tempfile()?;
    let mut puits = PuitsCsv::new(BufWriter::new(rapport_fichier.try_clone()?))?;
    let mut boucle = Boucle {
        traducteur,
        normaliseur: Normaliseur::new(Some(territoires), aujourdhui),
        territoires,
        perimetre,
        rapport: Rapport::new(&mut puits),
        bilan: Bilan::default(),
        entrees: Vec::new(),
        lignes: HashMap::new(),
        refuses: HashSet::new(),
        refus_anonyme: false,
        sources: Sources::Aucune,
        attente: BufWriter::new(tempfile::tempfile()?),
        corrige: Corrige::new(GzEncoder::new(tempfile::tempfile()?, Compression::fast()))?,
        position: 0,
        erreur: None,
    };
    let compteur = Compteur { contenu, lus: 0, taille, prochain: 0, ecoute: ecoute.clone() };
    let consignes = boucle.traducteur.consignes();
    let lu = lecture::lire(compteur, &consignes, &mut |evenement| boucle.prend(evenement));
    if lu.is_ok() && boucle.erreur.is_none() {
        boucle.traducteur.fin(&mut boucle.rapport);
    }
    let comptes = boucle.rapport.comptes()?;
    let Boucle { bilan, entrees, refuses, refus_anonyme, sources, attente, corrige, erreur, .. } = boucle;
    puits.termine()?;
    rapport_fichier.seek(SeekFrom::Start(0))?;
    let rendu = |phrase: String| Echec::Refus { phrase, rapport: None };
    let forme = match (erreur, lu) {
        (Some(e), _) => return Err(avec_rapport(e, rapport_fichier, bilan, comptes)),
        (None, Err(lecture::RefusFichier::Lecture(e))) => return Err(Echec::Disque(e)),
        (None, Err(e)) => return Err(avec_rapport(rendu(e.to_string()), rapport_fichier, bilan, comptes)),
        (None, Ok(forme)) => forme,
    };
    if bilan.read == 0 {
        return Err(rendu("Ce fichier ne contient aucun lieu.".to_owned()));
    }
    if entrees.is_empty() && bilan.refused > 0 {
        let ailleurs = comptes.regles.iter().any(|r| r.regle == HORS_PERIMETRE.id);
        let pourquoi = if ailleurs {
            "ces lieux ne sont pas dans le périmètre de votre rôle"
        } else {
            "chaque lieu doit avoir un identifiant, un nom et une commune"
        };
        let phrase = format!(
            "Aucun des {} enregistrements n’a pu être pris : {pourquoi}. Le rapport dit pourquoi pour chacun.",
            kernel::text::nombre(i64::try_from(bilan.read).unwrap_or(i64::MAX))
        );
        return Err(avec_rapport(rendu(phrase), rapport_fichier, bilan, comptes));
    }
    let source = match sources {
        Sources::Une(nom) => Some(nom),
        Sources::Aucune | Sources::Plusieurs => None,
    };
    let mut corrige = corrige.termine()?.finish()?;
    corrige.seek(SeekFrom::Start(0))?;
    let attente = attente.into_inner().map_err(|e| Echec::Disque(e.into_error()))?;
    Ok(Preparee {
        entrees,
        refuses,
        refus_anonyme,
        forme,
        bilan,
        comptes,
        rapport: rapport_fichier,
        corrige,
        source,
        attente,
    })
}

fn avec_rapport(echec: Echec, rapport: File, bilan: Bilan, comptes: Comptes) -> Echec {
    match echec {
        Echec::Refus { phrase, .. } => {
            Echec::Refus { phrase, rapport: Some(Box::new((rapport, bilan, comptes))) }
        }
        autre => autre,
    }
}

impl Boucle<'_, '_> {
    fn prend(&mut self, evenement: Evenement) -> ControlFlow<()> {
        let suite = match evenement {
            Evenement::Entete(entete) => {
                self.traducteur.entete(&entete, &mut self.rapport).map_err(Echec::refus)
            }
            Evenement::Anomalie { ligne, regle, valeur } => {
                self.rapport.note(&Constat {
                    ligne,
                    champ: "",
                    valeur: &valeur,
                    regle,
                    apres: None,
                    precision: None,
                });
                // A remark about a record that follows is not a record of its own.
                if regle.niveau == Niveau::Refus {
                    self.bilan.read += 1;
                    self.bilan.refused += 1;
                    self.refus_anonyme = true;
                    self.rapport.fin_enregistrement();
                }
                Ok(())
            }
            Evenement::Enregistrement(e) => self.enregistrement(&e),
        };
        match suite {
            Ok(()) if self.bilan.read <= ENREGISTREMENTS_MAX => ControlFlow::Continue(()),
            Ok(()) => {
                self.erreur = Some(Echec::refus(
                    "Ce fichier a plus de 500 000 lieux : livrez-le en plusieurs parties.",
                ));
                ControlFlow::Break(())
            }
            Err(e) => {
                self.erreur = Some(e);
                ControlFlow::Break(())
            }
        }
    }

    fn enregistrement(&mut self, enregistrement: &lecture::Enregistrement) -> Result<(), Echec> {
        self.bilan.read += 1;
        let Some(brut) = self.traducteur.traduit(enregistrement, &mut self.rapport) else {
            self.bilan.filtered += 1;
            self.rapport.fin_enregistrement();
            return Ok(());
        };
        let fiche = self.normaliseur.fiche(&brut, &mut self.rapport).filter(|f| self.controle(brut.ligne, f));
        let (repare, _) = self.rapport.fin_enregistrement();
        let Some(fiche) = fiche else {
            self.bilan.refused += 1;
            match brut.get(Champ::Id).trim() {
                id if id.is_empty() || id.len() > ID_LU_MAX => self.refus_anonyme = true,
                id => drop(self.refuses.insert(id.to_owned())),
            }
            return Ok(());
        };
        self.bilan.repaired += u64::from(repare);
        self.note_source(&fiche.source);
        self.lignes.insert(fiche.id.clone(), brut.ligne);
        self.entrees.push(Entree {
            id_local: fiche.id.clone(),
            empreinte: u128::from_str_radix(&fiche.empreinte(), 16).unwrap_or_default(),
            nom: empreinte_nom(&fiche.nom),
            depuis: self.position,
        });
        self.position += ecrit_fiche(&mut self.attente, &fiche)?;
        self.corrige.ecrit(&fiche)?;
        Ok(())
    }

    /// The checks that need the rest of the file, or the person who delivers it.
    fn controle(&mut self, ligne: u64, fiche: &Fiche) -> bool {
        let (regle, precision) = if let Some(premiere) = self.lignes.get(&fiche.id) {
            (ID_DOUBLE, Some(format!("Première fois : ligne {premiere}.")))
        } else if self
            .perimetre
            .is_some_and(|p| !p.couvre(&cible(self.territoires, fiche.code_insee.as_ref())))
        {
            (HORS_PERIMETRE, None)
        } else {
            return true;
        };
        self.rapport.note(&Constat {
            ligne,
            champ: if regle == ID_DOUBLE { "id" } else { "code_insee" },
            valeur: if regle == ID_DOUBLE { &fiche.id } else { &fiche.commune },
            regle,
            apres: None,
            precision: precision.as_deref(),
        });
        false
    }

    fn note_source(&mut self, source: &str) {
        match &self.sources {
            Sources::Aucune if self.entrees.is_empty() && !source.is_empty() => {
                self.sources = Sources::Une(source.to_owned());
            }
            Sources::Une(nom) if nom == source => {}
            _ => self.sources = Sources::Plusieurs,
        }
    }
}

/// Where a lieu stands, to be compared with a scope.
pub(super) fn cible(territoires: &Territoires, code_insee: Option<&CodeCommune>) -> Cible {
    let commune =
        code_insee.and_then(|c| territoires.rang_actuel(c)).map(|rang| &territoires.communes()[rang]);
    Cible {
        region: commune.map(|c| c.region.clone()),
        departement: commune.map(|c| c.departement.clone()),
        ..Cible::default()
    }
}

/// Writes a fiche: each value after its length. Returns how many bytes.
fn ecrit_fiche(sortie: &mut impl Write, fiche: &Fiche) -> io::Result<u64> {
    let mut taille = 0;
    for champ in Champ::TOUS {
        let valeur = fiche.valeur(champ);
        let longueur = u32::try_from(valeur.len()).map_err(io::Error::other)?;
        sortie.write_all(&longueur.to_le_bytes())?;
        sortie.write_all(valeur.as_bytes())?;
        taille += 4 + u64::from(longueur);
    }
    Ok(taille)
}

impl Preparee {
    /// Reads back the fiches of these entries, in their order (that of the file).
    pub(super) fn fiches(&self, rangs: &[u32]) -> io::Result<Vec<Fiche>> {
        let mut lecteur = BufReader::with_capacity(1 << 16, self.attente.try_clone()?);
        let mut fiches = Vec::with_capacity(rangs.len());
        let mut ici: Option<u64> = None;
        for rang in rangs {
            let Some(entree) = self.entrees.get(*rang as usize) else { continue };
            match ici {
                Some(position) if position <= entree.depuis => {
                    let saut = i64::try_from(entree.depuis - position).map_err(io::Error::other)?;
                    lecteur.seek_relative(saut)?;
                }
                _ => {
                    lecteur.seek(SeekFrom::Start(entree.depuis))?;
                }
            }
            let mut valeurs: Vec<String> = Vec::with_capacity(Champ::TOUS.len());
            let mut taille = 0;
            for _ in Champ::TOUS {
                let mut longueur = [0; 4];
                lecteur.read_exact(&mut longueur)?;
                let mut octets = vec![0; u32::from_le_bytes(longueur) as usize];
                lecteur.read_exact(&mut octets)?;
                taille += 4 + octets.len() as u64;
                valeurs.push(String::from_utf8(octets).map_err(io::Error::other)?);
            }
            ici = Some(entree.depuis + taille);
            fiches.push(Fiche::depuis_valeurs(|c| valeurs[c.rang()].as_str()));
        }
        Ok(fiches)
    }
}

/// Tells how much of the file was read. The file is read twice: once for its encoding, which is fast
/// and not told.
struct Compteur {
    contenu: File,
    lus: u64,
    taille: u64,
    prochain: u64,
    ecoute: Ecoute,
}

impl Read for Compteur {
    fn read(&mut self, tampon: &mut [u8]) -> io::Result<usize> {
        let n = self.contenu.read(tampon)?;
        self.lus += n as u64;
        if self.lus >= self.prochain || n == 0 {
            (self.ecoute)(Progres::Lecture(self.lus.min(self.taille), self.taille));
            self.prochain = self.lus + self.taille / 200;
        }
        Ok(n)
    }
}

impl Seek for Compteur {
    fn seek(&mut self, ou: SeekFrom) -> io::Result<u64> {
        self.lus = self.contenu.seek(ou)?;
        self.prochain = 0;
        Ok(self.lus)
    }
}
