//! What other rooms tell of a candidat: they took a post, they left it.

use kernel::Refusal;
use platform::{Site, Tx};
use sea_orm::DbErr;

use super::{get_locked, update};
use crate::historique::{Ecrit, Sujet, noter};
use crate::ids::CandidatId;

/// In the transaction that gives a post to a candidat: structures do not find them any more.
///
/// # Errors
/// The database.
pub async fn recruter(site: &Site, tx: &Tx, id: CandidatId) -> Result<(), DbErr> {
    basculer(site, tx, id, false, "Recrutement").await
}

/// In the transaction that ends a post: the candidat may be found again, and may say no in their own space.
///
/// # Errors
/// The database.
pub async fn liberer(site: &Site, tx: &Tx, id: CandidatId) -> Result<(), DbErr> {
    basculer(site, tx, id, true, "Fin de poste").await
}

/// In the transaction that opens an account for a candidat who had none: the file is theirs.
///
/// # Errors
/// The database.
pub(crate) async fn relier(tx: &Tx, id: CandidatId, compte: kernel::ids::CompteId) -> Result<(), DbErr> {
    // The account may keep another file already, of another address: this one stays without.
    if super::de_compte(tx, compte).await?.is_some() {
        return Ok(());
    }
    let Some(mut candidat) = get_locked(tx, id).await? else { return Ok(()) };
    candidat.compte = Some(compte);
    if !update(tx, &candidat).await? {
        return Err(DbErr::Custom(Refusal::conflict("candidat changed while held").to_string()));
    }
    Ok(())
}

async fn basculer(site: &Site, tx: &Tx, id: CandidatId, oui: bool, action: &str) -> Result<(), DbErr> {
    let Some(mut candidat) = get_locked(tx, id).await? else { return Ok(()) };
    if candidat.disponible == oui {
        return Ok(());
    }
    candidat.disponible = oui;
    if oui {
        candidat.vu_le = site.clock.now();
        candidat.relances = 0;
    }
    if !update(tx, &candidat).await? {
        return Err(DbErr::Custom(Refusal::conflict("candidat changed while held").to_string()));
    }
    let mot = |oui: bool| if oui { "Disponible" } else { "Indisponible" };
    let ecrit = Ecrit::change("Disponibilité", mot(!oui), mot(oui));
    noter(site, tx, (Sujet::Candidat, id.0), None, action, &[ecrit]).await
}
