//! Rows past their time. Erasing by age is one thing over the tables of several rooms, which name them nowhere else for it.

use chrono::{DateTime, Utc};
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use uuid::Uuid;

use super::Chose;

/// The table of a thing, and what is true of a row that is past its time: `$1` is the day or the instant.
fn echue(chose: Chose, limite: DateTime<Utc>) -> (&'static str, &'static str, Value) {
    let jour = || Value::from(kernel::calendrier::jour(&limite));
    match chose {
        // A contract is kept as long as one that follows it.
        Chose::ContratFini => (
            "contrat",
            "etat IN ('valide', 'rupture_notifiee', 'rompu') AND (CASE WHEN etat = 'rompu' THEN rupture_le ELSE fin END) < $1 \
             AND NOT EXISTS (SELECT 1 FROM contrat s WHERE s.suite_de = contrat.id)",
            jour(),
        ),
        Chose::ContratSansSuite => (
            "contrat",
            "etat IN ('refuse', 'retire') AND etat_le < $1 \
             AND NOT EXISTS (SELECT 1 FROM contrat s WHERE s.suite_de = contrat.id)",
            limite.into(),
        ),
        Chose::Contact => (
            "relation",
            "etat NOT IN ('proposee', 'acceptee', 'recrutee') AND COALESCE(repondue_le, proposee_le) < $1",
            limite.into(),
        ),
        Chose::Inscription => (
            "formation_inscription",
            "session_id IN (SELECT id FROM formation_session WHERE fin < $1)",
            jour(),
        ),
    }
}

/// How many are past their time.
pub(super) async fn combien(
    conn: &impl ConnectionTrait,
    chose: Chose,
    limite: DateTime<Utc>,
) -> Result<i64, DbErr> {
    let (table, echue, value) = echue(chose, limite);
    kit::count(conn, &format!("SELECT COUNT(*) FROM {table} WHERE {echue}"), [value]).await
}

/// Erases at most so many; which ones.
pub(super) async fn effacer(
    tx: &Tx,
    chose: Chose,
    limite: DateTime<Utc>,
    combien: i64,
) -> Result<Vec<Uuid>, DbErr> {
    #[derive(FromQueryResult)]
    struct Efface {
        id: Uuid,
    }
    let (table, echue, value) = echue(chose, limite);
    let sql = format!(
        "DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE {echue} ORDER BY id LIMIT $2) RETURNING id"
    );
    let rows: Vec<Efface> = kit::query_as(tx, &sql, [value, combien.into()]).await?;
    Ok(rows.into_iter().map(|r| r.id).collect())
}

/// Counts what a rule erased.
pub(super) async fn compter(tx: &Tx, regle: &str, n: usize, le: DateTime<Utc>) -> Result<(), DbErr> {
    let n = i64::try_from(n).unwrap_or(i64::MAX);
    let sql = "INSERT INTO conseillers_conservation (regle, effaces, dernier_le) VALUES ($1, $2, $3) ON CONFLICT (regle) \
               DO UPDATE SET effaces = conseillers_conservation.effaces + excluded.effaces, dernier_le = excluded.dernier_le";
    kit::execute(tx, sql, [regle.into(), n.into(), le.into()]).await.map(|_| ())
}

/// How many a rule erased.
pub(super) async fn effaces(conn: &impl ConnectionTrait, regle: &str) -> Result<i64, DbErr> {
    let sql =
        "SELECT CAST(COALESCE(SUM(effaces), 0) AS BIGINT) FROM conseillers_conservation WHERE regle = $1";
    kit::count(conn, sql, [regle.into()]).await
}
