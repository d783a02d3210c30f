//! How long contracts, contacts and trainings are kept, as data: the job that erases, the preview of the administration and the
//! guide read it here. The rules about candidats themselves stand in [`crate::candidats::retention`].
//!
//! What is erased is proven by a line of the journal each, and counted by rule.

mod store;

use chrono::{DateTime, Months, TimeDelta, Utc};
use platform::Site;
use platform::jobs::{Job, Registry};
use platform::journal::{self, Entry};
use sea_orm::{ConnectionTrait, DbErr};
use serde::{Deserialize, Serialize};

use crate::historique::{self, Sujet};

/// What a rule is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Chose {
    /// A contract whose last day has passed.
    ContratFini,
    /// A contract that was refused or taken back.
    ContratSansSuite,
    /// A contact that is over: declined, without answer, set aside, closed.
    Contact,
    /// Somebody's place in a session of training that is over.
    Inscription,
}

impl Chose {
    /// Its key, in the database.
    fn cle(self) -> &'static str {
        match self {
            Self::ContratFini => "contrat_fini",
            Self::ContratSansSuite => "contrat_sans_suite",
            Self::Contact => "contact",
            Self::Inscription => "inscription",
        }
    }

    /// Verb and subject of the line of the journal that proves an erasure.
    fn preuve(self) -> (&'static str, &'static str) {
        match self {
            Self::ContratFini | Self::ContratSansSuite => ("contrat.effacer", "contrat"),
            Self::Contact => ("relation.effacer", "relation"),
            Self::Inscription => ("inscription.effacer", "inscription"),
        }
    }

    /// What has a history that goes with it.
    fn sujet(self) -> Option<Sujet> {
        match self {
            Self::ContratFini | Self::ContratSansSuite => Some(Sujet::Contrat),
            Self::Contact => Some(Sujet::Relation),
            Self::Inscription => None,
        }
    }
}

/// One rule of retention.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Regle {
    /// What it is about.
    pub(crate) chose: Chose,
    /// The same, on the screen.
    pub(crate) quoi: &'static str,
    /// From when the time runs, on the screen.
    pub(crate) depuis: &'static str,
    /// For how many months.
    pub(crate) mois: u32,
    /// Where the rule comes from.
    pub(crate) source: &'static str,
}

/// Every rule.
pub(crate) const REGLES: [Regle; 4] = [
    Regle {
        chose: Chose::ContratFini,
        quoi: "Contrats terminés ou rompus",
        depuis: "le dernier jour du contrat",
        mois: 60,
        source: "prescription de cinq ans (code civil, article 2224)",
    },
    Regle {
        chose: Chose::ContratSansSuite,
        quoi: "Contrats refusés ou retirés",
        depuis: "le refus ou le retrait",
        mois: 12,
        source: "durée choisie par le programme",
    },
    Regle {
        chose: Chose::Contact,
        quoi: "Contacts déclinés, écartés, clos ou restés sans réponse",
        depuis: "la réponse, ou la proposition",
        mois: 24,
        source: "durée choisie par le programme, pour suivre l’équité des contacts",
    },
    Regle {
        chose: Chose::Inscription,
        quoi: "Inscriptions en formation",
        depuis: "la fin de la session",
        mois: 60,
        source: "durée choisie par le programme, pour justifier les formations financées",
    },
];

impl Regle {
    /// The instant before which a thing is past its time.
    pub(crate) fn limite(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let jours = TimeDelta::days(30 * i64::from(self.mois));
        now.checked_sub_months(Months::new(self.mois)).unwrap_or(now - jours)
    }
}

/// What a rule will erase, and erased.
#[derive(Clone, Debug)]
pub(crate) struct Apercu {
    /// The rule.
    pub(crate) regle: Regle,
    /// Past their time now.
    pub(crate) echus: i64,
    /// Past it within thirty days.
    pub(crate) bientot: i64,
    /// Erased so far.
    pub(crate) effaces: i64,
}

/// What each rule will erase.
///
/// # Errors
/// The database.
pub(crate) async fn apercu(conn: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<Vec<Apercu>, DbErr> {
    let mut out = Vec::new();
    for regle in REGLES {
        let echus = store::combien(conn, regle.chose, regle.limite(now)).await?;
        let tous = store::combien(conn, regle.chose, regle.limite(now + TimeDelta::days(30))).await?;
        let effaces = store::effaces(conn, regle.chose.cle()).await?;
        out.push(Apercu { regle, echus, bientot: tous - echus, effaces });
    }
    Ok(out)
}

/// Things of one rule that one transaction erases.
const PAR_TOUR: i64 = 500;

/// Erases what is past its time; how many things.
///
/// # Errors
/// The database: what was erased stays so.
pub(crate) async fn tour(site: &Site) -> Result<u64, DbErr> {
    let now = site.clock.now();
    let mut effaces = 0;
    for regle in REGLES {
        loop {
            let n = site
                .db
                .write(async |tx| {
                    let ids = store::effacer(tx, regle.chose, regle.limite(now), PAR_TOUR).await?;
                    for id in &ids {
                        if let Some(sujet) = regle.chose.sujet() {
                            historique::effacer(tx, (sujet, *id)).await?;
                        }
                        let (verbe, sujet) = regle.chose.preuve();
                        journal::write(site, tx, Entry::system(verbe, sujet, id)).await?;
                    }
                    if !ids.is_empty() {
                        store::compter(tx, regle.chose.cle(), ids.len(), now).await?;
                    }
                    Ok::<_, DbErr>(ids.len() as u64)
                })
                .await?;
            effaces += n;
            if n == 0 {
                break;
            }
        }
    }
    Ok(effaces)
}

/// Erases what is past its time, once a day.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Conserver {}

impl Job for Conserver {
    const KIND: &'static str = "conseillers.conserver";

    fn dedup_key(&self) -> Option<String> {
        Some(String::new())
    }
}

/// Says who does it.
pub(crate) fn register(site: &Site, registry: &mut Registry) {
    let s = site.clone();
    registry.on(move |_, Conserver {}| {
        let site = s.clone();
        async move { tour(&site).await.map(|_| ()) }
    });
    registry.every("conseillers.conserver", TimeDelta::days(1), Conserver {});
}

#[cfg(test)]
mod tests {
    use platform::db::kit;

    use super::*;
    use crate::contrats;
    use crate::matching::relations;
    use crate::matching::relations::tests::{avec_compte, monde, termes};

    testkit::on_both_engines! {
        migrations: crate::tests_migrations();

        async fn what_is_past_its_time_is_shown_then_erased_with_proof(t: testkit::TestSite) {
            let m = monde(&t, 1).await;
            let (c, moi) = avec_compte(&t, "a@exemple.fr", 1).await;
            let r = m.propose(&c).await.expect("asks");
            relations::actions::repondre(&m.cx, &moi, r, true, None).await.expect("agrees");
            let poste = m.postes[0].id;
            let refuse = contrats::actions::saisir(&m.cx, &m.employeur, (poste, c.id), termes()).await.expect("enters");
            contrats::actions::refuser(&m.cx, &m.admin, refuse, "Pièce fausse").await.expect("refuses");
            let valide = contrats::actions::saisir(&m.cx, &m.employeur, (poste, c.id), termes()).await.expect("enters");
            contrats::actions::valider(&m.cx, &m.admin, valide).await.expect("accepts");
            let (autre, _) = avec_compte(&t, "b@exemple.fr", 2).await;
            let sql = "INSERT INTO relation (id, candidat_id, structure_id, origine, etat, note, entretien, proposee_le, repondre_avant, version) \
                       VALUES ($1, $1, $2, 'liste', 'close', '', '{\"creneaux\":[],\"choisi\":null}', $3, $4, 0)";
            let values = [autre.id.0.into(), m.ailleurs.0.into(), t.site.clock.now().into(), m.cx.jour().into()];
            kit::execute(t.site.db.read(), sql, values).await.expect("writes");
            let conn = t.site.db.read();
            let echus = async || {
                let apercu = apercu(conn, t.site.clock.now()).await.expect("reads");
                apercu.iter().map(|a| (a.echus, a.effaces)).collect::<Vec<_>>()
            };
            assert_eq!((tour(&t.site).await.expect("erases"), echus().await), (0, vec![(0, 0); 4]));
            t.site.clock.advance(TimeDelta::days(366));
            assert_eq!(echus().await, [(0, 0), (1, 0), (0, 0), (0, 0)]);
            t.site.clock.advance(TimeDelta::days(2 * 366));
            assert_eq!(tour(&t.site).await.expect("erases"), 2, "the refused contract, the closed contact");
            assert_eq!(echus().await, [(0, 0), (0, 1), (0, 1), (0, 0)]);
            // The contract ends on 31 March 2027; five years later it goes, and its history with it.
            t.site.clock.advance(TimeDelta::days(4 * 366));
            assert_eq!(tour(&t.site).await.expect("erases"), 1);
            assert_eq!(kit::count(conn, "SELECT COUNT(*) FROM contrat", []).await.expect("counts"), 0);
            let preuve = "SELECT COUNT(*) FROM journal WHERE action IN ('contrat.effacer', 'relation.effacer')";
            assert_eq!(kit::count(conn, preuve, []).await.expect("counts"), 3);
            let histoire = "SELECT COUNT(*) FROM conseillers_historique WHERE sujet = 'contrat'";
            assert_eq!(kit::count(conn, histoire, []).await.expect("counts"), 0);
        }
    }
}
