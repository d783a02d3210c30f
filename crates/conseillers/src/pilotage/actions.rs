//! What the administration does on the dashboard: one function a verb, in one transaction.

use chrono::NaiveDate;
use kernel::{Actor, Perimetre, Refusal, Verb};
use platform::journal::{self, Entry};
use sea_orm::DbErr;
use serde_json::json;

use super::lecture::{avancement, empreinte};
use super::model::{EtatId, Fige};
use super::store;
use crate::Conseillers;
use crate::Failure;
use crate::contrats::rules::OUVERTURE;

/// Most people that a forecast may say.
const PREVISION_MAX: i64 = 100_000;

/// Says how many people are expected in post at a milestone; none takes the forecast back.
pub(super) async fn prevoir(
    c: &Conseillers,
    actor: &Actor,
    cle: &str,
    prevision: Option<i64>,
) -> Result<(), Failure> {
    actor.may(Verb::PiloterProgramme)?;
    if prevision.is_some_and(|n| !(0..=PREVISION_MAX).contains(&n)) {
        return Err(Refusal::conflict("Écrivez un nombre de personnes entre 0 et 100 000.").into());
    }
    c.site
        .db
        .write(async |tx| {
            if !store::prevoir(tx, cle, prevision).await? {
                return Err(Refusal::NotFound.into());
            }
            let line =
                Entry::by(actor, "jalon.prevoir", "jalon", cle).with(json!({ "prevision": prevision }));
            Ok(journal::write(&c.site, tx, line).await?)
        })
        .await
}

/// Freezes the state of progress of a day for the whole country: what was read is kept, whatever changes later.
pub(super) async fn figer(c: &Conseillers, actor: &Actor, le: NaiveDate) -> Result<EtatId, Failure> {
    actor.may(Verb::PiloterProgramme)?;
    if le < OUVERTURE {
        let phrase =
            "Le programme a été annoncé le 17 novembre 2020 : choisissez cette date ou une date d’après.";
        return Err(Refusal::field("le", phrase).into());
    }
    if le > c.jour() {
        return Err(
            Refusal::field("le", "Cette date est à venir : l’état ne peut pas encore être figé.").into()
        );
    }
    let etat = avancement(c, &Perimetre::National, le).await?;
    let contenu = serde_json::to_string(&etat).map_err(|error| DbErr::Type(error.to_string()))?;
    let f = Fige {
        id: EtatId::new(&c.site.clock, &c.site.chance),
        le,
        fige_le: c.site.clock.now(),
        empreinte: empreinte(&contenu),
    };
    c.site
        .db
        .write(async |tx| {
            store::figer(tx, &f, actor, &contenu).await?;
            let facts = json!({ "le": le, "empreinte": f.empreinte });
            let line = Entry::by(actor, "avancement.figer", "etat_avancement", f.id).with(facts);
            journal::write(&c.site, tx, line).await?;
            Ok(f.id)
        })
        .await
}
