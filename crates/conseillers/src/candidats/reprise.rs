//! What a file that is taken over is compared with, and how its people are written.

use platform::Tx;
use sea_orm::{ConnectionTrait, DbErr};

use super::model::{Attribut, Candidat, Fiche};
use super::store;

/// Somebody who is here, as a file is compared with them.
#[derive(Clone, Debug)]
pub(crate) struct Connu {
    /// `CA-1042`.
    pub(crate) reference: String,
    /// Their sheet.
    pub(crate) fiche: Fiche,
}

impl Connu {
    /// The labels of what differs. A day of availability passes by itself: it is not compared.
    pub(crate) fn differences(&self, autre: &Fiche) -> Vec<&'static str> {
        let compares =
            Attribut::TOUS.into_iter().filter(|a| *a != Attribut::DisponibleLe && *a != Attribut::Courriel);
        compares.filter(|a| !self.fiche.pareil(autre, *a)).map(Attribut::libelle).collect()
    }
}

/// Everybody whose address is proven.
///
/// # Errors
/// The database.
pub(crate) async fn connus(conn: &impl ConnectionTrait) -> Result<Vec<Connu>, DbErr> {
    let tous = store::actifs(conn).await?;
    Ok(tous.into_iter().map(|c| Connu { reference: c.reference(), fiche: c.fiche }).collect())
}

/// Writes people who are new here: one change of the list for all.
///
/// # Errors
/// The database; an address that somebody has already, as a broken unique index.
pub(crate) async fn inscrire(tx: &Tx, candidats: &[Candidat]) -> Result<(), DbErr> {
    store::insert_many(tx, candidats).await
}
