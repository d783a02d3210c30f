//! What is done every day: drafts forgotten, what is past its time erased, aidants told of what is about to end.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use kernel::Email;
use kernel::text::compte;
use platform::db::kit;
use platform::jobs::{Job, Registry};
use platform::mail::{self, Genre, Message, Portee};
use platform::{Site, Tx};
use sea_orm::{DbErr, FromQueryResult};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::brouillon;
use super::model::BIENTOT;
use crate::{Mandats, conservation};

/// Forgets drafts, erases what is past its time.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Menage {}

impl Job for Menage {
    const KIND: &'static str = "mandats.menage";

    fn dedup_key(&self) -> Option<String> {
        Some(String::new())
    }
}

/// Tells aidants of the mandats they made that are about to end.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Rappeler {}

impl Job for Rappeler {
    const KIND: &'static str = "mandats.rappeler";

    fn dedup_key(&self) -> Option<String> {
        Some(String::new())
    }
}

/// Says who does it.
pub(crate) fn register(m: &Mandats, registry: &mut Registry) {
    let menage = m.clone();
    registry.on(move |_, _: Menage| {
        let m = menage.clone();
        async move {
            let now = m.site.clock.now();
            m.site.db.write(async |tx| brouillon::oublier_perimes(tx, now).await).await?;
            m.site.db.write(async |tx| super::identification::oublier(tx, now).await).await?;
            conservation::tout_effacer(&m).await.map(drop)
        }
    });
    registry.every("mandats.menage", TimeDelta::days(1), Menage {});
    let site = m.site.clone();
    registry.on(move |_, _: Rappeler| {
        let site = site.clone();
        async move { rappeler(&site).await.map(drop) }
    });
    registry.every("mandats.rappeler", TimeDelta::days(1), Rappeler {});
}

#[derive(FromQueryResult)]
struct Fin {
    id: Uuid,
    numero: String,
    expire_le: DateTime<Utc>,
    courriel: String,
}

/// Mandats told of in one turn.
const PAR_TOUR: i64 = 1_000;

/// Turn after turn until nobody is left to be told; gives how many messages leave.
pub(super) async fn rappeler(site: &Site) -> Result<usize, DbErr> {
    let mut envoyes = 0;
    loop {
        let (partis, mandats) = un_tour(site).await?;
        envoyes += partis;
        if mandats < PAR_TOUR {
            return Ok(envoyes);
        }
    }
}

/// One message for each aidant who made some, and still works where they are; each mandat is told of once. A mandat whose aidant
/// left, or that was taken over or transferred, is told to one who makes mandats there: of their team first, then a référent.
/// Short mandats are meant to end: nobody is told. Gives how many messages leave, of how many mandats.
async fn un_tour(site: &Site) -> Result<(usize, i64), DbErr> {
    let now = site.clock.now();
    site.db
        .write(async |tx| {
            let sql = "SELECT m.id, m.numero, m.expire_le, (SELECT a.courriel FROM aidant_appartenance o \
                       JOIN aidant a ON a.id = o.aidant_id AND a.etat = 'actif' \
                       LEFT JOIN aidant_appartenance p ON p.id = m.appartenance_id \
                       WHERE o.structure_id = m.structure_id AND o.fin IS NULL AND o.fait_mandats \
                       ORDER BY CASE WHEN o.aidant_id = p.aidant_id THEN 0 WHEN o.equipe_id = p.equipe_id THEN 1 ELSE 2 END, \
                       o.referent DESC, o.debut, o.id LIMIT 1) AS courriel FROM mandat m \
                       WHERE m.expire_le > $1 AND m.expire_le <= $2 AND m.duree >= 182 AND m.rappele_le IS NULL \
                       AND EXISTS (SELECT 1 FROM aidant_appartenance o JOIN aidant a ON a.id = o.aidant_id AND a.etat = 'actif' \
                       WHERE o.structure_id = m.structure_id AND o.fin IS NULL AND o.fait_mandats) \
                       AND EXISTS (SELECT 1 FROM mandat_autorisation x WHERE x.mandat_id = m.id AND x.fin_le IS NULL) \
                       ORDER BY m.expire_le, m.id LIMIT $3";
            let bientot = now + TimeDelta::days(BIENTOT);
            let fins: Vec<Fin> =
                kit::query_as(tx, sql, [now.into(), bientot.into(), PAR_TOUR.into()]).await?;
            let mandats = i64::try_from(fins.len()).unwrap_or(i64::MAX);
            let mut par: BTreeMap<String, Vec<Fin>> = BTreeMap::new();
            for f in fins {
                par.entry(f.courriel.clone()).or_default().push(f);
            }
            let mut envoyes = 0;
            for (courriel, fins) in par {
                envoyes += usize::from(envoyer(site, tx, &courriel, &fins).await?);
                for f in fins {
                    let sql = "UPDATE mandat SET rappele_le = $2 WHERE id = $1";
                    kit::execute(tx, sql, [f.id.into(), now.into()]).await?;
                }
            }
            Ok((envoyes, mandats))
        })
        .await
}

/// Numbers and days; no name of person travels by mail.
async fn envoyer(site: &Site, tx: &Tx, courriel: &str, fins: &[Fin]) -> Result<bool, DbErr> {
    let Ok(to) = Email::parse(courriel) else { return Ok(false) };
    mail::enqueue(site, tx, &bientot(site, to, fins)).await.map(|()| true)
}

/// Kinds of message of this room.
pub(crate) const COURRIELS: &[&Genre] = &[&FINIT, &super::identification::courriels::IDENTIFICATION];

static FINIT: Genre = Genre {
    cle: "mandat.bientot_fini",
    nom: "Des mandats finissent bientôt",
    occasion: "Trente jours avant la fin d’un mandat",
    lecteur: "L’aidant qui l’a fait ; s’il n’est plus là, un collègue qui fait des mandats",
    portee: Portee::Informe,
    arret: Some("Une seule fois pour chaque mandat"),
    apercu: |site, a| {
        let expire_le = site.clock.now() + chrono::TimeDelta::days(20);
        let (id, numero) = (uuid::Uuid::nil(), "4F7K-9QXT-2M6C".to_owned());
        Some(bientot(site, a, &[Fin { id, numero, expire_le, courriel: String::new() }]))
    },
};

fn bientot(site: &Site, to: Email, fins: &[Fin]) -> Message {
    let nom = &site.config.marque.nom;
    let n = u64::try_from(fins.len()).unwrap_or(u64::MAX);
    let lignes: Vec<String> = fins
        .iter()
        .map(|f| {
            format!("Mandat n° {} : jusqu’au {}.", f.numero, kernel::calendrier::en_lettres(&f.expire_le))
        })
        .collect();
    let text = [
        "Bonjour,".to_owned(),
        format!(
            "{} de votre organisation {} dans les 30 jours :",
            compte(n, "mandat", "mandats"),
            if n < 2 { "finit" } else { "finissent" }
        ),
        lignes.join("\n"),
        "Si la personne en a encore besoin, renouvelez-le avec elle, depuis sa page :".to_owned(),
        site.url("/aidant/personnes"),
        "Un renouvellement pour les mêmes démarches ne demande pas FranceConnect.".to_owned(),
    ];
    let subject =
        format!("{nom} : {} bientôt", if n < 2 { "un mandat finit" } else { "des mandats finissent" });
    Message { genre: &FINIT, to, subject, text: text.join("\n\n") }
}
