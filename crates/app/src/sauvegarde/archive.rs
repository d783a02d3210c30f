//! The file itself: lines under gzip, counted and summed, sealed by the key of the site, written beside its place and moved
//! there when it is whole.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use platform::Site;
use platform::secrets::SealError;
use platform::secrets::stream::{MAGIC, Sealing};
use sha2::{Digest, Sha256};

use super::{EDITION, End, Header, Line};
use crate::outcome::Failure;

/// No line of ours is longer: the largest file that the site accepts, in base64, and more.
const LONGEST_LINE: u64 = 512 << 20;

/// What the lines are written to.
enum Below {
    Sealed(Box<Sealing<BufWriter<File>>>),
    Clear(BufWriter<File>),
}

impl Write for Below {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Self::Sealed(out) => out.write(bytes),
            Self::Clear(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Self::Sealed(out) => out.flush(),
            Self::Clear(out) => out.flush(),
        }
    }
}

/// Writes a backup. Dropped before [`Writer::finish`], it leaves nothing behind.
pub(super) struct Writer {
    out: Option<GzEncoder<Below>>,
    sum: Sha256,
    rows: u64,
    beside: PathBuf,
    place: PathBuf,
}

impl Writer {
    /// Opens a file beside `place`, that only its owner may read; sealed, only the key of the site opens it.
    pub(super) fn create(site: &Site, place: &Path, sealed: bool) -> Result<Self, Failure> {
        let refused = |e: std::io::Error| {
            Failure::Refused(format!("le fichier {} ne peut être écrit : {e}", place.display()))
        };
        let name = place.file_name().ok_or_else(|| {
            Failure::WrongUse(format!("{} ne nomme pas un fichier à écrire.", place.display()))
        })?;
        if place.is_dir() {
            return Err(Failure::WrongUse(format!(
                "{} est un dossier : donnez un fichier.",
                place.display()
            )));
        }
        if place.exists() {
            return Err(Failure::Refused(format!(
                "{} existe déjà : une sauvegarde n’en remplace pas une autre. Donnez un autre nom, ou déplacez ce fichier.",
                place.display()
            )));
        }
        let beside = place.with_file_name(format!(".{}.partiel", name.to_string_lossy()));
        // What an interrupted run left, perhaps with other rights.
        if beside.exists() {
            std::fs::remove_file(&beside).map_err(refused)?;
        }
        let file =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside).map_err(refused)?;
        let file = BufWriter::new(file);
        let below = if sealed {
            Below::Sealed(Box::new(site.secrets.sealing(&site.chance, file).map_err(refused)?))
        } else {
            Below::Clear(file)
        };
        let out = GzEncoder::new(below, Compression::new(6));
        Ok(Self { out: Some(out), sum: Sha256::new(), rows: 0, beside, place: place.to_owned() })
    }

    /// Writes a line.
    pub(super) fn line(&mut self, line: &impl serde::Serialize) -> Result<(), Failure> {
        let mut text = serde_json::to_vec(line).map_err(|e| Failure::Refused(e.to_string()))?;
        text.push(b'\n');
        self.sum.update(&text);
        if let Some(out) = &mut self.out {
            out.write_all(&text)?;
        }
        Ok(())
    }

    /// Writes a row.
    pub(super) fn row(&mut self, row: &[serde_json::Value]) -> Result<(), Failure> {
        self.rows += 1;
        self.line(&row)
    }

    /// Writes the last line, and puts the file in its place. Returns its rows and its size in bytes.
    pub(super) fn finish(mut self) -> Result<(u64, u64), Failure> {
        let sha256 = kernel::text::hex(&self.sum.clone().finalize());
        self.line(&Line::End { end: End { rows: self.rows, sha256 } })?;
        let Some(out) = self.out.take() else { return Ok((0, 0)) };
        let file = match out.finish()? {
            Below::Sealed(sealing) => sealing.finish()?,
            Below::Clear(file) => file,
        };
        let file = file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        file.sync_all()?;
        let size = file.metadata()?.len();
        std::fs::rename(&self.beside, &self.place)?;
        Ok((self.rows, size))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Gone already when the file was moved to its place.
        let _ = std::fs::remove_file(&self.beside);
    }
}

/// Reads a backup, a line at a time.
pub(super) struct Reader {
    lines: BufReader<MultiGzDecoder<Box<dyn Read + Send>>>,
    sum: Sha256,
    rows: u64,
    number: u64,
    text: Vec<u8>,
}

impl Reader {
    /// Opens the file, and reads its first line.
    pub(super) fn open(site: &Site, path: &Path) -> Result<(Self, Header), Failure> {
        let refused = |e: std::io::Error| {
            Failure::Refused(if e.get_ref().is_some_and(|e| e.is::<SealError>()) {
                "cette sauvegarde est scellée par une autre clé. Donnez à « cles.secret » celle du site qui l’a écrite, \
                 puis recommencez."
                    .to_owned()
            } else {
                format!("le fichier {} ne peut être lu : {e}", path.display())
            })
        };
        let mut file = BufReader::new(File::open(path).map_err(refused)?);
        let below: Box<dyn Read + Send> = if file.fill_buf().map_err(refused)?.starts_with(MAGIC) {
            Box::new(site.secrets.opening(file).map_err(refused)?)
        } else {
            Box::new(file)
        };
        let lines = BufReader::new(MultiGzDecoder::new(below));
        let mut reader = Self { lines, sum: Sha256::new(), rows: 0, number: 0, text: Vec::new() };
        let foreign = || {
            Failure::Refused(format!(
                "{} n’est pas une sauvegarde de Maillage, ou il est abîmé dès son début.",
                path.display()
            ))
        };
        reader.read().map_err(|_| foreign())?;
        let edition: serde_json::Value = serde_json::from_slice(&reader.text).map_err(|_| foreign())?;
        match edition["maillage_backup"].as_u64() {
            Some(e) if e == u64::from(EDITION) => {}
            Some(_) => {
                return Err(Failure::Refused(
                    "cette sauvegarde est d’un format plus récent que ce programme. Installez la version qui l’a écrite."
                        .to_owned(),
                ));
            }
            None => return Err(foreign()),
        }
        let header = serde_json::from_slice(&reader.text).map_err(|_| foreign())?;
        reader.sum.update(&reader.text);
        Ok((reader, header))
    }

    /// The next line; `None` after a last line whose count and sum are right.
    pub(super) fn next(&mut self) -> Result<Option<Line>, Failure> {
        self.read()?;
        let line = serde_json::from_slice(&self.text).map_err(|_| self.damaged())?;
        if let Line::End { end } = line {
            let sha256 = kernel::text::hex(&self.sum.clone().finalize());
            if end != (End { rows: self.rows, sha256 }) {
                return Err(self.damaged());
            }
            // Reading past the end checks the sum of gzip, and that nothing follows.
            let mut rest = [0];
            return match self.lines.read(&mut rest) {
                Ok(0) => Ok(None),
                _ => Err(self.damaged()),
            };
        }
        self.sum.update(&self.text);
        self.rows += u64::from(matches!(line, Line::Row(_)));
        Ok(Some(line))
    }

    fn read(&mut self) -> Result<(), Failure> {
        self.text.clear();
        self.number += 1;
        let read = (&mut self.lines).take(LONGEST_LINE).read_until(b'\n', &mut self.text);
        match read {
            Ok(_) if self.text.ends_with(b"\n") => Ok(()),
            _ => Err(self.damaged()),
        }
    }

    /// The sentence for a file that cannot be trusted.
    pub(super) fn damaged(&self) -> Failure {
        Failure::Refused(format!(
            "la sauvegarde est incomplète ou abîmée (ligne {}). Rien n’a été écrit dans la base : prenez une autre copie.",
            self.number
        ))
    }

    /// That refusal, unless the file is damaged: a byte that changed in its first line looks like other tables.
    pub(super) fn damaged_or(&mut self, why: Failure) -> Failure {
        loop {
            match self.next() {
                Ok(Some(_)) => {}
                Ok(None) => return why,
                Err(damage) => return damage,
            }
        }
    }

    /// How many rows were read.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }
}
