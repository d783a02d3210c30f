//! What is past its time, and how it goes.

use chrono::{DateTime, Utc};
use kernel::Role;
use kernel::ids::CompteId;
use platform::db::kit;
use platform::{Site, Tx};
use sea_orm::{ConnectionTrait, DbErr, Value};
use uuid::Uuid;

use super::Chose;
use crate::ids::UsagerId;
use crate::mandats::retention::{self, Regle};
use crate::{Failure, usagers};

/// Professionals of the states that `$2` names, whom nothing that is kept names any more.
const AIDANTS: &str = "FROM aidant x WHERE x.etat_le < $1 AND x.etat = $2 \
    AND NOT EXISTS (SELECT 1 FROM mandat_usage u WHERE u.aidant_id = x.id) \
    AND NOT EXISTS (SELECT 1 FROM mandat m JOIN aidant_appartenance p ON p.id = m.appartenance_id WHERE p.aidant_id = x.id) \
    AND NOT EXISTS (SELECT 1 FROM aidant_demande d WHERE d.aidant_id = x.id AND d.etat = 'nouvelle')";
const HABILITATIONS: &str = "FROM habilitation_demande x WHERE COALESCE(x.decidee_le, x.modifie_le) < $1 \
    AND x.modifie_le < $1 AND (x.etat = $2 OR x.etat = $3)";
const BROUILLONS: &str = "FROM habilitation_demande x WHERE x.modifie_le < $1 AND x.etat = $2";
const INSCRIPTIONS: &str =
    "FROM formations_inscription x JOIN formations_session s ON s.id = x.session_id WHERE s.fin < $1";
/// Known for less than mandats are kept (`$2`): had there been one, it would still be here. The others follow the rule of
/// people whose mandats are over.
const SANS_MANDAT: &str = "FROM usager x WHERE x.vu_le < $1 AND x.cree_le >= $2 \
    AND NOT EXISTS (SELECT 1 FROM mandat m WHERE m.usager_id = x.id) \
    AND NOT EXISTS (SELECT 1 FROM mandat_brouillon b WHERE b.usager_id = x.id)";

fn lequel(chose: Chose, regle: &Regle, now: DateTime<Utc>) -> (&'static str, Vec<Value>) {
    let limite = regle.limite(now);
    match chose {
        Chose::AidantParti => (AIDANTS, vec![limite.into(), "parti".into()]),
        Chose::AidantRefuse => (AIDANTS, vec![limite.into(), "refuse".into()]),
        Chose::HabilitationSansSuite => {
            (HABILITATIONS, vec![limite.into(), "refusee".into(), "annulee".into()])
        }
        Chose::HabilitationBrouillon => (BROUILLONS, vec![limite.into(), "brouillon".into()]),
        Chose::Inscription => (INSCRIPTIONS, vec![kernel::calendrier::jour(&limite).into()]),
        Chose::SansMandat => (SANS_MANDAT, vec![limite.into(), retention::MANDAT.limite(now).into()]),
    }
}

/// How many are past their time.
pub(super) async fn combien(
    conn: &impl ConnectionTrait,
    chose: Chose,
    regle: &Regle,
    now: DateTime<Utc>,
) -> Result<i64, DbErr> {
    let (quoi, values) = lequel(chose, regle, now);
    kit::count(conn, &format!("SELECT COUNT(*) {quoi}"), values).await
}

/// Which ones, the first of them.
pub(super) async fn echus(
    conn: &impl ConnectionTrait,
    chose: Chose,
    regle: &Regle,
    now: DateTime<Utc>,
    combien: u64,
) -> Result<Vec<Uuid>, DbErr> {
    let (quoi, values) = lequel(chose, regle, now);
    let sql = format!("SELECT x.id {quoi} ORDER BY x.id LIMIT {combien}");
    let rows = kit::query(conn, &sql, values).await?;
    rows.iter().map(|r| r.try_get_by_index(0)).collect()
}

/// Whether that one is.
pub(super) async fn echu(
    tx: &Tx,
    chose: Chose,
    regle: &Regle,
    now: DateTime<Utc>,
    id: Uuid,
) -> Result<bool, DbErr> {
    let (quoi, mut values) = lequel(chose, regle, now);
    values.push(id.into());
    let sql = format!("SELECT COUNT(*) {quoi} AND x.id = ${}", values.len());
    Ok(kit::count(tx, &sql, values).await? == 1)
}

/// Holds it until the end of the transaction.
pub(super) async fn tenir(tx: &Tx, chose: Chose, id: Uuid) -> Result<(), DbErr> {
    let sql = match chose {
        Chose::AidantParti | Chose::AidantRefuse => "UPDATE aidant SET version = version WHERE id = $1",
        Chose::HabilitationSansSuite | Chose::HabilitationBrouillon => {
            "UPDATE habilitation_demande SET version = version WHERE id = $1"
        }
        Chose::Inscription => "UPDATE formations_inscription SET etat = etat WHERE id = $1",
        Chose::SansMandat => "UPDATE usager SET version = version WHERE id = $1",
    };
    kit::execute(tx, sql, [id.into()]).await.map(drop)
}

/// Erases it with what hangs from it; gives what the journal calls it.
pub(super) async fn effacer(site: &Site, tx: &Tx, chose: Chose, id: Uuid) -> Result<String, Failure> {
    match chose {
        Chose::AidantParti | Chose::AidantRefuse => aidant(site, tx, id).await?,
        Chose::HabilitationSansSuite | Chose::HabilitationBrouillon => habilitation(tx, id).await?,
        Chose::Inscription => {
            kit::execute(tx, "DELETE FROM formations_inscription WHERE id = $1", [id.into()]).await?;
        }
        Chose::SansMandat => {
            let usager = usagers::store::lire(tx, UsagerId(id)).await?;
            let usager = usager.ok_or_else(|| DbErr::RecordNotFound("usager".to_owned()))?;
            let qui = usagers::pseudonyme(site, &usager)?;
            usagers::store::effacer(tx, usager.id).await?;
            return Ok(qui);
        }
    }
    Ok(id.to_string())
}

async fn aidant(site: &Site, tx: &Tx, id: Uuid) -> Result<(), Failure> {
    let compte = kit::query(tx, "SELECT compte_id FROM aidant WHERE id = $1", [id.into()]).await?;
    let compte = match compte.first() {
        Some(row) => row.try_get_by_index::<Option<Uuid>>(0)?,
        None => None,
    };
    for sql in [
        "DELETE FROM aidant_notification_lue WHERE aidant_id = $1",
        "DELETE FROM aidant_notification_lue WHERE notification_id IN \
         (SELECT id FROM aidant_notification WHERE aidant_id = $1)",
        "DELETE FROM aidant_notification WHERE aidant_id = $1",
        "DELETE FROM aidant_proposition WHERE aidant_id = $1",
        "DELETE FROM aidant_relance WHERE aidant_id = $1",
        "DELETE FROM aidant_secours WHERE aidant_id = $1",
        "DELETE FROM aidant_demande WHERE aidant_id = $1",
        "DELETE FROM aidant_vie WHERE aidant_id = $1",
        "DELETE FROM aidant_parcours WHERE aidant_id = $1",
        "DELETE FROM formations_inscription WHERE aidant_id = $1",
        "DELETE FROM habilitation_personne WHERE aidant_id = $1",
        "DELETE FROM aidant_appartenance WHERE aidant_id = $1",
        "DELETE FROM aidant WHERE id = $1",
    ] {
        kit::execute(tx, sql, [id.into()]).await?;
    }
    if let Some(compte) = compte {
        let roles = [Role::Aidant, Role::Referent, Role::AidantReferent];
        identity::forget_by_programme(site, tx, CompteId(compte), &roles).await?;
    }
    Ok(())
}

/// With it goes whoever asked, when they ask for nothing else.
async fn habilitation(tx: &Tx, id: Uuid) -> Result<(), DbErr> {
    let demandeur =
        kit::query(tx, "SELECT demandeur_id FROM habilitation_demande WHERE id = $1", [id.into()]).await?;
    for sql in [
        "DELETE FROM habilitation_message WHERE demande_id = $1",
        "DELETE FROM habilitation_personne WHERE demande_id = $1",
        "DELETE FROM habilitation_demande WHERE id = $1",
    ] {
        kit::execute(tx, sql, [id.into()]).await?;
    }
    let Some(row) = demandeur.first() else { return Ok(()) };
    let demandeur: Uuid = row.try_get_by_index(0)?;
    let seul = "NOT EXISTS (SELECT 1 FROM habilitation_demande d WHERE d.demandeur_id = $1)";
    for sql in [
        format!("DELETE FROM habilitation_lien WHERE demandeur_id = $1 AND {seul}"),
        format!("DELETE FROM habilitation_demandeur WHERE id = $1 AND {seul}"),
    ] {
        kit::execute(tx, &sql, [demandeur.into()]).await?;
    }
    Ok(())
}
