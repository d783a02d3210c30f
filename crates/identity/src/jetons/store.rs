//! Rows of tokens.

use chrono::{DateTime, Utc};
use kernel::Portee;
use kernel::ids::CompteId;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::{Jeton, JetonId};
use crate::comptes::model::AttributionId;

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    compte_id: Uuid,
    attribution_id: Uuid,
    nom: String,
    portees: String,
    cree_le: DateTime<Utc>,
    expire_le: DateTime<Utc>,
    vu_le: Option<DateTime<Utc>>,
    retire_le: Option<DateTime<Utc>>,
}

const COLUMNS: &str = "id, compte_id, attribution_id, nom, portees, cree_le, expire_le, vu_le, retire_le";

fn jeton(r: Row) -> Jeton {
    Jeton {
        id: JetonId(r.id),
        compte: CompteId(r.compte_id),
        attribution: AttributionId(r.attribution_id),
        nom: r.nom,
        // What we do not know opens nothing.
        portees: r.portees.split(' ').filter_map(Portee::from_key).collect(),
        cree_le: r.cree_le,
        expire_le: r.expire_le,
        vu_le: r.vu_le,
        retire_le: r.retire_le,
    }
}

pub(crate) async fn insert(conn: &impl ConnectionTrait, j: &Jeton, empreinte: &str) -> Result<(), DbErr> {
    let portees: Vec<&str> = j.portees.iter().map(|p| p.key()).collect();
    kit::execute(
        conn,
        "INSERT INTO compte_jeton (id, compte_id, attribution_id, nom, portees, empreinte, cree_le, expire_le) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        [
            j.id.0.into(),
            j.compte.0.into(),
            j.attribution.0.into(),
            j.nom.clone().into(),
            portees.join(" ").into(),
            empreinte.into(),
            j.cree_le.into(),
            j.expire_le.into(),
        ],
    )
    .await
    .map(|_| ())
}

pub(crate) async fn by_empreinte(
    conn: &impl ConnectionTrait,
    empreinte: &str,
) -> Result<Option<Jeton>, DbErr> {
    let sql = format!("SELECT {COLUMNS} FROM compte_jeton WHERE empreinte = $1");
    Ok(kit::query_one_as(conn, &sql, [empreinte.into()]).await?.map(jeton))
}

/// Those of the account, newest first, the ones that are over included until they are forgotten.
pub(crate) async fn du_compte(conn: &impl ConnectionTrait, compte: CompteId) -> Result<Vec<Jeton>, DbErr> {
    let sql = format!(
        "SELECT {COLUMNS} FROM compte_jeton WHERE compte_id = $1 ORDER BY cree_le DESC, id DESC LIMIT 200"
    );
    let rows = kit::query_as(conn, &sql, [compte.0.into()]).await?;
    Ok(rows.into_iter().map(jeton).collect())
}

pub(crate) async fn touch(conn: &impl ConnectionTrait, id: JetonId, now: DateTime<Utc>) -> Result<(), DbErr> {
    kit::execute(
        conn,
        "UPDATE compte_jeton SET vu_le = $1 WHERE id = $2 AND (vu_le IS NULL OR vu_le < $1)",
        [now.into(), id.0.into()],
    )
    .await
    .map(|_| ())
}

/// Takes it back; false when it is not of that account, or was already.
pub(crate) async fn retire(
    conn: &impl ConnectionTrait,
    compte: CompteId,
    id: JetonId,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let sql = "UPDATE compte_jeton SET retire_le = $1 WHERE id = $2 AND compte_id = $3 AND retire_le IS NULL";
    Ok(kit::execute(conn, sql, [now.into(), id.0.into(), compte.0.into()]).await?.rows_affected() == 1)
}

/// Forgets those that have been over since before that instant.
pub(crate) async fn purge(conn: &impl ConnectionTrait, before: DateTime<Utc>) -> Result<(), DbErr> {
    let sql = "DELETE FROM compte_jeton WHERE expire_le < $1 OR retire_le < $1";
    kit::execute(conn, sql, [before.into()]).await.map(|_| ())
}
