//! What the team tells aidants and référents on their pages, until they have read it or until its day
//! (`docs/mandats/notifications.md`).

pub mod actions;
mod courriel;
mod migration;
pub mod model;
mod pages;
pub(crate) mod store;
#[cfg(test)]
mod tests;

use kernel::ids::CompteId;

pub(crate) use courriel::{COURRIELS, register};
pub(crate) use migration::Mandats0103;
pub(crate) use pages::routes;

use crate::{Failure, Mandats, aidants};

/// Most notifications on a home page; the others are in the list.
const MONTREES: usize = 5;

/// What that account has not read yet, newest first: for home pages.
///
/// # Errors
/// The database.
pub(crate) async fn a_lire(m: &Mandats, compte: CompteId) -> Result<Vec<model::Notification>, Failure> {
    let conn = m.site.db.read();
    let Some(a) = aidants::store::du_compte(conn, compte).await? else { return Ok(Vec::new()) };
    let mut toutes = store::de_aidant(conn, &a, m.jour()).await?;
    toutes.retain(|n| n.lue_le.is_none() && n.en_cours(m.jour()));
    toutes.truncate(MONTREES);
    Ok(toutes.into_iter().map(|n| n.notification).collect())
}
