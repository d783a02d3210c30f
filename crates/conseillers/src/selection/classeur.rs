//! Workbooks: the queue as XLSX, its opinions filled in and read back, the list of a département (annex 2) as XLSX or CSV.
//! A workbook is read to bounded memory, reported cell by cell, and written only when somebody confirms.

use std::collections::{BTreeMap, HashMap};
use std::io::{Cursor, Read};

use calamine::{Data, Reader, Xlsx};
use kernel::text::fold;
use rust_xlsxwriter::{DataValidation, Format, Workbook, XlsxError};

use crate::demandes::Demande;
use crate::demandes::model::Sens;
use crate::demandes::store::Avis;

/// Largest workbook or CSV that is read, in bytes.
pub const FICHIER_MAX: usize = 2 << 20;
/// Largest content of a workbook once unpacked, in bytes: beyond it, a bomb.
const CONTENU_MAX: u64 = 32 << 20;
/// Most lines that are read.
pub const LIGNES_MAX: usize = 5_000;
/// Most columns that are read.
const COLONNES_MAX: usize = 200;
/// What too large a file is told.
pub const TROP_GROS: &str = "Ce fichier dépasse 2 Mio. Envoyez-le en plusieurs parties.";
/// Longest cell, in characters.
const CELLULE_MAX: usize = 5_000;

/// Titles of the workbook of opinions; the last four are for the préfecture.
const TITRES: [&str; 14] = [
    "Numéro",
    "Structure",
    "Commune",
    "Code INSEE",
    "Département",
    "Objet",
    "Postes demandés",
    "Pourquoi",
    "Zonages",
    "Déposée le",
    "Avis",
    "Postes proposés",
    "Commentaire",
    "Accord de principe",
];

/// The queue as a workbook. Every text is a text: none is ever a formula.
///
/// # Errors
/// When the workbook cannot be made, which is a defect.
pub fn ecrire(demandes: &[(Demande, Option<Avis>)]) -> Result<Vec<u8>, XlsxError> {
    let mut classeur = Workbook::new();
    let titre = Format::new().set_bold();
    let feuille = classeur.add_worksheet().set_name("Avis")?;
    for (col, nom) in (0_u16..).zip(TITRES) {
        feuille.write_string_with_format(0, col, nom, &titre)?;
    }
    for (row, (d, avis)) in (1_u32..).zip(demandes) {
        let avis = avis.as_ref();
        let textes = [
            (0, d.reference()),
            (1, d.nom.clone()),
            (2, d.commune.1.clone()),
            (3, d.commune.0.to_string()),
            (4, d.departement.to_string()),
            (5, d.objet.genre().nom().to_owned()),
            (7, d.objet.motivation().to_owned()),
            (8, d.zonages.join(" ; ")),
            (9, kernel::calendrier::jour(&d.deposee_le).format("%d/%m/%Y").to_string()),
            (10, avis.map(|a| a.sens.nom().to_owned()).unwrap_or_default()),
            (12, avis.map(|a| a.commentaire.clone()).unwrap_or_default()),
            (13, avis.filter(|a| a.accord_principe).map(|_| "oui".to_owned()).unwrap_or_default()),
        ];
        for (col, texte) in textes {
            feuille.write_string(row, col, &texte)?;
        }
        feuille.write_number(row, 6, d.objet.postes())?;
        if let Some(n) = avis.map(|a| a.postes).filter(|n| *n > 0) {
            feuille.write_number(row, 11, n)?;
        }
    }
    let dernier = u32::try_from(demandes.len()).unwrap_or(u32::MAX).max(1);
    let choix = DataValidation::new().allow_list_strings(&Sens::TOUS.map(Sens::nom))?;
    feuille.add_data_validation(1, 10, dernier, 10, &choix)?;
    feuille.set_freeze_panes(1, 1)?;
    for (col, largeur) in [(1, 32), (7, 40), (12, 50)] {
        feuille.set_column_width(col, largeur)?;
    }
    classeur.save_to_buffer()
}

/// A table that was read: cells by the folded title of their column.
#[derive(Clone, Debug, Default)]
pub struct Tableau {
    /// Lines: (line in the file, from 1; cells by title).
    pub lignes: Vec<(usize, HashMap<String, String>)>,
    /// Titles, folded.
    pub titres: Vec<String>,
}

/// Reads a workbook, or a CSV (comma or semicolon, UTF-8 or Windows-1252), told apart by content.
///
/// # Errors
/// A sentence for the field of the file.
pub fn lire(octets: &[u8]) -> Result<Tableau, String> {
    if octets.len() > FICHIER_MAX {
        return Err(TROP_GROS.to_owned());
    }
    let lignes = if octets.starts_with(b"PK") { classeur(octets)? } else { csv(octets)? };
    let mut lignes = lignes.into_iter().filter(|(_, l)| l.iter().any(|c| !c.trim().is_empty()));
    let Some((_, titres)) = lignes.next() else {
        return Err(
            "Ce fichier est vide. Choisissez un fichier dont la première ligne donne les titres.".to_owned()
        );
    };
    let titres: Vec<String> = titres.iter().map(|t| fold(t)).collect();
    let lignes = lignes.map(|(n, l)| (n, titres.iter().cloned().zip(l).collect())).collect();
    Ok(Tableau { lignes, titres })
}

/// Lines by their number, from 1.
type Lignes = Vec<(usize, Vec<String>)>;

fn classeur(octets: &[u8]) -> Result<Lignes, String> {
    let illisible =
        || "Ce classeur ne peut pas être lu. Enregistrez-le de nouveau au format .xlsx.".to_owned();
    let mut archive = zip::ZipArchive::new(Cursor::new(octets)).map_err(|_| illisible())?;
    let mut total = 0;
    for i in 0..archive.len() {
        let fichier = archive.by_index(i).map_err(|_| illisible())?;
        // What an archive says of its sizes may be false: they are counted.
        let mut borne = fichier.take(CONTENU_MAX - total + 1);
        total += std::io::copy(&mut borne, &mut std::io::sink()).map_err(|_| illisible())?;
        if total > CONTENU_MAX {
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
        let texte = cellule(&Data::from(cell.get_value().clone()));
        if texte.is_empty() {
            continue;
        }
        if row > LIGNES_MAX || col >= COLONNES_MAX {
            return Err(format!(
                "Ce classeur va trop loin : {LIGNES_MAX} lignes et {COLONNES_MAX} colonnes au plus. Il y a quelque chose \
                 ligne {}, colonne {}.",
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

fn cellule(d: &Data) -> String {
    let texte = match d {
        Data::Float(f) if f.fract() == 0.0 && f.abs() < 1e15 => format!("{f:.0}"),
        Data::Empty => String::new(),
        other => other.to_string(),
    };
    texte.trim().chars().take(CELLULE_MAX).collect()
}

fn csv(octets: &[u8]) -> Result<Lignes, String> {
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
        if out.len() > LIGNES_MAX {
            return Err(format!(
                "Ce fichier a plus de {LIGNES_MAX} lignes. Envoyez-le en plusieurs parties."
            ));
        }
        let propre = |c: &str| c.trim().chars().filter(|c| *c != '\0').take(CELLULE_MAX).collect();
        // A cell may hold line breaks: lines are counted in the text. The reader leaves the end of a line to the next record.
        let reste = |de: usize| texte.as_bytes().get(de..).unwrap_or_default();
        let debut = ligne.position().map_or(lu, |p| usize::try_from(p.byte()).unwrap_or(lu));
        let debut = debut + reste(debut).iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
        numero += reste(lu).iter().take(debut.saturating_sub(lu)).filter(|b| **b == b'\n').count();
        lu = debut;
        out.push((numero, ligne.iter().map(propre).collect()));
    }
    Ok(out)
}

/// What is wrong with a cell.
#[derive(Clone, PartialEq, Eq, Debug)]
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tables_are_read_whatever_their_kind() {
        let t =
            lire("\u{feff}Numéro;Avis;Commentaire\r\nDE-1;Favorable;\"a;b\"\r\n;;\r\n".as_bytes()).unwrap();
        assert_eq!(t.titres, ["numero", "avis", "commentaire"]);
        assert_eq!(t.lignes.len(), 1);
        assert_eq!((t.lignes[0].0, t.lignes[0].1["commentaire"].as_str()), (2, "a;b"));
        assert_eq!(lire(b"num\xe9ro,avis\n1,x\n").unwrap().titres, ["numero", "avis"]);
        assert!(lire(b"").is_err());
        assert!(lire(b"PK\x03\x04rien").is_err());
        assert!(lire(&vec![b'a'; FICHIER_MAX + 1]).is_err());
    }

    /// A workbook with a cell in two corners of the sheet, of which the dense rectangle would take 549 GB.
    #[test]
    fn a_far_cell_is_refused() {
        let mut classeur = Workbook::new();
        let feuille = classeur.add_worksheet();
        feuille.write_string(0, 0, "Numéro").unwrap();
        feuille.write_string(1_048_575, 16_383, "x").unwrap();
        let octets = classeur.save_to_buffer().unwrap();
        assert!(lire(&octets).unwrap_err().contains("ligne 1048576, colonne 16384"));
    }

    #[test]
    fn a_workbook_keeps_the_numbers_of_its_lines() {
        let mut classeur = Workbook::new();
        let feuille = classeur.add_worksheet();
        feuille.write_string(2, 1, "Numéro").unwrap();
        feuille.write_string(4, 1, "DE-1").unwrap();
        feuille.write_number(4, 0, 3).unwrap();
        let t = lire(&classeur.save_to_buffer().unwrap()).unwrap();
        assert_eq!(t.titres, ["", "numero"]);
        assert_eq!(
            (t.lignes[0].0, t.lignes[0].1["numero"].as_str(), t.lignes[0].1[""].as_str()),
            (5, "DE-1", "3")
        );
    }

    #[test]
    fn a_bomb_is_refused() {
        use std::io::Write;
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file("xl/sharedStrings.xml", zip::write::SimpleFileOptions::default()).unwrap();
        let zeros = vec![0; 1 << 20];
        for _ in 0..40 {
            zip.write_all(&zeros).unwrap();
        }
        let octets = zip.finish().unwrap().into_inner();
        assert!(octets.len() < FICHIER_MAX);
        assert!(lire(&octets).unwrap_err().contains("trop gros"));
    }

    proptest! {
        #[test]
        fn nothing_panics(octets in prop::collection::vec(any::<u8>(), 0..400), zip in any::<bool>()) {
            let octets = if zip { [b"PK".as_slice(), &octets].concat() } else { octets };
            let _ = lire(&octets);
        }
    }
}
