//! One list in three formats: CSV, XLSX (ECMA-376) and ODS (OpenDocument 1.3), written as it is read.

use std::fmt::Write as _;
use std::io;

use chrono::NaiveDate;

use super::archive::Archive;
use super::{MARQUE, ligne, sans_formule};

/// In which format a list is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// Text, for programs and every spreadsheet.
    Csv,
    /// Workbook of Excel.
    Xlsx,
    /// Workbook of LibreOffice.
    Ods,
}

impl Format {
    /// Every one, in the order of the links.
    pub const TOUS: [Self; 3] = [Self::Csv, Self::Xlsx, Self::Ods];

    /// End of the name of the file.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Ods => "ods",
        }
    }

    /// The one of that end of a name.
    pub fn from_extension(extension: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|f| f.extension() == extension)
    }

    /// What the answer says it is.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Ods => "application/vnd.oasis.opendocument.spreadsheet",
        }
    }

    /// On the screen.
    pub fn nom(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Xlsx => "Excel (XLSX)",
            Self::Ods => "LibreOffice (ODS)",
        }
    }
}

/// A cell of a list.
#[derive(Clone, PartialEq, Debug)]
pub enum Cellule {
    /// Words, codes, references. Never run as a formula.
    Texte(String),
    /// A whole number.
    Nombre(i64),
    /// An amount in cents, written in euros.
    Centimes(i64),
    /// A day.
    Jour(NaiveDate),
}

impl From<&str> for Cellule {
    fn from(texte: &str) -> Self {
        Self::Texte(texte.to_owned())
    }
}

impl From<String> for Cellule {
    fn from(texte: String) -> Self {
        Self::Texte(texte)
    }
}

impl From<NaiveDate> for Cellule {
    fn from(jour: NaiveDate) -> Self {
        Self::Jour(jour)
    }
}

impl From<i64> for Cellule {
    fn from(n: i64) -> Self {
        Self::Nombre(n)
    }
}

impl From<bool> for Cellule {
    fn from(oui: bool) -> Self {
        Self::from(if oui { "oui" } else { "non" })
    }
}

impl<T: Into<Self>> From<Option<T>> for Cellule {
    fn from(valeur: Option<T>) -> Self {
        valeur.map_or_else(|| Self::Texte(String::new()), Into::into)
    }
}

/// Cents as a decimal number of euros.
fn euros(centimes: i64) -> String {
    let signe = if centimes < 0 { "-" } else { "" };
    format!("{signe}{}.{:02}", centimes.unsigned_abs() / 100, centimes.unsigned_abs() % 100)
}

/// Most lines of a sheet of Excel, titles included (specifications of Excel).
const LIGNES_XLSX: u64 = 1_048_576;
/// Most characters of a cell of Excel.
const SIGNES_XLSX: usize = 32_767;

/// A list under way: lines go in, bytes come out.
pub struct Classeur {
    format: Format,
    /// Text of lines that were not yet compressed, or of a CSV.
    texte: String,
    /// Nothing for CSV.
    archive: Option<Archive>,
    lignes: u64,
}

impl std::fmt::Debug for Classeur {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Classeur {}, {} lines", self.format.extension(), self.lignes)
    }
}

impl Classeur {
    /// A list of that name, with its titles.
    ///
    /// # Errors
    /// The writer of archives.
    pub fn new(format: Format, nom: &str, titres: &[&str]) -> io::Result<Self> {
        let mut classeur = Self { format, texte: String::new(), archive: None, lignes: 0 };
        match format {
            Format::Csv => {
                classeur.texte.push_str(MARQUE);
                classeur.texte.push_str(&ligne(titres));
            }
            Format::Xlsx => {
                let mut a = Archive::new();
                a.partie("[Content_Types].xml", XLSX_TYPES.as_bytes())?;
                a.partie("_rels/.rels", XLSX_LIENS.as_bytes())?;
                let feuille = xml(&nom.chars().take(31).collect::<String>());
                a.partie("xl/workbook.xml", XLSX_CLASSEUR.replace("{nom}", &feuille).as_bytes())?;
                a.partie("xl/_rels/workbook.xml.rels", XLSX_FEUILLES.as_bytes())?;
                a.partie("xl/styles.xml", XLSX_STYLES.as_bytes())?;
                a.commence("xl/worksheets/sheet1.xml")?;
                classeur.archive = Some(a);
                let colonnes = titres.len().max(1);
                classeur.texte.push_str(&XLSX_DEBUT.replace("{colonnes}", &colonnes.to_string()));
                classeur.xlsx(titres.iter().map(|t| Cellule::from(*t)), " s=\"2\"");
            }
            Format::Ods => {
                let mut a = Archive::new();
                a.partie("mimetype", Format::Ods.mime().as_bytes())?;
                a.partie("META-INF/manifest.xml", ODS_MANIFESTE.as_bytes())?;
                a.commence("content.xml")?;
                classeur.archive = Some(a);
                let debut = ODS_DEBUT
                    .replace("{nom}", &xml(nom))
                    .replace("{colonnes}", &titres.len().max(1).to_string());
                classeur.texte.push_str(&debut);
                classeur.texte.push_str("<table:table-header-rows>");
                classeur.ods(titres.iter().map(|t| Cellule::from(*t)), " table:style-name=\"titre\"");
                classeur.texte.push_str("</table:table-header-rows>");
            }
        }
        classeur.lignes = 1;
        Ok(classeur)
    }

    /// One more line.
    ///
    /// # Errors
    /// When the format holds no more.
    pub fn ligne(&mut self, cellules: Vec<Cellule>) -> io::Result<()> {
        match self.format {
            Format::Csv => {
                let textes: Vec<String> = cellules.into_iter().map(csv).collect();
                self.texte.push_str(&ligne(&textes));
            }
            Format::Xlsx if self.lignes >= LIGNES_XLSX => {
                return Err(io::Error::other("a sheet of Excel holds no more lines"));
            }
            Format::Xlsx => self.xlsx(cellules.into_iter(), ""),
            Format::Ods => self.ods(cellules.into_iter(), ""),
        }
        self.lignes += 1;
        Ok(())
    }

    /// What is ready to be sent.
    ///
    /// # Errors
    /// The writer of archives.
    pub fn prend(&mut self) -> io::Result<Vec<u8>> {
        let texte = std::mem::take(&mut self.texte);
        match &mut self.archive {
            None => Ok(texte.into_bytes()),
            Some(a) => {
                a.suite(texte.as_bytes())?;
                Ok(a.prend())
            }
        }
    }

    /// The end of the file.
    ///
    /// # Errors
    /// The writer of archives.
    pub fn termine(mut self) -> io::Result<Vec<u8>> {
        self.texte.push_str(match self.format {
            Format::Csv => "",
            Format::Xlsx => XLSX_FIN,
            Format::Ods => ODS_FIN,
        });
        match self.archive {
            None => Ok(self.texte.into_bytes()),
            Some(mut a) => {
                a.suite(self.texte.as_bytes())?;
                a.termine()
            }
        }
    }

    fn xlsx(&mut self, cellules: impl Iterator<Item = Cellule>, style: &str) {
        let out = &mut self.texte;
        out.push_str("<row>");
        for cellule in cellules {
            // Writing to a string does not fail.
            let _ = match cellule {
                Cellule::Texte(t) if t.is_empty() => write!(out, "<c/>"),
                Cellule::Texte(t) => {
                    let t: String = sans_formule(&t).chars().take(SIGNES_XLSX).collect();
                    write!(
                        out,
                        "<c t=\"inlineStr\"{style}><is><t xml:space=\"preserve\">{}</t></is></c>",
                        xml(&t).replace("_x", "_x005F_x")
                    )
                }
                Cellule::Nombre(n) => write!(out, "<c><v>{n}</v></c>"),
                Cellule::Centimes(n) => write!(out, "<c s=\"3\"><v>{}</v></c>", euros(n)),
                Cellule::Jour(j) => write!(out, "<c s=\"1\"><v>{}</v></c>", jour_excel(j)),
            };
        }
        out.push_str("</row>");
    }

    fn ods(&mut self, cellules: impl Iterator<Item = Cellule>, style: &str) {
        let out = &mut self.texte;
        out.push_str("<table:table-row>");
        for cellule in cellules {
            let _ = match cellule {
                Cellule::Texte(t) if t.is_empty() => write!(out, "<table:table-cell/>"),
                Cellule::Texte(t) => write!(
                    out,
                    "<table:table-cell{style} office:value-type=\"string\">{}</table:table-cell>",
                    paragraphes(&sans_formule(&t))
                ),
                Cellule::Nombre(n) => write!(
                    out,
                    "<table:table-cell office:value-type=\"float\" office:value=\"{n}\"><text:p>{n}</text:p></table:table-cell>"
                ),
                Cellule::Centimes(n) => write!(
                    out,
                    "<table:table-cell table:style-name=\"montant\" office:value-type=\"float\" office:value=\"{0}\"><text:p>{0}</text:p></table:table-cell>",
                    euros(n)
                ),
                Cellule::Jour(j) => write!(
                    out,
                    "<table:table-cell table:style-name=\"jour\" office:value-type=\"date\" office:date-value=\"{j}\"><text:p>{}</text:p></table:table-cell>",
                    j.format("%d/%m/%Y")
                ),
            };
        }
        out.push_str("</table:table-row>");
    }
}

fn csv(cellule: Cellule) -> String {
    match cellule {
        Cellule::Texte(t) => t,
        Cellule::Nombre(n) => n.to_string(),
        // As a French spreadsheet reads it.
        Cellule::Centimes(n) => euros(n).replace('.', ","),
        Cellule::Jour(j) => j.to_string(),
    }
}

/// Days since 30 December 1899: the calendar of Excel from March 1900 on.
fn jour_excel(jour: NaiveDate) -> i64 {
    (jour - NaiveDate::from_ymd_opt(1899, 12, 30).unwrap_or_default()).num_days()
}

/// The text as XML holds it: signs that XML 1.0 forbids are left out.
fn xml(texte: &str) -> String {
    let mut out = String::with_capacity(texte.len());
    for c in texte.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => {}
            c if c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{85}') => {}
            c => out.push(c),
        }
    }
    out
}

/// One paragraph a line; blanks that follow one another are kept, which OpenDocument would make one.
fn paragraphes(texte: &str) -> String {
    let lignes = texte.split('\n').map(|l| {
        let l = xml(l.trim_end_matches('\r')).replace('\t', "<text:tab/>").replace("  ", " <text:s/>");
        match l.strip_prefix(' ') {
            Some(suite) => format!("<text:p><text:s/>{suite}</text:p>"),
            None => format!("<text:p>{l}</text:p>"),
        }
    });
    lignes.collect()
}

const XLSX_TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>"#;
const XLSX_LIENS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const XLSX_CLASSEUR: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="{nom}" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const XLSX_FEUILLES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"#;
/// Styles: 0 plain, 1 a day, 2 a title, 3 an amount.
const XLSX_STYLES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="1"><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/><xf numFmtId="4" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs></styleSheet>"#;
/// The line of titles stays in sight.
const XLSX_DEBUT: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols><col min="1" max="{colonnes}" width="22" customWidth="1"/></cols><sheetData>"#;
const XLSX_FIN: &str = "</sheetData></worksheet>";

const ODS_MANIFESTE: &str = r#"<?xml version="1.0" encoding="UTF-8"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3"><manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/><manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>"#;
const ODS_DEBUT: &str = r#"<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0" xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" office:version="1.3"><office:automatic-styles><style:style style:name="colonne" style:family="table-column"><style:table-column-properties style:column-width="4.5cm"/></style:style><number:date-style style:name="n-jour"><number:day number:style="long"/><number:text>/</number:text><number:month number:style="long"/><number:text>/</number:text><number:year number:style="long"/></number:date-style><number:number-style style:name="n-montant"><number:number number:decimal-places="2" number:min-decimal-places="2" number:min-integer-digits="1" number:grouping="true"/></number:number-style><style:style style:name="jour" style:family="table-cell" style:data-style-name="n-jour"/><style:style style:name="montant" style:family="table-cell" style:data-style-name="n-montant"/><style:style style:name="titre" style:family="table-cell"><style:text-properties fo:font-weight="bold"/></style:style></office:automatic-styles><office:body><office:spreadsheet><table:table table:name="{nom}"><table:table-column table:style-name="colonne" table:number-columns-repeated="{colonnes}"/>"#;
const ODS_FIN: &str = "</table:table></office:spreadsheet></office:body></office:document-content>";

#[cfg(test)]
mod tests;
