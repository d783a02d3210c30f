//! Workbooks: the queue as XLSX, its opinions filled in and read back, the list of a département (annex 2) as XLSX or CSV.
//! A workbook is read to bounded memory, reported cell by cell, and written only when somebody confirms.

use platform::tableur::lecture::{self, Limites};
pub use platform::tableur::lecture::{Remarque, Tableau};
use rust_xlsxwriter::{DataValidation, Format, Workbook, XlsxError};

use crate::demandes::Demande;
use crate::demandes::model::Sens;
use crate::demandes::store::Avis;

/// Most that is read of a workbook or of a CSV.
pub const LIMITES: Limites = Limites::COURANTES;

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

/// Reads a workbook, or a CSV ([`lecture`]).
///
/// # Errors
/// A sentence for the field of the file.
pub fn lire(octets: &[u8]) -> Result<Tableau, String> {
    lecture::lire(octets, &LIMITES)
}
