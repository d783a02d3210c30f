//! Rows of CVs.

use chrono::{DateTime, Utc};
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use super::FicheCv;
use crate::candidats::store::{get_locked, toucher};
use crate::ids::CandidatId;

#[derive(FromQueryResult)]
struct Row {
    octets: i64,
    pages: i64,
    depose_le: DateTime<Utc>,
    expire_le: DateTime<Utc>,
}

/// What is known of the CV of that candidat.
pub(in crate::candidats) async fn fiche(
    conn: &impl ConnectionTrait,
    id: CandidatId,
) -> Result<Option<FicheCv>, DbErr> {
    let sql = "SELECT octets, pages, depose_le, expire_le FROM candidat_cv WHERE candidat_id = $1";
    let row: Option<Row> = kit::query_one_as(conn, sql, [id.0.into()]).await?;
    Ok(row.map(|r| FicheCv {
        octets: r.octets,
        pages: r.pages,
        depose_le: r.depose_le,
        expire_le: r.expire_le,
    }))
}

pub(super) async fn scelle(
    conn: &impl ConnectionTrait,
    id: CandidatId,
    le: DateTime<Utc>,
) -> Result<Option<String>, DbErr> {
    let sql = "SELECT scelle FROM candidat_cv WHERE candidat_id = $1 AND expire_le > $2";
    let rows = kit::query(conn, sql, [id.0.into(), le.into()]).await?;
    rows.first().map(|r| r.try_get_by_index(0)).transpose()
}

/// The sealed file of that candidat and what is known of it.
pub(super) async fn entier(tx: &Tx, id: CandidatId) -> Result<Option<(String, FicheCv)>, DbErr> {
    let rows = kit::query(tx, "SELECT scelle FROM candidat_cv WHERE candidat_id = $1", [id.0.into()]).await?;
    let scelle: Option<String> = rows.first().map(|r| r.try_get_by_index(0)).transpose()?;
    Ok(scelle.zip(fiche(tx, id).await?))
}

/// Holds the person: their file and its history change one at a time.
pub(super) async fn tenir(tx: &Tx, id: CandidatId) -> Result<(), DbErr> {
    get_locked(tx, id).await.map(|_| ())
}

pub(super) async fn ecrire(tx: &Tx, id: CandidatId, scelle: &str, f: &FicheCv) -> Result<(), DbErr> {
    let sql = "INSERT INTO candidat_cv (candidat_id, scelle, octets, pages, depose_le, expire_le) \
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (candidat_id) DO UPDATE SET scelle = excluded.scelle, \
               octets = excluded.octets, pages = excluded.pages, depose_le = excluded.depose_le, \
               expire_le = excluded.expire_le";
    let values =
        [id.0.into(), scelle.into(), f.octets.into(), f.pages.into(), f.depose_le.into(), f.expire_le.into()];
    kit::execute(tx, sql, values).await?;
    toucher(tx, id);
    Ok(())
}

pub(super) async fn oublier(tx: &Tx, id: CandidatId) -> Result<bool, DbErr> {
    let fait = kit::execute(tx, "DELETE FROM candidat_cv WHERE candidat_id = $1", [id.0.into()]).await?;
    toucher(tx, id);
    Ok(fait.rows_affected() == 1)
}

pub(super) async fn oublier_echus(tx: &Tx, le: DateTime<Utc>) -> Result<u64, DbErr> {
    #[derive(FromQueryResult)]
    struct Echu {
        id: uuid::Uuid,
    }
    let sql = "DELETE FROM candidat_cv WHERE expire_le <= $1 RETURNING candidat_id AS id";
    let echus: Vec<Echu> = kit::query_as(tx, sql, [le.into()]).await?;
    for echu in &echus {
        toucher(tx, CandidatId(echu.id));
    }
    Ok(echus.len() as u64)
}
