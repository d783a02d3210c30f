//! What a merge remembers, so that it can be undone.

use chrono::{DateTime, Utc};
use kernel::ids::CompteId;
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Row;
use crate::structures::model::{FusionId, StructureId};

/// Both sides before the merge, and what came of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Avant {
    /// The kept one, before.
    pub(crate) gardee: Row,
    /// The other, before.
    pub(crate) absorbee: Row,
    /// The kept one, after.
    pub(crate) fusionnee: Row,
    /// The contacts that moved.
    pub(crate) contacts: Vec<Uuid>,
    /// The main contact of the other, before.
    pub(crate) principal: Option<Uuid>,
    /// The lieux that moved.
    #[serde(default)]
    pub(crate) lieux: Vec<kernel::ids::LieuId>,
}

/// A merge.
#[derive(Clone, Debug, FromQueryResult)]
pub struct FusionRow {
    /// Its identifier.
    pub id: Uuid,
    /// The structure that was kept.
    pub gardee: Uuid,
    /// The one that leads to it now.
    pub absorbee: Uuid,
    /// When.
    pub le: DateTime<Utc>,
    /// By whom.
    pub par: Option<Uuid>,
    pub(crate) avant: String,
    /// When it was undone.
    pub annulee_le: Option<DateTime<Utc>>,
}

impl FusionRow {
    /// What it remembers.
    pub(crate) fn avant(&self) -> Result<Avant, DbErr> {
        serde_json::from_str(&self.avant)
            .map_err(|e| DbErr::Type(format!("structure_fusion {}: {e}", self.id)))
    }

    /// The name that the other one had.
    pub fn nom_absorbee(&self) -> String {
        self.avant().map(|a| a.absorbee.nom).unwrap_or_default()
    }
}

const COLUMNS: &str = "id, gardee, absorbee, le, par, avant, annulee_le";

/// Writes a merge.
pub(crate) async fn noter_fusion(
    tx: &Tx,
    id: FusionId,
    avant: &Avant,
    par: CompteId,
    le: DateTime<Utc>,
) -> Result<(), DbErr> {
    let json = serde_json::to_string(avant).map_err(|e| DbErr::Custom(e.to_string()))?;
    kit::execute(
        tx,
        "INSERT INTO structure_fusion (id, gardee, absorbee, le, par, avant) VALUES ($1, $2, $3, $4, $5, $6)",
        [id.0.into(), avant.gardee.id.into(), avant.absorbee.id.into(), le.into(), par.0.into(), json.into()],
    )
    .await
    .map(|_| ())
}

/// That merge.
pub(crate) async fn fusion(conn: &impl ConnectionTrait, id: FusionId) -> Result<Option<FusionRow>, DbErr> {
    let sql = format!("SELECT {COLUMNS} FROM structure_fusion WHERE id = $1");
    kit::query_one_as(conn, &sql, [id.0.into()]).await
}

/// The merges into a structure that still stand, newest first: in the order of the versions that they
/// found, for two may bear one instant.
pub(crate) async fn fusions_de(
    conn: &impl ConnectionTrait,
    gardee: StructureId,
) -> Result<Vec<FusionRow>, DbErr> {
    let sql = format!("SELECT {COLUMNS} FROM structure_fusion WHERE gardee = $1 AND annulee_le IS NULL");
    let mut standing: Vec<(i64, FusionRow)> = kit::query_as(conn, &sql, [gardee.0.into()])
        .await?
        .into_iter()
        .map(|f: FusionRow| Ok((f.avant()?.gardee.version, f)))
        .collect::<Result<_, DbErr>>()?;
    standing.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    Ok(standing.into_iter().map(|(_, f)| f).collect())
}

/// Marks a merge as undone; `false` when somebody did it already.
pub(crate) async fn annuler(tx: &Tx, id: FusionId, par: CompteId, le: DateTime<Utc>) -> Result<bool, DbErr> {
    let done = kit::execute(
        tx,
        "UPDATE structure_fusion SET annulee_le = $1, annulee_par = $2 WHERE id = $3 AND annulee_le IS NULL",
        [le.into(), par.0.into(), id.0.into()],
    )
    .await?;
    Ok(done.rows_affected() == 1)
}
