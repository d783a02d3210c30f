//! How long professionals, requests, trainings and people who never signed are kept, as data; what is kept of mandats stands in
//! [`crate::mandats::retention`]. The job, the page of the staff, the command and the registre read both here.
//!
//! Each thing is looked at again once held, and goes in its own transaction with the line of the journal that proves it.

mod store;
#[cfg(test)]
mod tests;

use chrono::{DateTime, TimeDelta, Utc};
use platform::journal::{self, Entry};
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::json;
use uuid::Uuid;

use crate::mandats::retention::{self, Regle};
use crate::{Failure, Mandats};

/// What a rule is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Chose {
    /// A professional who left every organisation, with what is left of their account.
    AidantParti,
    /// A professional who was refused, or whose request was cancelled.
    AidantRefuse,
    /// A request of habilitation that was refused or withdrawn.
    HabilitationSansSuite,
    /// A draft of one.
    HabilitationBrouillon,
    /// Somebody's place in a session of training, and whether they came.
    Inscription,
    /// A person who was identified and never signed.
    SansMandat,
}

/// Every rule of this room.
pub const REGLES: [(Chose, Regle); 6] = [
    (
        Chose::AidantParti,
        Regle {
            quoi: "Aidants et référents partis, avec leur compte s’il n’a plus de rôle",
            depuis: "leur départ, une fois effacés les mandats et les démarches qu’ils ont faits",
            mois: 72,
            source: "politique de confidentialité d’Aidants Connect : trois ans, puis trois ans que personne ne lit",
        },
    ),
    (
        Chose::AidantRefuse,
        Regle {
            quoi: "Personnes à former refusées, ou dont la demande est annulée",
            depuis: "le refus ou l’annulation",
            mois: 24,
            source: "durée choisie par le programme, pour répondre à un recours et à une nouvelle demande",
        },
    ),
    (
        Chose::HabilitationSansSuite,
        Regle {
            quoi: "Demandes d’habilitation refusées ou retirées, avec leurs personnes et leurs messages",
            depuis: "le refus ou le retrait",
            mois: 24,
            source: "durée choisie par le programme, pour répondre à un recours et à une nouvelle demande",
        },
    ),
    (
        Chose::HabilitationBrouillon,
        Regle {
            quoi: "Brouillons de demande d’habilitation",
            depuis: "la dernière modification",
            mois: BROUILLON,
            source: "durée choisie par le programme, dite dans le courriel qui accompagne le brouillon",
        },
    ),
    (
        Chose::Inscription,
        Regle {
            quoi: "Inscriptions et présences aux formations",
            depuis: "la fin de la session",
            mois: 60,
            source: "durée choisie par le programme, pour justifier les formations financées",
        },
    ),
    (
        Chose::SansMandat,
        Regle {
            quoi: "Personnes identifiées dont aucun mandat n’a été signé",
            depuis: "leur dernière identification",
            mois: 3,
            source: "durée choisie par le programme : aucun mandat n’est à prouver",
        },
    ),
];

/// How long a draft of a request is kept after it was last touched, in months.
pub(crate) const BROUILLON: u32 = 6;

/// What one turn erases of a rule: the next turn goes on.
const PAR_TOUR: u64 = 500;

impl Chose {
    /// The line of the journal that proves an erasure, and what it is about.
    fn preuve(self) -> (&'static str, &'static str) {
        match self {
            Self::AidantParti | Self::AidantRefuse => ("aidant.effacer", "aidant"),
            Self::HabilitationSansSuite | Self::HabilitationBrouillon => {
                ("habilitation.oublier", "habilitation")
            }
            Self::Inscription => ("formation_aidants.effacer", "inscription"),
            Self::SansMandat => ("usager.effacer", "usager"),
        }
    }
}

/// What each rule would erase now, and within thirty days, those of mandats first: the dry run.
///
/// # Errors
/// The database.
pub async fn a_effacer(
    conn: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<Vec<(Regle, i64, i64)>, DbErr> {
    let mut dues = retention::a_effacer(conn, now).await?;
    for (chose, regle) in REGLES {
        let maintenant = store::combien(conn, chose, &regle, now).await?;
        let bientot = store::combien(conn, chose, &regle, now + TimeDelta::days(30)).await?;
        dues.push((regle, maintenant, bientot - maintenant));
    }
    Ok(dues)
}

/// Erases all that is past its time, turn after turn until nothing is left; gives how many things of each rule went, in the
/// order of [`a_effacer`].
///
/// # Errors
/// The database: what was erased stays so.
pub async fn tout_effacer(m: &Mandats) -> Result<Vec<(Regle, u64)>, Failure> {
    let (mandats, personnes, usages) = retention::tout_effacer(m).await?;
    let mut faits: Vec<(Regle, u64)> =
        retention::REGLES.into_iter().zip([mandats, personnes, usages]).collect();
    for (chose, regle) in REGLES {
        let mut effaces = 0;
        loop {
            let now = m.site.clock.now();
            let mut tour = 0;
            for id in store::echus(m.site.db.read(), chose, &regle, now, PAR_TOUR).await? {
                tour += u64::from(effacer(m, chose, &regle, id).await?);
            }
            if tour == 0 {
                break;
            }
            effaces += tour;
        }
        faits.push((regle, effaces));
    }
    Ok(faits)
}

/// Erases one thing, if it is still past its time once held; says whether it went.
async fn effacer(m: &Mandats, chose: Chose, regle: &Regle, id: Uuid) -> Result<bool, Failure> {
    let (site, now) = (&m.site, m.site.clock.now());
    site.db
        .write(async |tx| {
            store::tenir(tx, chose, id).await?;
            if !store::echu(tx, chose, regle, now, id).await? {
                return Ok(false);
            }
            let (verbe, sujet) = chose.preuve();
            let quoi = store::effacer(site, tx, chose, id).await?;
            let ligne = Entry::system(verbe, sujet, quoi).with(json!({ "mois": regle.mois }));
            journal::write(site, tx, ligne).await?;
            Ok(true)
        })
        .await
}
