//! Tables that people send: CSV (comma or semicolon, UTF-8 or Windows-1252) or a workbook, told apart by their content, read
//! to bounded memory. What is wrong with the file as a whole is a sentence for its field; what is wrong with a cell is a
//! [`Remarque`].

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use calamine::{Data, Reader, Xlsx};
use chrono::{NaiveDate, TimeDelta};
use kernel::text::fold;
use serde::{Deserialize, Serialize};

/// Most that is read of a table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limites {
    /// Largest file, in mebibytes. Its content once unpacked holds sixteen times that at most: beyond it, a bomb.
    pub mio: usize,
    /// Most lines, without the titles.
    pub lignes: usize,
    /// Most columns.
    pub colonnes: usize,
    /// Longest cell, in characters: the rest is left out.
    pub cellule: usize,
}

impl Limites {
    /// What somebody fills in by hand.
    pub const COURANTES: Self = Self { mio: 2, lignes: 5_000, colonnes: 200, cellule: 5_000 };
    /// A list of the whole country.
    pub const NATIONALES: Self = Self { mio: 8, lignes: 30_000, colonnes: 100, cellule: 500 };

    /// Largest file, in bytes.
    pub const fn octets(&self) -> usize {
        self.mio << 20
    }

    /// What too large a file is told.
    pub fn trop_gros(&self) -> String {
        format!("Ce fichier dépasse {} Mio. Envoyez-le en plusieurs parties.", self.mio)
    }

    fn trop_de_lignes(&self) -> String {
        format!("Ce fichier a plus de {} lignes. Envoyez-le en plusieurs parties.", self.lignes)
    }

    fn contenu(&self) -> u64 {
        u64::try_from(self.octets()).unwrap_or(u64::MAX).saturating_mul(16)
    }
}

/// What is wrong with a cell.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Remarque {
    /// Line of the file, from 1.
    pub ligne: usize,
    /// Title of the column.
    pub colonne: String,
    /// What stands there.
    pub valeur: String,
    /// What to do.
    pub phrase: String,
}

/// A table that was read.
#[derive(Clone, Debug, Default)]
pub struct Tableau {
    /// Titles of the columns, folded.
    pub titres: Vec<String>,
    /// Line of the file, from 1, and its cells; lines without anything are left out.
    pub lignes: Vec<(usize, Vec<String>)>,
}

impl Tableau {
    /// The place of the first column whose folded title is one of these.
    pub fn colonne(&self, noms: &[&str]) -> Option<usize> {
        self.titres.iter().position(|t| noms.contains(&t.as_str()))
    }

    /// The cell of that line under the column of that folded title; empty when there is none.
    pub fn cellule<'a>(&self, ligne: &'a [String], titre: &str) -> &'a str {
        self.colonne(&[titre]).and_then(|c| ligne.get(c)).map(String::as_str).unwrap_or_default()
    }
}

/// Lines by their number, from 1.
type Lignes = Vec<(usize, Vec<String>)>;

/// Reads a table whose first line gives the titles.
///
/// # Errors
/// A sentence for the field of the file.
pub fn lire(octets: &[u8], l: &Limites) -> Result<Tableau, String> {
    if octets.len() > l.octets() {
        return Err(l.trop_gros());
    }
    let lues = if octets.starts_with(b"PK") { classeur(octets, l)? } else { csv(octets, l)? };
    let mut lues = lues.into_iter().filter(|(_, ligne)| ligne.iter().any(|c| !c.is_empty()));
    let vide = "Ce fichier est vide. Choisissez un fichier dont la première ligne donne les titres.";
    let (_, titres) = lues.next().ok_or(vide)?;
    let lignes: Lignes = lues.collect();
    if lignes.len() > l.lignes {
        return Err(l.trop_de_lignes());
    }
    Ok(Tableau { titres: titres.iter().map(|t| fold(t)).collect(), lignes })
}

/// The text of a cell: without what is not seen, but line breaks and tabs.
fn propre(texte: &str, l: &Limites) -> String {
    let vus = texte.trim().chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t'));
    vus.take(l.cellule).collect()
}

fn csv(octets: &[u8], l: &Limites) -> Result<Lignes, String> {
    let octets = octets.strip_prefix(b"\xef\xbb\xbf").unwrap_or(octets);
    let texte = match std::str::from_utf8(octets) {
        Ok(texte) => texte.to_owned(),
        Err(_) => encoding_rs::WINDOWS_1252.decode(octets).0.into_owned(),
    };
    let premiere = texte.lines().next().unwrap_or_default();
    let separateur = if premiere.matches(';').count() >= premiere.matches(',').count() { b';' } else { b',' };
    let mut lecteur = ::csv::ReaderBuilder::new()
        .delimiter(separateur)
        .has_headers(false)
        .flexible(true)
        .from_reader(texte.as_bytes());
    let mut out = Lignes::new();
    let (mut lu, mut numero) = (0, 1);
    for ligne in lecteur.records() {
        let ligne = ligne.map_err(|_| "Ce fichier n’est ni un classeur .xlsx ni un CSV.".to_owned())?;
        // Lines without anything count too here: a file of commas alone is no table.
        if out.len() > l.lignes * 2 {
            return Err(l.trop_de_lignes());
        }
        // A cell may hold line breaks: lines are counted in the text. The reader leaves the end of a line to the next record.
        let reste = |de: usize| texte.as_bytes().get(de..).unwrap_or_default();
        let debut = ligne.position().map_or(lu, |p| usize::try_from(p.byte()).unwrap_or(lu));
        let debut = debut + reste(debut).iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
        numero += reste(lu).iter().take(debut.saturating_sub(lu)).filter(|b| **b == b'\n').count();
        lu = debut;
        out.push((numero, ligne.iter().take(l.colonnes).map(|c| propre(c, l)).collect()));
    }
    Ok(out)
}

fn classeur(octets: &[u8], l: &Limites) -> Result<Lignes, String> {
    let illisible =
        || "Ce classeur ne peut pas être lu. Enregistrez-le de nouveau au format .xlsx.".to_owned();
    let mut archive = zip::ZipArchive::new(Cursor::new(octets)).map_err(|_| illisible())?;
    let (mut total, max) = (0, l.contenu());
    for rang in 0..archive.len() {
        // What an archive says of its sizes may be false: they are counted.
        let mut borne = archive.by_index(rang).map_err(|_| illisible())?.take(max - total + 1);
        total += std::io::copy(&mut borne, &mut std::io::sink()).map_err(|_| illisible())?;
        if total > max {
            return Err(
                "Ce classeur est trop gros une fois ouvert. Gardez seulement les lignes utiles.".to_owned()
            );
        }
    }
    let mut classeur: Xlsx<_> = Xlsx::new(Cursor::new(octets)).map_err(|_| illisible())?;
    let premiere = classeur.sheet_names().first().cloned().ok_or_else(illisible)?;
    let mut feuille = classeur.worksheet_cells_reader(&premiere).map_err(|_| illisible())?;
    // Cell by cell: a range would take the memory of the whole rectangle, seventeen thousand million cells when there is
    // one in each corner of the sheet.
    let mut lignes: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    while let Some(cell) = feuille.next_cell().map_err(|_| illisible())? {
        let (row, col) = cell.get_position();
        let (row, col) = (row as usize, col as usize);
        let texte = propre(&valeur(&Data::from(cell.get_value().clone())), l);
        if texte.is_empty() {
            continue;
        }
        if row > l.lignes * 2 || col >= l.colonnes {
            return Err(format!(
                "Ce classeur va trop loin : {} lignes et {} colonnes au plus. Il y a quelque chose ligne {}, colonne {}.",
                l.lignes,
                l.colonnes,
                row + 1,
                col + 1
            ));
        }
        let ligne = lignes.entry(row + 1).or_default();
        if ligne.len() <= col {
            ligne.resize(col + 1, String::new());
        }
        ligne[col] = texte;
    }
    Ok(lignes.into_iter().collect())
}

/// What a cell of a workbook shows: a whole number without its fraction, a day as `2026-12-31`.
fn valeur(d: &Data) -> String {
    match d {
        Data::Float(f) if f.fract() == 0.0 && f.abs() < 1e15 => format!("{f:.0}"),
        Data::DateTime(quand) => jour(quand.as_f64()).map_or_else(|| quand.to_string(), |j| j.to_string()),
        Data::Empty => String::new(),
        autre => autre.to_string(),
    }
}

/// The day of a spreadsheet: days since 30 December 1899.
fn jour(nombre: f64) -> Option<NaiveDate> {
    if !(1.0..2_958_466.0).contains(&nombre) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "below three million")]
    let jours = nombre.floor() as i64;
    NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_signed(TimeDelta::days(jours))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;

    use super::*;
    use crate::tableur::{Cellule, Classeur, Format};

    const L: Limites = Limites::COURANTES;

    /// A workbook with that content of its sheet: what ours never writes.
    fn feuille(donnees: &str) -> Vec<u8> {
        let mut modele = zip::ZipArchive::new(Cursor::new(vide())).unwrap();
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for rang in 0..modele.len() {
            let nom = modele.by_index(rang).unwrap().name().unwrap().into_owned();
            let mut texte = String::new();
            modele.by_index(rang).unwrap().read_to_string(&mut texte).unwrap();
            if nom == "xl/worksheets/sheet1.xml" {
                texte = format!(
                    "<?xml version=\"1.0\"?><worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">\
                     <sheetData>{donnees}</sheetData></worksheet>"
                );
            }
            zip.start_file(nom, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(texte.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn vide() -> Vec<u8> {
        Classeur::new(Format::Xlsx, "Essai", &["Numéro"]).unwrap().termine().unwrap()
    }

    fn texte(place: &str, valeur: &str) -> String {
        format!("<c r=\"{place}\" t=\"inlineStr\"><is><t>{valeur}</t></is></c>")
    }

    #[test]
    fn tables_are_read_whatever_their_kind() {
        let lu = "\u{feff}Numéro;Avis;Commentaire\r\nDE-1;Favorable;\"a;b\"\r\n;;\r\n";
        let t = lire(lu.as_bytes(), &L).unwrap();
        assert_eq!(t.titres, ["numero", "avis", "commentaire"]);
        assert_eq!(t.lignes.len(), 1);
        assert_eq!((t.lignes[0].0, t.cellule(&t.lignes[0].1, "commentaire")), (2, "a;b"));
        assert_eq!(t.cellule(&t.lignes[0].1, "absente"), "");
        assert_eq!(lire(b"num\xe9ro,avis\n1,x\n", &L).unwrap().titres, ["numero", "avis"]);
        assert!(lire(b"", &L).unwrap_err().contains("vide"));
        assert!(lire(b"PK\x03\x04rien", &L).unwrap_err().contains(".xlsx"));
        assert!(lire(&vec![b'a'; L.octets() + 1], &L).unwrap_err().contains("2 Mio"));
        assert!(lire("a\n".repeat(L.lignes + 2).as_bytes(), &L).unwrap_err().contains("5000 lignes"));
        assert!(lire(",\n".repeat(L.lignes * 2 + 2).as_bytes(), &L).is_err());
    }

    #[test]
    fn a_csv_and_a_workbook_say_the_same() {
        let csv = lire("\u{feff}Numéro;Graine\r\nA1;b\r\n;;\r\n\"A;2\";c\n".as_bytes(), &L).unwrap();
        assert_eq!(csv.colonne(&["numero"]), Some(0));
        assert_eq!(csv.lignes.iter().map(|l| l.0).collect::<Vec<_>>(), [2, 4]);
        let mut classeur = Classeur::new(Format::Xlsx, "Cartes", &["Numéro", "Graine"]).unwrap();
        for (a, b) in [("A1", "b"), ("A;2", "c")] {
            classeur.ligne(vec![Cellule::from(a), Cellule::from(b)]).unwrap();
        }
        let xlsx = lire(&classeur.termine().unwrap(), &L).unwrap();
        let cellules = |t: &Tableau| t.lignes.iter().map(|l| l.1.clone()).collect::<Vec<_>>();
        assert_eq!(cellules(&xlsx), cellules(&csv));
    }

    /// Lines are told by their place in the text, whatever a cell holds.
    #[test]
    fn a_cell_of_several_lines_is_one_cell() {
        let t = lire(b"a;b\n\"un\ndeux\";x\ny;z\n", &L).unwrap();
        assert_eq!(t.lignes.iter().map(|l| l.0).collect::<Vec<_>>(), [2, 4]);
        assert_eq!(t.lignes[0].1[0], "un\ndeux");
    }

    #[test]
    fn days_and_numbers_of_a_workbook_are_read_as_people_see_them() {
        let jour = NaiveDate::from_ymd_opt(2026, 12, 31).unwrap();
        let mut classeur = Classeur::new(Format::Xlsx, "Dates", &["Jour", "Nombre"]).unwrap();
        classeur.ligne(vec![Cellule::Jour(jour), Cellule::Nombre(87)]).unwrap();
        let t = lire(&classeur.termine().unwrap(), &L).unwrap();
        assert_eq!(t.lignes[0].1, ["2026-12-31", "87"]);
    }

    /// A workbook with a cell in two corners of the sheet, of which the dense rectangle would take 549 GB.
    #[test]
    fn a_far_cell_is_refused() {
        let donnees = format!(
            "<row r=\"1\">{}</row><row r=\"1048576\">{}</row>",
            texte("A1", "Numéro"),
            texte("XFD1048576", "x")
        );
        assert!(lire(&feuille(&donnees), &L).unwrap_err().contains("ligne 1048576, colonne 16384"));
    }

    #[test]
    fn a_workbook_keeps_the_numbers_of_its_lines() {
        let donnees = format!(
            "<row r=\"3\">{}</row><row r=\"5\"><c r=\"A5\"><v>3</v></c>{}</row>",
            texte("B3", "Numéro"),
            texte("B5", "DE-1")
        );
        let t = lire(&feuille(&donnees), &L).unwrap();
        assert_eq!(t.titres, ["", "numero"]);
        let (numero, cellules) = &t.lignes[0];
        assert_eq!((*numero, t.cellule(cellules, "numero"), t.cellule(cellules, "")), (5, "DE-1", "3"));
    }

    #[test]
    fn a_bomb_is_refused() {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file("xl/sharedStrings.xml", zip::write::SimpleFileOptions::default()).unwrap();
        let zeros = vec![0; 1 << 20];
        for _ in 0..40 {
            zip.write_all(&zeros).unwrap();
        }
        let octets = zip.finish().unwrap().into_inner();
        assert!(octets.len() < L.octets());
        assert!(lire(&octets, &L).unwrap_err().contains("trop gros"));
    }

    proptest! {
        #[test]
        fn no_file_makes_it_fall(octets in prop::collection::vec(any::<u8>(), 0..400), zip in any::<bool>()) {
            let octets = if zip { [b"PK".as_slice(), &octets].concat() } else { octets };
            let _ = lire(&octets, &L);
        }

        #[test]
        fn no_sheet_makes_it_fall(donnees in "[<>/=\" a-z0-9]{0,120}") {
            let _ = lire(&feuille(&donnees), &L);
        }
    }
}
