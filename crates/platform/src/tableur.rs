//! Lists as files that spreadsheets open: letters and columns right, and no cell that would be run as a formula.

use std::borrow::Cow;

/// The mark that makes spreadsheets read UTF-8; once, at the head of a file.
pub const MARQUE: &str = "\u{feff}";

/// Whether a spreadsheet would run the cell as a formula (OWASP, "CSV injection").
pub fn formule(cellule: &str) -> bool {
    cellule.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for (given, written) in [
            ("=1+1", "'=1+1"),
            ("+33 1", "'+33 1"),
            ("-2", "'-2"),
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
}
