//! Rows of decisions.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kernel::ids::CompteId;
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::{abime, json};
use crate::ids::{DemandeId, SeanceId};
use crate::selection::model::{Decision, Notes};

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    seance_id: Uuid,
    demande_id: Uuid,
    donnees: String,
    commentaire: String,
    prioritaire: bool,
    observations: String,
    enveloppes: String,
    par: Uuid,
    le: DateTime<Utc>,
    notifiee_le: Option<DateTime<Utc>>,
}

const COLUMNS: &str = "id, seance_id, demande_id, donnees, commentaire, prioritaire, observations, enveloppes, par, le, notifiee_le";

impl Row {
    fn decision(self) -> Result<Decision, DbErr> {
        Ok(Decision {
            id: self.id,
            seance: SeanceId(self.seance_id),
            demande: DemandeId(self.demande_id),
            verdict: serde_json::from_str(&self.donnees).map_err(|_| abime(self.id, "donnees"))?,
            notes: Notes {
                commentaire: self.commentaire,
                prioritaire: self.prioritaire,
                observations: self.observations,
            },
            enveloppes: serde_json::from_str(&self.enveloppes).map_err(|_| abime(self.id, "enveloppes"))?,
            par: CompteId(self.par),
            le: self.le,
            notifiee: self.notifiee_le.is_some(),
        })
    }
}

/// Writes a decision.
pub(in crate::selection) async fn insert(tx: &Tx, d: &Decision) -> Result<(), DbErr> {
    let sql = "INSERT INTO decision (id, seance_id, demande_id, verdict, donnees, commentaire, prioritaire, observations, enveloppes, par, le) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let values = [
        d.id.into(),
        d.seance.0.into(),
        d.demande.0.into(),
        d.verdict.cle().into(),
        json(&d.verdict)?.into(),
        d.notes.commentaire.clone().into(),
        d.notes.prioritaire.into(),
        d.notes.observations.clone().into(),
        json(&d.enveloppes)?.into(),
        d.par.0.into(),
        d.le.into(),
    ];
    kit::execute(tx, sql, values).await.map(|_| ())
}

/// The decisions of a session that hold.
pub(in crate::selection) async fn decisions_de(
    conn: &impl ConnectionTrait,
    seance: SeanceId,
) -> Result<Vec<Decision>, DbErr> {
    let sql = format!("SELECT {COLUMNS} FROM decision WHERE seance_id = $1 AND annulee_le IS NULL");
    kit::query_as::<Row>(conn, &sql, [seance.0.into()]).await?.into_iter().map(Row::decision).collect()
}

/// That decision, if it holds.
pub(in crate::selection) async fn une(
    conn: &impl ConnectionTrait,
    id: Uuid,
) -> Result<Option<Decision>, DbErr> {
    let sql = format!("SELECT {COLUMNS} FROM decision WHERE id = $1 AND annulee_le IS NULL");
    kit::query_one_as::<Row>(conn, &sql, [id.into()]).await?.map(Row::decision).transpose()
}

/// The last decision on a demande that was told.
pub(in crate::selection) async fn derniere(
    conn: &impl ConnectionTrait,
    demande: DemandeId,
) -> Result<Option<Decision>, DbErr> {
    let sql = format!(
        "SELECT {COLUMNS} FROM decision WHERE demande_id = $1 AND annulee_le IS NULL AND notifiee_le IS NOT NULL \
         ORDER BY le DESC, id DESC LIMIT 1"
    );
    kit::query_one_as::<Row>(conn, &sql, [demande.0.into()]).await?.map(Row::decision).transpose()
}

/// The last decision on each of these demandes: those that were told, and, for who decides, those that were not yet.
pub(in crate::selection) async fn dernieres(
    conn: &impl ConnectionTrait,
    demandes: &[DemandeId],
    meme_secretes: bool,
) -> Result<HashMap<DemandeId, Decision>, DbErr> {
    let dites = if meme_secretes { "" } else { " AND notifiee_le IS NOT NULL" };
    let mut out = HashMap::new();
    for lot in demandes.chunks(500) {
        let mut c = annuaire::structures::Conditions::default();
        let liste = c.liste(lot.iter().map(|d| d.0));
        let sql = format!(
            "SELECT {COLUMNS} FROM decision WHERE demande_id IN ({liste}) AND annulee_le IS NULL{dites} ORDER BY le, id"
        );
        for row in kit::query_as::<Row>(conn, &sql, c.values().to_vec()).await? {
            let decision = row.decision()?;
            out.insert(decision.demande, decision);
        }
    }
    Ok(out)
}

/// The enveloppes that hold the posts which a demande was granted; none for posts that no session granted.
pub(in crate::selection) async fn enveloppes_de(
    conn: &impl ConnectionTrait,
    demande: DemandeId,
) -> Result<Vec<Uuid>, DbErr> {
    let sql = format!(
        "SELECT {COLUMNS} FROM decision WHERE demande_id = $1 AND annulee_le IS NULL AND verdict = 'accord' \
         ORDER BY le DESC, id DESC LIMIT 1"
    );
    let row = kit::query_one_as::<Row>(conn, &sql, [demande.0.into()]).await?;
    Ok(row.map(Row::decision).transpose()?.map(|d| d.enveloppes).unwrap_or_default())
}

/// Says that a decision does not hold any more.
pub(in crate::selection) async fn annuler(
    tx: &Tx,
    id: Uuid,
    par: CompteId,
    le: DateTime<Utc>,
) -> Result<(), DbErr> {
    let sql = "UPDATE decision SET annulee_le = $2, annulee_par = $3 WHERE id = $1";
    kit::execute(tx, sql, [id.into(), le.into(), par.0.into()]).await.map(|_| ())
}

/// Says that people were told; `false` when they were already.
pub(in crate::selection) async fn notifiee(tx: &Tx, id: Uuid, le: DateTime<Utc>) -> Result<bool, DbErr> {
    let sql = "UPDATE decision SET notifiee_le = $2 WHERE id = $1 AND notifiee_le IS NULL";
    Ok(kit::execute(tx, sql, [id.into(), le.into()]).await?.rows_affected() == 1)
}
