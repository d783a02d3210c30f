//! What visitors report: an error on the sheet of a lieu, a lieu that is missing. Kept in order, answered by those who look
//! after the territory, and applied through the same actions as their own corrections.

mod actions;
mod application;
mod formulaire;
mod gestion;
mod model;
mod public;
mod store;
mod table;

#[cfg(test)]
mod tests;

use kernel::{Actor, Verb};
use platform::Site;
use platform::jobs::Registry;
use platform::web::{Access, Routes};
use sea_orm::DbErr;

use crate::Annuaire;

pub(crate) use actions::REPONSE;
pub(super) use table::Signalements0033;

/// Where the queue lives.
/// How many reports wait for an answer, within the scope of the actor.
///
/// # Errors
/// The database.
pub(super) async fn recus(site: &Site, actor: &Actor) -> Result<usize, DbErr> {
    Ok(actions::file(site, actor, model::Etat::Recu).await?.len())
}

const BASE: &str = "/gestion/lieux/signalements";

pub(crate) fn routes(annuaire: Annuaire) -> Routes<()> {
    let voir = Access::May(Verb::VoirLieux);
    let modifier = Access::May(Verb::ModifierLieux);
    Routes::new()
        .get("/lieux/{id}/signaler", Access::Public, public::signaler)
        .post("/lieux/{id}/signaler", Access::Public, public::envoyer)
        .get("/lieux/proposer", Access::Public, public::proposer)
        .post("/lieux/proposer", Access::Public, public::envoyer_proposition)
        .get(BASE, voir, gestion::file)
        .get(&format!("{BASE}/{{signalement}}"), voir, gestion::un)
        .post(&format!("{BASE}/{{signalement}}/accepter"), modifier, gestion::accepter)
        .post(&format!("{BASE}/{{signalement}}/refuser"), modifier, gestion::refuser)
        .with_state(annuaire)
}

/// Forgets, once a day, the addresses of those who were never answered.
pub(crate) fn register(annuaire: &Annuaire, registry: &mut Registry) {
    let site = annuaire.site.clone();
    registry.on(move |_, job: actions::OublierAdresses| {
        let site = site.clone();
        async move { actions::oublier(&site, job).await }
    });
    registry.every("annuaire.signalements", chrono::TimeDelta::days(1), actions::OublierAdresses);
}
