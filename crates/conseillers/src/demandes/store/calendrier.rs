//! The days of the programme.

use chrono::NaiveDate;
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use crate::demandes::reference::Jour;

#[derive(FromQueryResult)]
struct Row {
    jour: NaiveDate,
}

/// A day of the calendar.
///
/// # Errors
/// The database.
pub async fn calendrier(conn: &impl ConnectionTrait, jour: Jour) -> Result<NaiveDate, DbErr> {
    let sql = "SELECT jour FROM demande_calendrier WHERE cle = $1";
    let row: Option<Row> = kit::query_one_as(conn, sql, [jour.cle().into()]).await?;
    row.map(|r| r.jour).ok_or_else(|| DbErr::Custom(format!("no day {}", jour.cle())))
}

/// Sets a day of the calendar.
///
/// # Errors
/// The database.
pub async fn fixer(tx: &Tx, jour: Jour, le: NaiveDate) -> Result<(), DbErr> {
    let sql = "UPDATE demande_calendrier SET jour = $2 WHERE cle = $1";
    kit::execute(tx, sql, [jour.cle().into(), le.into()]).await.map(|_| ())
}
