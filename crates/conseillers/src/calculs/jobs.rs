//! How the job of a computation goes. It may run twice: the second time, it finds it done.

use std::time::Duration;

use chrono::TimeDelta;
use platform::jobs;
use sea_orm::DbErr;
use uuid::Uuid;

use super::model::{Calcul, CalculId, Genre};
use super::store;
use crate::Conseillers;
use crate::Failure;
use crate::entree::Refus;

/// How long the job is held after each sign of life.
const BAIL: TimeDelta = TimeDelta::minutes(10);
/// How often it gives one.
const SIGNE: Duration = Duration::from_secs(2);

/// Reads what the computation stands on (`lire`), works it out away from the requests (`calculer`), and keeps what was found
/// or why nothing can be.
///
/// # Errors
/// The database: the job is tried again.
pub(crate) async fn jouer<G: Genre, L: Send + 'static>(
    c: &Conseillers,
    tache: Uuid,
    id: CalculId,
    lire: impl AsyncFnOnce(&Conseillers, &Calcul<G>) -> Result<L, Failure>,
    calculer: impl FnOnce(L) -> Result<(G::Bilan, Vec<G::Ligne>), Refus> + Send + 'static,
) -> Result<(), Failure> {
    let site = &c.site;
    let Some(s) = store::get::<G>(site.db.read(), id).await?.filter(Calcul::en_calcul) else { return Ok(()) };
    let debut = site.clock.now();
    jobs::progress(site, tache, "Lecture des données.", BAIL).await?;
    let lu = lire(c, &s).await?;
    let suivi = tokio::spawn(suivre(c.clone(), tache));
    let fait = tokio::task::spawn_blocking(move || calculer(lu)).await;
    suivi.abort();
    let fait = fait.map_err(|e| DbErr::Custom(e.to_string()))?;
    let fin = site.clock.now();
    let duree = (fin - debut).num_milliseconds();
    site.db
        .write(async |tx| match &fait {
            Ok((bilan, lignes)) => store::conclure::<G>(tx, id, (fin, duree), (bilan, lignes)).await,
            Err(refus) => store::refuser(tx, id, &kernel::text::majuscule(&refus.0)).await,
        })
        .await?;
    Ok(())
}

/// Says that the work goes on. A write that fails is no matter: the next one may not.
async fn suivre(c: Conseillers, tache: Uuid) {
    let debut = c.site.clock.now();
    loop {
        let secondes = (c.site.clock.now() - debut).num_seconds();
        let texte =
            format!("Calcul en cours depuis {secondes} s. Pour tout le pays, il demande moins d’une minute.");
        let _ = jobs::progress(&c.site, tache, &texte, BAIL).await;
        tokio::time::sleep(SIGNE).await;
    }
}
