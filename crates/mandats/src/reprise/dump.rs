//! A dump: where each table is, and its rows in batches.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use super::copie::{self, Lignes};

/// Why a file is not read. Each is a sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum Illisible {
    /// Another format, a cut file.
    #[error("{0}")]
    Refuse(String),
    /// The disk.
    #[error("le fichier ne peut être lu : {0}")]
    Fichier(#[from] io::Error),
}

fn refuse(phrase: &str) -> Illisible {
    Illisible::Refuse(phrase.to_owned())
}

/// One table of the dump.
#[derive(Clone, Debug)]
pub(super) struct Bloc {
    /// Its name, without a schema.
    pub(super) table: String,
    colonnes: Arc<HashMap<String, usize>>,
    /// First byte of its rows, in the text.
    debut: u64,
    /// Line of the file before its rows.
    ligne: u64,
    /// How many rows.
    pub(super) lignes: u64,
}

impl Bloc {
    pub(super) fn a(&self, colonne: &str) -> bool {
        self.colonnes.contains_key(colonne)
    }
}

/// A dump that was walked once.
#[derive(Debug)]
pub(super) struct Dump {
    chemin: PathBuf,
    gzip: bool,
    pub(super) blocs: Vec<Bloc>,
}

const GZIP: [u8; 2] = [0x1f, 0x8b];

impl Dump {
    /// Walks the whole file: nothing is taken of a file that is cut.
    pub(super) fn ouvrir(chemin: &Path) -> Result<Self, Illisible> {
        if chemin.is_dir() {
            return Err(refuse(
                "c’est un dossier de pg_dump (format « directory »). Traduisez-le d’abord en texte : \
                 pg_restore --no-owner --no-privileges --file=reprise.sql DOSSIER",
            ));
        }
        let mut debut = Vec::new();
        File::open(chemin)?.take(512).read_to_end(&mut debut)?;
        if debut.starts_with(b"PGDMP") || debut.starts_with(b"toc.dat") {
            return Err(refuse(
                "ce fichier est au format « custom » ou « tar » de pg_dump. Traduisez-le d’abord en texte : \
                 pg_restore --no-owner --no-privileges --file=reprise.sql FICHIER ; \
                 ou refaites-le : pg_dump --format=plain --encoding=UTF8 --file=reprise.sql BASE",
            ));
        }
        let mut dump = Self { chemin: chemin.to_owned(), gzip: debut.starts_with(&GZIP), blocs: Vec::new() };
        dump.parcourir()?;
        Ok(dump)
    }

    fn lecteur(&self) -> io::Result<Box<dyn BufRead + Send>> {
        let fichier = File::open(&self.chemin)?;
        Ok(if self.gzip {
            Box::new(BufReader::with_capacity(1 << 16, flate2::read::MultiGzDecoder::new(fichier)))
        } else {
            Box::new(BufReader::with_capacity(1 << 16, fichier))
        })
    }

    fn parcourir(&mut self) -> Result<(), Illisible> {
        let mut lignes = Lignes::new(self.lecteur()?);
        let mut ouvert: Option<Bloc> = None;
        let mut inserts = false;
        while let Some(ligne) = lignes.suivante()? {
            match &mut ouvert {
                Some(_) if ligne == br"\." => self.blocs.extend(ouvert.take()),
                Some(bloc) => bloc.lignes += 1,
                None if ligne.starts_with(b"COPY ") => {
                    if let Some((table, colonnes)) = copie::entete(ligne) {
                        let colonnes = colonnes.into_iter().enumerate().map(|(i, c)| (c, i)).collect();
                        let (debut, ligne) = (lignes.lus(), lignes.numero());
                        ouvert = Some(Bloc { table, colonnes: Arc::new(colonnes), debut, ligne, lignes: 0 });
                    }
                }
                None if ligne.starts_with(b"INSERT INTO ") => inserts = true,
                None if ligne.starts_with(b"SET client_encoding = ") => {
                    let nom = String::from_utf8_lossy(ligne).to_ascii_uppercase();
                    if !nom.contains("'UTF8'") && !nom.contains("'UTF-8'") {
                        return Err(refuse(
                            "ce fichier n’est pas en UTF-8. Refaites-le : pg_dump --format=plain --encoding=UTF8 …",
                        ));
                    }
                }
                None => {}
            }
        }
        if let Some(bloc) = ouvert {
            return Err(Illisible::Refuse(format!(
                "ce fichier est coupé au milieu de la table « {} » : rien n’en a été repris. Refaites-le, ou recopiez-le.",
                bloc.table
            )));
        }
        if self.blocs.is_empty() {
            return Err(refuse(if inserts {
                "ce fichier a été fait avec --inserts. Refaites-le sans cette option : pg_dump --format=plain --encoding=UTF8 …"
            } else {
                "ce fichier ne contient aucune table (lignes « COPY … FROM stdin; »). Attendu : ce qu’écrit \
                 pg_dump --format=plain --encoding=UTF8 --file=reprise.sql BASE, tel quel ou compressé par gzip."
            }));
        }
        Ok(())
    }

    /// The table of Aidants Connect of that name: Django writes its application before it.
    pub(super) fn bloc(&self, nom: &str) -> Option<&Bloc> {
        let suffixe = format!("web_{nom}");
        self.blocs.iter().find(|b| b.table == suffixe || b.table.ends_with(&format!("_{suffixe}")))
    }

    /// The rows of a table, from the first.
    pub(super) fn lire(&self, bloc: &Bloc) -> Result<Lecture, Illisible> {
        let lecteur: Box<dyn BufRead + Send> = if self.gzip {
            let mut lecteur = self.lecteur()?;
            io::copy(&mut (&mut lecteur).take(bloc.debut), &mut io::sink())?;
            lecteur
        } else {
            let mut fichier = File::open(&self.chemin)?;
            fichier.seek(SeekFrom::Start(bloc.debut))?;
            Box::new(BufReader::with_capacity(1 << 16, fichier))
        };
        Ok(Lecture {
            lignes: Lignes::new(lecteur),
            colonnes: Arc::clone(&bloc.colonnes),
            avant: bloc.ligne,
            reste: bloc.lignes,
        })
    }
}

/// Rows of a table.
pub(super) struct Lecture {
    lignes: Lignes<Box<dyn BufRead + Send>>,
    colonnes: Arc<HashMap<String, usize>>,
    avant: u64,
    reste: u64,
}

impl Lecture {
    /// At most that many rows more; none at the end.
    pub(super) fn lot(&mut self, combien: usize) -> Result<Vec<Ligne>, Illisible> {
        let mut lot = Vec::new();
        while lot.len() < combien && self.reste > 0 {
            self.reste -= 1;
            let Some(brut) = self.lignes.suivante()? else {
                return Err(refuse(
                    "le fichier a changé pendant sa lecture. Recommencez : ce qui est repris reste.",
                ));
            };
            let valeurs = copie::valeurs(brut).and_then(|v| {
                if v.len() == self.colonnes.len() { Ok(v) } else { Err("nombre de colonnes faux") }
            });
            let numero = self.avant + self.lignes.numero();
            lot.push(Ligne { colonnes: Arc::clone(&self.colonnes), valeurs, numero });
        }
        Ok(lot)
    }
}

/// A row, by names of columns.
#[derive(Debug)]
pub(super) struct Ligne {
    colonnes: Arc<HashMap<String, usize>>,
    valeurs: Result<Vec<Option<String>>, &'static str>,
    /// Line of the file.
    pub(super) numero: u64,
}

impl Ligne {
    /// Why it does not read.
    pub(super) fn illisible(&self) -> Option<&'static str> {
        self.valeurs.as_ref().err().copied()
    }

    /// A text; none when it is NULL, or when the table has no such column.
    pub(super) fn texte(&self, colonne: &str) -> Option<&str> {
        let rang = *self.colonnes.get(colonne)?;
        self.valeurs.as_ref().ok()?.get(rang)?.as_deref()
    }

    /// The same, blanks off; none when nothing is left.
    pub(super) fn plein(&self, colonne: &str) -> Option<&str> {
        self.texte(colonne).map(str::trim).filter(|t| !t.is_empty())
    }

    pub(super) fn entier(&self, colonne: &str) -> Option<i64> {
        self.plein(colonne)?.parse().ok()
    }

    pub(super) fn vrai(&self, colonne: &str) -> bool {
        matches!(self.plein(colonne), Some("t" | "true"))
    }

    /// `2024-03-01 10:00:00.123456+00`: what has no offset is in UTC.
    pub(super) fn instant(&self, colonne: &str) -> Option<DateTime<Utc>> {
        let texte = self.plein(colonne)?;
        match DateTime::parse_from_str(texte, "%Y-%m-%d %H:%M:%S%.f%#z") {
            Ok(le) => Some(le.to_utc()),
            Err(_) => {
                let nu = chrono::NaiveDateTime::parse_from_str(texte, "%Y-%m-%d %H:%M:%S%.f").ok()?;
                Some(nu.and_utc())
            }
        }
        // Ours count in microseconds, years of four digits.
        .filter(|le| (1900..=9999).contains(&chrono::Datelike::year(le)))
    }

    pub(super) fn jour(&self, colonne: &str) -> Option<NaiveDate> {
        self.instant(colonne).map(|le| kernel::calendrier::jour(&le))
    }
}
