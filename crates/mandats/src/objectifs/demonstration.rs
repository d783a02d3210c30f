//! Targets of the demonstration, by the number of inhabitants.

use kernel::Refusal;

use super::model::{Objectif, Quoi};
use super::store;
use crate::{Failure, Mandats};

/// One target of each kind for each département; what is already there stays.
///
/// # Errors
/// Outside the demonstration; the database.
pub async fn semer(m: &Mandats) -> Result<(), Failure> {
    if !m.site.is_demo() {
        return Err(Refusal::forbidden("Les objectifs fictifs n’existent que dans la démonstration.").into());
    }
    let territoires = m.annuaire.territoires();
    let echeance = m.jour() + chrono::TimeDelta::days(400);
    m.site
        .db
        .write(async |tx| {
            for (quoi, habitants) in [(Quoi::Aidants, 3_000), (Quoi::Organisations, 12_000)] {
                if !store::tous(tx, quoi).await?.is_empty() {
                    continue;
                }
                for d in territoires.departements() {
                    let n = territoires.habitants(&d.code) / habitants;
                    let nombre = u32::try_from(n).unwrap_or(u32::MAX).clamp(5, super::model::NOMBRE_MAX);
                    let o = Objectif { departement: d.code.clone(), quoi, nombre, echeance };
                    store::fixer(tx, &o).await?;
                }
            }
            Ok::<_, Failure>(())
        })
        .await
}
