//! An extract of the journal for somebody who checks apart, without this site and its database: one JSON object a line, a
//! header first, an end last. Each line bears all that was hashed, its hash, and the hash of the line before it.
//!
//! What it proves: every line is as it was sealed; two lines that follow each other in the journal do so here; the last line of
//! the journal, if it is here, is the one that the header names. What it cannot prove alone: that the lines left out by the
//! request say nothing more, and that the chain was not made anew as a whole; the hash of the last line, kept elsewhere since,
//! is the witness of that.

use std::io::{BufRead, Read};

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::seal::Seal;
use super::store::{self, Line, Query};
use crate::Site;
use crate::tableur::Cellule;

/// Lines read at once.
const PAGE: u64 = 1_000;
/// No line of ours is longer.
const LONGEST: u64 = 4 << 20;
/// The format of this file.
const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Header {
    maillage_journal: u32,
    site: String,
    le: DateTime<Utc>,
    tete: Head,
    demande: Value,
}

/// The last line of the journal when the extract was made.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Head {
    /// Its place.
    pub seq: i64,
    /// Its hash.
    pub hash: String,
}

#[derive(Serialize, Deserialize)]
struct End {
    fin: Count,
}

#[derive(Serialize, Deserialize)]
struct Count {
    lignes: u64,
}

/// An extract under way, read a page at a time.
#[derive(Debug)]
pub struct Extract {
    query: Query,
    header: Option<String>,
    after: i64,
    lines: u64,
    done: bool,
}

/// Titles of the columns of an extract as a table.
pub const TITLES: &[&str] = &[
    "Numéro",
    "Identifiant",
    "Quand (UTC)",
    "Compte",
    "Par les yeux de",
    "Action",
    "Sujet",
    "Identifiant du sujet",
    "Détails",
    "Empreinte précédente",
    "Empreinte",
];

/// A line as cells, in the order of [`TITLES`].
pub fn cells(line: &Line) -> Vec<Cellule> {
    let id = |id: Option<uuid::Uuid>| Cellule::from(id.map(|i| i.to_string()));
    vec![
        line.seq.into(),
        line.id.to_string().into(),
        line.at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true).into(),
        id(line.by),
        id(line.seen_by),
        line.action.clone().into(),
        line.subject.clone().into(),
        line.subject_id.clone().into(),
        line.details.clone().into(),
        line.previous.clone().into(),
        line.hash.clone().into(),
    ]
}

impl Extract {
    /// Of the lines that the query wants, all of them whatever its limit, oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn open(site: &Site, query: Query) -> Result<Self, DbErr> {
        let (seq, hash) = store::head(site.db.read()).await?;
        let header = Header {
            maillage_journal: FORMAT,
            site: site.config.serveur.origine.clone(),
            le: site.clock.now(),
            tete: Head { seq, hash },
            demande: json(&query)?,
        };
        let header = Some(text(&header)?);
        // Lines of later belong to another extract: this one ends where its header says.
        let query = Query { before: Some(seq.saturating_add(1)), limit: PAGE, ..query };
        Ok(Self { query, header, after: 0, lines: 0, done: false })
    }

    /// How many lines were read so far.
    pub fn count(&self) -> u64 {
        self.lines
    }

    /// The next lines; none after the last.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn lines(&mut self, conn: &impl ConnectionTrait) -> Result<Vec<Line>, DbErr> {
        if self.done {
            return Ok(Vec::new());
        }
        let lines = store::following(conn, &self.query, self.after).await?;
        self.done = (lines.len() as u64) < PAGE;
        self.after = lines.last().map_or(self.after, |l| l.seq);
        self.lines += lines.len() as u64;
        Ok(lines)
    }

    /// The next piece of the file, header first and end last; none after that.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn piece(&mut self, conn: &impl ConnectionTrait) -> Result<Option<String>, DbErr> {
        if self.done {
            return Ok(None);
        }
        let mut out = self.header.take().unwrap_or_default();
        for line in self.lines(conn).await? {
            out.push_str(&text(&line)?);
        }
        if self.done {
            out.push_str(&text(&End { fin: Count { lignes: self.lines } })?);
        }
        Ok(Some(out))
    }
}

fn json(value: &impl Serialize) -> Result<Value, DbErr> {
    serde_json::to_value(value).map_err(|e| DbErr::Custom(e.to_string()))
}

fn text(value: &impl Serialize) -> Result<String, DbErr> {
    serde_json::to_string(value).map(|t| t + "\n").map_err(|e| DbErr::Custom(e.to_string()))
}

/// What an extract that holds says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checked {
    /// Site that made it.
    pub site: String,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// Last line of the journal at that time.
    pub head: Head,
    /// How many lines it holds.
    pub lines: u64,
    /// How many of them are joined to the one before, in the extract as in the journal.
    pub joined: u64,
}

impl Checked {
    /// Whether this is the whole journal, from its first line to its head.
    pub fn whole(&self) -> bool {
        self.joined == self.lines && i64::try_from(self.lines) == Ok(self.head.seq)
    }
}

/// Why an extract does not hold.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("ligne {at} de l’extrait : {why}")]
pub struct Refused {
    /// Line of the file, from 1.
    pub at: u64,
    /// A sentence.
    pub why: &'static str,
}

/// Checks an extract: no database and no network, one line in memory.
///
/// # Errors
/// The first line that does not hold; a file that is cut, or of another kind.
pub fn check(file: impl BufRead) -> Result<Checked, Refused> {
    let mut reader = Reader { file, text: Vec::new(), at: 0 };
    let header = reader.next()?;
    let header: Header =
        serde_json::from_slice(header).ok().filter(|h: &Header| h.maillage_journal == FORMAT).ok_or_else(
            || reader.refused("ce fichier n’est pas un extrait du journal que ce programme connaisse"),
        )?;
    let head = header.tete;
    let (mut seal, mut lines, mut joined) = (Seal::default(), 0, 0);
    let (mut seq, mut hash) = (0_i64, String::new());
    loop {
        let text = reader.next()?;
        if let Ok(End { fin }) = serde_json::from_slice::<End>(text) {
            if fin.lignes != lines {
                return Err(reader.refused("il n’y a pas autant de lignes que la fin l’annonce"));
            }
            reader.ends()?;
            return Ok(Checked { site: header.site, at: header.le, head, lines, joined });
        }
        let line: Line = serde_json::from_slice(text)
            .map_err(|_| reader.refused("elle n’est pas une ligne du journal"))?;
        if !seal.holds(&line) {
            return Err(reader.refused("son contenu a été modifié"));
        }
        if line.seq <= seq || line.seq > head.seq {
            return Err(reader.refused("elle n’est pas à sa place"));
        }
        if line.seq == seq + 1 {
            if line.previous != hash {
                return Err(reader.refused("elle ne suit pas la ligne précédente"));
            }
            joined += 1;
        }
        if line.seq == head.seq && line.hash != head.hash {
            return Err(reader.refused("elle n’est pas la dernière ligne que l’en-tête annonce"));
        }
        lines += 1;
        (seq, hash) = (line.seq, line.hash);
    }
}

struct Reader<R> {
    file: R,
    text: Vec<u8>,
    at: u64,
}

impl<R: BufRead> Reader<R> {
    fn refused(&self, why: &'static str) -> Refused {
        Refused { at: self.at, why }
    }

    fn next(&mut self) -> Result<&[u8], Refused> {
        self.text.clear();
        self.at += 1;
        let read = (&mut self.file).take(LONGEST).read_until(b'\n', &mut self.text);
        if read.is_err() || !self.text.ends_with(b"\n") {
            return Err(self.refused("elle manque, ou elle est coupée : le fichier n’est pas entier"));
        }
        Ok(&self.text)
    }

    /// Nothing follows the end.
    fn ends(&mut self) -> Result<(), Refused> {
        self.at += 1;
        match self.file.read(&mut [0]) {
            Ok(0) => Ok(()),
            _ => Err(self.refused("elle suit la fin de l’extrait")),
        }
    }
}
