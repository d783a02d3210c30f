//! Lists as files that spreadsheets open: letters and columns right, and no cell that would be run as a formula.
//! [`Classeur`] writes one list in CSV, XLSX or ODS as it is read; [`Tableur`] is the CSV of programs and validators; and
//! [`lecture`] reads what people send back.

mod archive;
mod classeur;
pub mod lecture;

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Write};

pub use classeur::{Cellule, Classeur, Format};

/// The mark that makes spreadsheets read UTF-8; once, at the head of a file.
pub const MARQUE: &str = "\u{feff}";

/// Whether a spreadsheet may run the cell as a formula: it begins with `=`, `@`, a tab or a line break, or with a sign that
/// does not begin a plain number or a telephone (OWASP, "CSV injection"). The wide forms of these signs count too.
pub fn formule(cellule: &str) -> bool {
    let mut lettres = cellule.chars();
    match lettres.next() {
        Some('=' | '@' | '\t' | '\r' | '\n' | '＝' | '＠' | '＋' | '－') => true,
        // « -2+3+cmd|… » begins as a number does.
        Some('+' | '-') => {
            let suite = lettres.as_str();
            let nombre = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | ' ' | '\u{a0}' | '\u{202f}');
            suite.is_empty() || !suite.chars().all(nombre)
        }
        _ => false,
    }
}

/// The cell, made text by an apostrophe when a spreadsheet would run it.
pub fn sans_formule(cellule: &str) -> Cow<'_, str> {
    if formule(cellule) { Cow::Owned(format!("'{cellule}")) } else { Cow::Borrowed(cellule) }
}

/// One line of CSV for spreadsheets in French: semicolons, CRLF, quotes where they are needed, no formula.
pub fn ligne<T: AsRef<str>>(cellules: &[T]) -> String {
    let mut out = String::new();
    for (rang, cellule) in cellules.iter().enumerate() {
        if rang > 0 {
            out.push(';');
        }
        let cellule = sans_formule(cellule.as_ref());
        if cellule.contains([';', '"', '\n', '\r']) || cellule.starts_with(' ') || cellule.ends_with(' ') {
            out.push('"');
            out.push_str(&cellule.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(&cellule);
        }
    }
    out.push_str("\r\n");
    out
}

/// Writes CSV, every cell made text when a spreadsheet would run it: the one way to write it for programs and validators.
pub struct Tableur<W: Write>(csv::Writer<W>);

impl<W: Write> fmt::Debug for Tableur<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tableur")
    }
}

impl<W: Write> Tableur<W> {
    /// Commas and line feeds.
    pub fn new(sortie: W) -> Self {
        Self(csv::Writer::from_writer(sortie))
    }

    /// Semicolons and CRLF: what a French spreadsheet opens by a double click.
    pub fn bureautique(sortie: W) -> Self {
        Self(csv::WriterBuilder::new().delimiter(b';').terminator(csv::Terminator::CRLF).from_writer(sortie))
    }

    /// Writes a line.
    ///
    /// # Errors
    /// When the output cannot be written, or lines have not the same number of cells.
    pub fn ligne<I, T>(&mut self, cellules: I) -> io::Result<()>
    where
        I: IntoIterator<Item = T>,
        T: AsRef<str>,
    {
        for c in cellules {
            self.0.write_field(sans_formule(c.as_ref()).as_bytes())?;
        }
        self.0.write_record(None::<&[u8]>)?;
        Ok(())
    }

    /// Writes out what is still in memory, and gives the output back.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn termine(self) -> io::Result<W> {
        self.0.into_inner().map_err(|e| io::Error::new(e.error().kind(), e.error().to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for (given, written) in [
            ("=1+1", "'=1+1"),
            ("+33 1", "+33 1"),
            ("-61.5", "-61.5"),
            ("-1\u{202f}234,5", "-1\u{202f}234,5"),
            ("-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"),
            ("+1;=1", "'+1;=1"),
            ("+", "'+"),
            ("-A1", "'-A1"),
            ("\r=1", "'\r=1"),
            ("＝1", "'＝1"),
            ("'=1", "'=1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("Mairie", "Mairie"),
            ("01 80 05 98 80", "01 80 05 98 80"),
            ("", ""),
        ] {
            assert_eq!(sans_formule(given), written, "{given}");
        }
    }

    #[test]
    fn a_line_keeps_its_columns() {
        assert_eq!(ligne(&["a", "b;c", "d\"e", "f\ng", " h"]), "a;\"b;c\";\"d\"\"e\";\"f\ng\";\" h\"\r\n");
        assert_eq!(ligne::<&str>(&[]), "\r\n");
    }

    #[test]
    fn every_cell_is_harmless() {
        let mut t = Tableur::new(Vec::new());
        t.ligne(["=nom", "b,\"c"]).unwrap();
        t.ligne(vec!["+33326356700".to_owned(), "-1+cmd".to_owned()]).unwrap();
        let texte = String::from_utf8(t.termine().unwrap()).unwrap();
        assert_eq!(texte, "'=nom,\"b,\"\"c\"\n+33326356700,'-1+cmd\n");
        let mut t = Tableur::bureautique(Vec::new());
        t.ligne(["a", "@b"]).unwrap();
        assert_eq!(t.termine().unwrap(), b"a;'@b\r\n");
    }
}
