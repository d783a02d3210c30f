//! Loading a file of school calendars.

use std::io::{Read, Seek};

use kernel::{Actor, Perimetre, Refusal};
use platform::journal::{self, Entry};
use platform::{Site, Tx};
use sea_orm::DbErr;

use super::{lecture, store};
use crate::lieux::ouverture::Annee;
use crate::territoires::actions::Livraison;
use crate::territoires::import::Suite;
use crate::territoires::{BilanImport, RefusImport, Sujet, bump};

/// Why an import changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum EchecVacances {
    /// Whoever asks may not.
    #[error(transparent)]
    Interdit(#[from] Refusal),
    /// The file is refused.
    #[error(transparent)]
    Refus(#[from] RefusImport),
    /// The database refuses.
    #[error(transparent)]
    Base(#[from] DbErr),
}

/// Takes in the years of a file; each replaces the one of the same zone and name. Nobody stands behind the command line;
/// in the pages, only those whose role is national may.
///
/// # Errors
/// When the actor may not, nothing of the file can be taken, or the database refuses; nothing is then changed.
pub async fn importe<R: Read + Seek + Send>(
    site: &Site,
    acteur: Option<&Actor>,
    fichier: R,
    livraison: Livraison<'_>,
) -> Result<BilanImport, EchecVacances> {
    if acteur.is_some_and(|a| a.perimetre != Perimetre::National) {
        return Err(
            Refusal::forbidden("Seule l’administration nationale charge les calendriers scolaires.").into()
        );
    }
    let (annees, mut bilan) = lecture::lit(fichier)?;
    let connues = store::charges(site.db.read()).await?;
    let annees = sans_chevauchement(annees, connues.annees(), &mut bilan);
    if annees.is_empty() {
        return Err(RefusImport::Rien(
            "elles recouvrent des années déjà chargées sous un autre nom.".to_owned(),
        )
        .into());
    }
    if livraison.a_blanc {
        return Ok(bilan);
    }
    let now = site.clock.now();
    site.db
        .write(async |tx: &Tx| {
            store::remplace(tx, &annees, livraison.nom, now).await?;
            bump(tx, Sujet::Vacances, now).await?;
            let faits = serde_json::json!({ "fichier": livraison.nom, "lues": bilan.lues, "refusees": bilan.refusees });
            let entry = match acteur {
                Some(acteur) => Entry::by(acteur, "vacances.importer", "vacances", ""),
                None => Entry::system("vacances.importer", "vacances", ""),
            };
            journal::write(site, tx, entry.with(faits)).await
        })
        .await?;
    Ok(bilan)
}

/// The years that no other year of their zone, loaded or of the file, overlaps.
fn sans_chevauchement(annees: Vec<Annee>, connues: &[Annee], bilan: &mut BilanImport) -> Vec<Annee> {
    let mut gardees: Vec<Annee> = Vec::with_capacity(annees.len());
    for annee in annees {
        let autre = connues
            .iter()
            .chain(&gardees)
            .find(|a| a.zone == annee.zone && a.nom != annee.nom && a.du <= annee.au && annee.du <= a.au);
        match autre {
            Some(autre) => {
                let raison = format!(
                    "{} : cette année recouvre l’année {}, déjà chargée.",
                    annee.zone.nom(),
                    autre.nom
                );
                bilan.note(1, Suite::Refuse, &annee.nom, raison);
                bilan.retenues = bilan.retenues.saturating_sub(annee.vacances.len() as u64 + 1);
            }
            None => gardees.push(annee),
        }
    }
    gardees
}
