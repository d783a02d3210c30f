//! Tables that people send: CSV (comma or semicolon) or a workbook, told apart by their content, read to bounded memory.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use calamine::{Data, Reader, Xlsx};
use kernel::text::fold;

/// Largest file, in bytes.
pub(crate) const OCTETS_MAX: usize = 2 << 20;
/// Largest content of a workbook once unpacked, in bytes.
const CONTENU_MAX: u64 = 32 << 20;
/// Most lines, without the titles.
pub(crate) const LIGNES_MAX: usize = 5_000;
const COLONNES_MAX: usize = 100;
const CELLULE_MAX: usize = 500;

/// A table that was read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tableau {
    titres: Vec<String>,
    /// Line of the file, from 1, and its cells; lines without anything are left out.
    pub(crate) lignes: Vec<(usize, Vec<String>)>,
}

impl Tableau {
    /// The place of the first column whose folded title is one of these.
    pub(crate) fn colonne(&self, noms: &[&str]) -> Option<usize> {
        self.titres.iter().position(|t| noms.contains(&t.as_str()))
    }
}

/// Reads a table whose first line gives the titles.
///
/// # Errors
/// A sentence for the field of the file.
pub(crate) fn lire(octets: &[u8]) -> Result<Tableau, String> {
    if octets.len() > OCTETS_MAX {
        return Err("Ce fichier dépasse 2 Mio. Envoyez-le en plusieurs parties.".to_owned());
    }
    let lues = if octets.starts_with(b"PK") { classeur(octets)? } else { csv(octets)? };
    let mut lues = lues.into_iter().filter(|(_, l)| l.iter().any(|c| !c.is_empty()));
    let vide = "Ce fichier est vide. Choisissez un fichier dont la première ligne donne les titres.";
    let (_, titres) = lues.next().ok_or(vide)?;
    let lignes: Vec<_> = lues.collect();
    if lignes.len() > LIGNES_MAX {
        return Err(format!("Ce fichier a plus de {LIGNES_MAX} lignes. Envoyez-le en plusieurs parties."));
    }
    Ok(Tableau { titres: titres.iter().map(|t| fold(t)).collect(), lignes })
}

fn cellule(texte: &str) -> String {
    texte.trim().chars().filter(|c| !c.is_control()).take(CELLULE_MAX).collect()
}

fn csv(octets: &[u8]) -> Result<Vec<(usize, Vec<String>)>, String> {
    let texte = String::from_utf8_lossy(octets);
    // The reader counts the end of a line of Windows with the next line.
    let texte = texte.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let tete = texte.lines().next().unwrap_or_default();
    let separateur = if tete.matches(';').count() >= tete.matches(',').count() { b';' } else { b',' };
    let mut lecteur = ::csv::ReaderBuilder::new()
        .delimiter(separateur)
        .has_headers(false)
        .flexible(true)
        .from_reader(texte.as_bytes());
    let mut out = Vec::new();
    for ligne in lecteur.records() {
        let ligne = ligne.map_err(|_| "Ce fichier n’est ni un classeur .xlsx ni un CSV.".to_owned())?;
        let numero = ligne.position().and_then(|p| usize::try_from(p.line()).ok()).unwrap_or_default();
        out.push((numero, ligne.iter().take(COLONNES_MAX).map(cellule).collect()));
        if out.len() > LIGNES_MAX * 2 {
            return Err(format!(
                "Ce fichier a plus de {LIGNES_MAX} lignes. Envoyez-le en plusieurs parties."
            ));
        }
    }
    Ok(out)
}

fn classeur(octets: &[u8]) -> Result<Vec<(usize, Vec<String>)>, String> {
    let illisible =
        || "Ce classeur ne peut pas être lu. Enregistrez-le de nouveau au format .xlsx.".to_owned();
    let mut archive = zip::ZipArchive::new(Cursor::new(octets)).map_err(|_| illisible())?;
    let mut total = 0;
    for rang in 0..archive.len() {
        // What an archive says of its sizes may be false: they are counted.
        let mut borne = archive.by_index(rang).map_err(|_| illisible())?.take(CONTENU_MAX - total + 1);
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
    // Cell by cell: one cell in a far corner would make a range of the whole sheet.
    let mut lignes: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    while let Some(cell) = feuille.next_cell().map_err(|_| illisible())? {
        let (row, col) = cell.get_position();
        let (row, col) = (row as usize, col as usize);
        let texte = match Data::from(cell.get_value().clone()) {
            Data::Float(f) if f.fract() == 0.0 && f.abs() < 1e15 => format!("{f:.0}"),
            Data::Empty => continue,
            autre => cellule(&autre.to_string()),
        };
        if texte.is_empty() {
            continue;
        }
        if row > LIGNES_MAX * 2 || col >= COLONNES_MAX {
            return Err(format!(
                "Ce classeur va trop loin : il y a quelque chose ligne {}, colonne {}.",
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

#[cfg(test)]
mod tests {
    use platform::tableur::{Cellule, Classeur, Format};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_csv_and_a_workbook_say_the_same() {
        let csv = lire("\u{feff}Numéro;Graine\r\nA1;b\r\n;;\r\n\"A;2\";c\n".as_bytes()).unwrap();
        assert_eq!(csv.colonne(&["numero"]), Some(0));
        assert_eq!(csv.lignes.iter().map(|l| l.0).collect::<Vec<_>>(), [2, 4]);
        let mut classeur = Classeur::new(Format::Xlsx, "Cartes", &["Numéro", "Graine"]).unwrap();
        for (a, b) in [("A1", "b"), ("A;2", "c")] {
            classeur.ligne(vec![Cellule::from(a), Cellule::from(b)]).unwrap();
        }
        let xlsx = lire(&classeur.termine().unwrap()).unwrap();
        let cellules = |t: &Tableau| t.lignes.iter().map(|l| l.1.clone()).collect::<Vec<_>>();
        assert_eq!(cellules(&xlsx), cellules(&csv));
        assert!(lire(b"").is_err());
        assert!(lire(b"PK\x03\x04rien").is_err());
        assert!(lire(&vec![b'a'; OCTETS_MAX + 1]).is_err());
        assert!(lire("a\n".repeat(LIGNES_MAX + 2).as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn no_file_makes_it_fall(octets in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = lire(&octets);
            let _ = lire(&[b"PK".as_slice(), &octets].concat());
        }
    }
}
