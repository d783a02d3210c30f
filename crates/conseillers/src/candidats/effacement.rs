//! Erasing a file for good, everywhere at once, and what proves it.

use kernel::{Actor, Refusal, Role};
use platform::Site;
use platform::journal::{self, Entry};
use serde_json::json;

use super::model::{CandidatId, Etat, Motif};
use super::store;
use crate::Failure;
use crate::formation;
use crate::matching::relations;
use crate::postes;

/// What proves that a file was erased: the person keeps it, and the journal holds the same line.
#[derive(Clone, Debug)]
pub struct Preuve {
    /// The number that the file bore.
    pub reference: String,
    /// When.
    pub le: chrono::DateTime<chrono::Utc>,
}

/// Erases a file: identity, CV, links, history, account when it has no other role. By its owner, the administration, or the
/// clock when nobody is given.
///
/// # Errors
/// [`Refusal::NotFound`] when there is no such file; a conflict while the person holds a post: the contract must end first.
pub(super) async fn effacer(
    site: &Site,
    par: Option<&Actor>,
    id: CandidatId,
    motif: Motif,
) -> Result<Preuve, Failure> {
    let le = site.clock.now();
    let jour = kernel::calendrier::jour(&le);
    site.db
        .write(async |tx| {
            relations::store::tenir_personne(tx, id).await?;
            let candidat = store::get_locked(tx, id).await?.ok_or(Refusal::NotFound)?;
            if postes::store::tient_un_poste(tx, id, jour).await? {
                return Err(Refusal::conflict(
                    "Cette personne occupe un poste de conseiller numérique : son dossier se garde jusqu’à la fin de son \
                     contrat.",
                )
                .into());
            }
            for double in store::avec_absorbees(tx, id).await?.into_iter().filter(|c| c.id != id) {
                if let Some(compte) = double.compte.filter(|c| Some(*c) != candidat.compte) {
                    identity::forget_by_programme(site, tx, compte, &[Role::Candidat, Role::Conseiller]).await?;
                }
                relations::candidat_parti(site, tx, double.id).await?;
                formation::fusion::oublier(tx, double.id).await?;
                store::effacer(site, tx, &double, Motif::Doublon).await?;
            }
            let cv = store::a_un_cv(tx, id).await?;
            if let Some(compte) = candidat.compte.filter(|_| matches!(candidat.etat, Etat::Active { .. })) {
                identity::forget_by_programme(site, tx, compte, &[Role::Candidat, Role::Conseiller]).await?;
            }
            // Open contacts close, and what structures noted of the person goes with the file.
            relations::candidat_parti(site, tx, id).await?;
            formation::fusion::oublier(tx, id).await?;
            store::effacer(site, tx, &candidat, motif).await?;
            let faits = json!({ "motif": motif.cle(), "numero": candidat.numero, "cv": cv });
            let ligne = match par {
                Some(acteur) => Entry::by(acteur, "candidat.effacer", "candidat", id),
                None => Entry::system("candidat.effacer", "candidat", id),
            };
            journal::write(site, tx, ligne.with(faits)).await?;
            Ok(Preuve { reference: candidat.reference(), le })
        })
        .await
}
