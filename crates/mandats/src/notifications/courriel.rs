//! The message of a novelty: a job goes through everybody whom it is for, a batch in each transaction.

use chrono::TimeDelta;
use kernel::Email;
use platform::Site;
use platform::jobs::{Job, Registry};
use platform::journal::{self, Entry};
use platform::mail::{self, Genre, Message, Portee};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::model::NotificationId;
use super::store;
use crate::{Failure, Mandats};

/// People written to in one transaction.
const LOT: i64 = 200;

/// Writes a novelty to whom it is for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Prevenir {
    pub(super) notification: Uuid,
}

impl Job for Prevenir {
    const KIND: &'static str = "mandats.notifications.prevenir";

    fn dedup_key(&self) -> Option<String> {
        Some(self.notification.to_string())
    }
}

/// Erases notifications that ended long ago, and who read them.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Oublier {}

impl Job for Oublier {
    const KIND: &'static str = "mandats.notifications.oublier";

    fn dedup_key(&self) -> Option<String> {
        Some(String::new())
    }
}

/// Erases what ended more than [`store::GARDEE`] ago; gives how many notifications went.
pub(super) async fn oublier(m: &Mandats) -> Result<u64, Failure> {
    let avant = m.jour() - store::GARDEE;
    m.site
        .db
        .write(async |tx| {
            let n = store::oublier(tx, avant).await?;
            if n > 0 {
                let line =
                    Entry::system("notification.oublier", "notification", "").with(json!({ "nombre": n }));
                journal::write(&m.site, tx, line).await?;
            }
            Ok(n)
        })
        .await
}

pub(crate) fn register(m: &Mandats, registry: &mut Registry) {
    let cx = m.clone();
    registry.on(move |_, _: Oublier| {
        let m = cx.clone();
        async move { oublier(&m).await.map(drop) }
    });
    registry.every(Oublier::KIND, TimeDelta::days(1), Oublier {});
    let m = m.clone();
    registry.on(move |_, job: Prevenir| {
        let m = m.clone();
        async move { prevenir(&m, NotificationId(job.notification)).await.map(drop) }
    });
}

/// Writes to everybody who was not written to yet; gives how many messages leave. Stopped in the middle, it goes on from where
/// it was: the mark moves in the transaction of the messages.
pub(super) async fn prevenir(m: &Mandats, id: NotificationId) -> Result<usize, Failure> {
    let mut envoyes = 0;
    loop {
        let (lus, ecrits) = m
            .site
            .db
            .write(async |tx| {
                let Some((n, jusque)) = store::tenir(tx, id).await? else { return Ok((0, 0)) };
                if !n.en_cours(m.jour()) {
                    return Ok((0, 0));
                }
                let lot = store::destinataires(tx, n.public, jusque, LOT).await?;
                let mut ecrits = 0;
                for d in &lot {
                    let Ok(to) = Email::parse(&d.courriel) else { continue };
                    mail::enqueue(&m.site, tx, &nouveaute(&m.site, to, &n.titre, &n.texte)).await?;
                    ecrits += 1;
                }
                if let Some(dernier) = lot.last() {
                    store::avancer(tx, id, dernier.id).await?;
                }
                Ok::<_, Failure>((lot.len(), ecrits))
            })
            .await?;
        envoyes += ecrits;
        if i64::try_from(lus).unwrap_or(0) < LOT {
            return Ok(envoyes);
        }
    }
}

/// Kinds of message of this room.
pub(crate) const COURRIELS: &[&Genre] = &[&NOUVEAUTE];

static NOUVEAUTE: Genre = Genre {
    cle: "notification.nouveaute",
    nom: "Une nouveauté d’Aidants Connect",
    occasion: "L’équipe des habilitations annonce une nouveauté",
    lecteur: "Les aidants, les référents, ou les deux",
    portee: Portee::Informe,
    arret: Some("Une seule fois pour chaque nouveauté"),
    apercu: |site, a| {
        Some(nouveaute(
            site,
            a,
            "Les mandats en grands caractères",
            "Vous pouvez imprimer un mandat en grands caractères.",
        ))
    },
};

fn nouveaute(site: &Site, to: Email, titre: &str, texte: &str) -> Message {
    let text = [
        "Bonjour,".to_owned(),
        titre.to_owned(),
        texte.replace("\r\n", "\n"),
        "Vous retrouvez les notifications dans votre espace :".to_owned(),
        site.url(super::pages::SIENNES),
    ];
    let subject = format!("{} : {titre}", site.config.marque.nom);
    Message { genre: &NOUVEAUTE, to, subject, text: text.join("\n\n") }
}
