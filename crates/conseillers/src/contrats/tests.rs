mod actions;
mod rules;

use chrono::NaiveDate;
use kernel::ids::StructureId;
use kernel::{CodeDepartement, CodeRegion};
use uuid::Uuid;

use super::model::*;
use crate::ids::{CandidatId, ContratId, PosteId};
use crate::postes::Place;

fn jour(s: &str) -> NaiveDate {
    s.parse().unwrap()
}

fn termes(genre: Genre, debut: &str, fin: &str, salaire: &str) -> Termes {
    let fin = (!fin.is_empty()).then(|| jour(fin));
    Termes { genre, debut: jour(debut), fin, salaire: Montant::parse(salaire).unwrap(), phase: Phase::Deux }
}

/// A contract from 1 January to 31 December 2026, in that state.
fn contrat(etat: Etat) -> Contrat {
    Contrat {
        id: ContratId(Uuid::from_u128(1)),
        candidat: CandidatId(Uuid::from_u128(2)),
        poste: PosteId(Uuid::from_u128(3)),
        place: Place {
            structure: StructureId(Uuid::from_u128(4)),
            departement: CodeDepartement::parse("23").unwrap(),
            region: CodeRegion::parse("75").unwrap(),
        },
        termes: termes(Genre::Cdd, "2026-01-01", "2026-12-31", "1900"),
        suite_de: None,
        etat,
        prolongation: None,
        saisi_le: chrono::DateTime::UNIX_EPOCH,
        etat_le: chrono::DateTime::UNIX_EPOCH,
        version: 0,
    }
}

fn rupture(le: &str) -> Rupture {
    Rupture { le: jour(le), motif: MotifRupture::Demission, dossier_incomplet: false }
}
