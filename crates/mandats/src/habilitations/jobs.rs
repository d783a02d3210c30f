//! Links that are over; what waits, once a week.

use chrono::TimeDelta;
use kernel::{Perimetre, Role};
use platform::jobs::{Job, Registry};
use platform::mail;
use sea_orm::DbErr;
use serde::{Deserialize, Serialize};

use super::courriels;
use super::model::Etat;
use super::store::{self, Filtre};
use crate::Mandats;

/// Age from which a request is said to be old, in days.
const VIEILLE: i64 = 15;

/// Forgets links that are over, people who never proved their address; drafts go with [`crate::conservation`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Oublier {}

impl Job for Oublier {
    const KIND: &'static str = "mandats.oublier_brouillons_d_habilitation";

    fn dedup_key(&self) -> Option<String> {
        Some(String::new())
    }
}

/// Tells the staff what waits.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Semaine {}

impl Job for Semaine {
    const KIND: &'static str = "mandats.semaine_des_habilitations";

    fn dedup_key(&self) -> Option<String> {
        Some(String::new())
    }
}

pub(super) async fn oublier(m: &Mandats) -> Result<(), DbErr> {
    let now = m.site.clock.now();
    m.site.db.write(async |tx| store::oublier_liens(tx, now).await).await
}

pub(super) async fn semaine(m: &Mandats) -> Result<(), DbErr> {
    let (site, conn, now) = (&m.site, m.site.db.read(), m.site.clock.now());
    let mut messages = Vec::new();
    for (courriel, perimetres) in identity::courriels_de_role(conn, Role::EquipeHabilitation, now).await? {
        let (mut attendent, mut vieilles, mut sans_reponse) = (0, 0, 0);
        for perimetre in perimetres {
            let (a, v, s) = attente(m, &perimetre).await?;
            attendent += a;
            vieilles += v;
            sans_reponse += s;
        }
        if attendent + sans_reponse > 0 {
            messages.push(courriels::semaine(site, &courriel, attendent, vieilles, sans_reponse));
        }
    }
    site.db
        .write(async |tx| {
            for message in &messages {
                mail::enqueue(site, tx, message).await?;
            }
            Ok(())
        })
        .await
}

/// How many wait within a scope, how many of them for long, how many for an answer.
pub(crate) async fn attente(m: &Mandats, perimetre: &Perimetre) -> Result<(usize, usize, usize), DbErr> {
    let (conn, now) = (m.site.db.read(), m.site.clock.now());
    let a_etudier = Filtre { etat: Some(Etat::EnInstruction), ..Filtre::default() };
    let attendent = store::compter(conn, perimetre, &a_etudier).await?;
    let premieres = store::lister(conn, perimetre, &a_etudier, None, (0, 500)).await?;
    let vieilles = premieres.iter().filter(|l| l.age(now) > VIEILLE).count();
    let sans_reponse = Filtre { attend_reponse: true, ..Filtre::default() };
    Ok((attendent, vieilles, store::compter(conn, perimetre, &sans_reponse).await?))
}

/// Says who does these jobs, and how often.
pub(crate) fn register(m: &Mandats, registry: &mut Registry) {
    let cx = m.clone();
    registry.on(move |_, _: Oublier| {
        let m = cx.clone();
        async move { oublier(&m).await }
    });
    registry.every(Oublier::KIND, TimeDelta::days(1), Oublier {});
    let cx = m.clone();
    registry.on(move |_, _: Semaine| {
        let m = cx.clone();
        async move { semaine(&m).await }
    });
    registry.every(Semaine::KIND, TimeDelta::days(7), Semaine {});
}
