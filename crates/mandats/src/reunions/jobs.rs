//! Who comes is reminded; who was invited is forgotten.

use chrono::TimeDelta;
use platform::jobs::{Job, Registry};
use platform::mail;
use serde::{Deserialize, Serialize};

use super::model::Reponse;
use super::{CONSERVATION, actions, courriels, regles, store};
use crate::{Failure, Mandats};
use platform::journal::{self, Entry};
use serde_json::json;

/// Reminds who comes, forgets who was invited long ago.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Veiller {}

impl Job for Veiller {
    const KIND: &'static str = "mandats.reunions.veiller";

    fn dedup_key(&self) -> Option<String> {
        Some(String::new())
    }
}

/// Says who does it, and how often.
pub(crate) fn register(m: &Mandats, registry: &mut Registry) {
    let m = m.clone();
    registry.on(move |_, _: Veiller| {
        let m = m.clone();
        async move {
            rappeler(&m).await?;
            oublier(&m).await.map(drop)
        }
    });
    registry.every(Veiller::KIND, TimeDelta::hours(12), Veiller {});
}

/// Reminds who comes to a meeting of the next days, once each: a message that left within the same days is a reminder too.
/// Gives how many left.
pub(super) async fn rappeler(m: &Mandats) -> Result<usize, Failure> {
    let (jour, now, mut envoyes) = (m.jour(), m.site.clock.now(), 0);
    let demain = jour + TimeDelta::days(1);
    for r in store::prochaines(m.site.db.read(), (demain, jour + regles::RAPPEL)).await? {
        envoyes += m
            .site
            .db
            .write(async |tx| {
                let Some(r) = store::tenir(tx, r.id).await?.filter(|r| r.annulee.is_none()) else {
                    return Ok(0);
                };
                let mut n = 0;
                let depuis = kernel::calendrier::minuit(r.fiche.jour - regles::RAPPEL);
                for i in store::invites(tx, r.id).await? {
                    let dit = i.ecrit_le.is_some_and(|le| le >= depuis);
                    let Some(to) = i.courriel.clone().filter(|_| i.reponse == Reponse::Vient && !dit) else {
                        continue;
                    };
                    let secret = actions::lier(m, tx, i.id).await?;
                    mail::enqueue(&m.site, tx, &courriels::rappel(&m.site, &to, &r, secret.expose())).await?;
                    store::inviter(tx, &super::model::Invite { ecrit_le: Some(now), ..i }).await?;
                    n += 1;
                }
                Ok::<_, Failure>(n)
            })
            .await?;
    }
    Ok(envoyes)
}

/// Forgets who was invited to meetings of more than [`CONSERVATION`] ago.
pub(super) async fn oublier(m: &Mandats) -> Result<u64, Failure> {
    let avant = m.jour() - CONSERVATION;
    m.site
        .db
        .write(async |tx| {
            let n = store::oublier(tx, avant).await?;
            if n > 0 {
                let line = Entry::system("reunion.oublier", "reunion", "").with(json!({ "personnes": n }));
                journal::write(&m.site, tx, line).await?;
            }
            Ok(n)
        })
        .await
}
