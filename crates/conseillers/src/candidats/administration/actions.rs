//! What the administration does with files.

use kernel::{Actor, Refusal, Verb};
use platform::Site;
use platform::journal::{self, Entry};

use super::super::model::{Candidat, CandidatId};
use super::super::store;
use crate::Failure;

/// Opens a file; the reading is journalled, and told to the person.
///
/// # Errors
/// [`Refusal::NotFound`] when there is no such file.
pub(super) async fn ouvrir(site: &Site, actor: &Actor, id: CandidatId) -> Result<Candidat, Failure> {
    let c = store::get(site.db.read(), id).await?.ok_or(Refusal::NotFound)?;
    actor.may_on(Verb::GererCandidats, &c.cible())?;
    if actor.vu_par.is_none() {
        site.db
            .write(async |tx| {
                journal::write(site, tx, Entry::by(actor, "candidat.lire", "candidat", id)).await
            })
            .await?;
    }
    Ok(c)
}
