//! Rows of who wants no more messages, and of the links by which it is said.

use chrono::{DateTime, TimeDelta, Utc};
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::super::model::Consentement;
use crate::ids::UsagerId;

/// How long a link of a message serves: messages are read again late.
const GARDE: TimeDelta = TimeDelta::days(365);

/// Holds an address, by its print, until the end of the transaction: a STOP comes before an offer, or after it.
pub(in crate::consentements) async fn tenir_adresse(
    tx: &Tx,
    empreinte: &str,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let sql = "INSERT INTO consentement_adresse (empreinte, vue_le) VALUES ($1, $2) \
               ON CONFLICT (empreinte) DO UPDATE SET vue_le = excluded.vue_le";
    kit::execute(tx, sql, [empreinte.into(), now.into()]).await.map(drop)
}

/// Notes that somebody wants no more messages; says whether it was not noted yet.
pub(in crate::consentements) async fn arreter(
    tx: &Tx,
    empreinte: &str,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let sql =
        "INSERT INTO consentement_arret (empreinte, le) VALUES ($1, $2) ON CONFLICT (empreinte) DO NOTHING";
    Ok(kit::execute(tx, sql, [empreinte.into(), now.into()]).await?.rows_affected() == 1)
}

/// Notes that they want some again; says whether they did not.
pub(in crate::consentements) async fn reprendre(tx: &Tx, empreinte: &str) -> Result<bool, DbErr> {
    let sql = "DELETE FROM consentement_arret WHERE empreinte = $1";
    Ok(kit::execute(tx, sql, [empreinte.into()]).await?.rows_affected() == 1)
}

/// Whether somebody wants no more messages.
pub(in crate::consentements) async fn arrete(
    conn: &impl ConnectionTrait,
    empreinte: &str,
) -> Result<bool, DbErr> {
    let sql = "SELECT COUNT(*) FROM consentement_arret WHERE empreinte = $1";
    Ok(kit::count(conn, sql, [empreinte.into()]).await? > 0)
}

/// Those whose answer is awaited at the address of that print: an e-mail address has several spellings. Those asked before
/// the print was noted are known by the address.
pub(in crate::consentements) async fn ouverts(
    conn: &impl ConnectionTrait,
    empreinte: &str,
    adresse: Option<&str>,
) -> Result<Vec<Consentement>, DbErr> {
    let ou = format!("(empreinte = $1 OR adresse = $2) AND {} ORDER BY id", super::OUVERT);
    super::tous(conn, &ou, [empreinte.into(), adresse.unwrap_or_default().into()]).await
}

/// A link that ends the messages to an address.
#[derive(FromQueryResult)]
struct Row {
    adresse: String,
    usager_id: Uuid,
    servi_le: Option<DateTime<Utc>>,
}

/// What a link is of: print of the address, the person who was written to, whether it served.
pub(in crate::consentements) struct Lien {
    pub(in crate::consentements) adresse: String,
    pub(in crate::consentements) usager: UsagerId,
    pub(in crate::consentements) servi: bool,
}

pub(in crate::consentements) async fn ecrire_lien(
    tx: &Tx,
    empreinte: &str,
    (adresse, usager): (&str, UsagerId),
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let sql = "INSERT INTO consentement_arret_lien (empreinte, adresse, usager_id, ecrit_le) VALUES ($1, $2, $3, $4)";
    kit::execute(tx, sql, [empreinte.into(), adresse.into(), usager.0.into(), now.into()]).await.map(drop)
}

pub(in crate::consentements) async fn lien(
    conn: &impl ConnectionTrait,
    empreinte: &str,
    now: DateTime<Utc>,
) -> Result<Option<Lien>, DbErr> {
    let sql = "SELECT adresse, usager_id, servi_le FROM consentement_arret_lien WHERE empreinte = $1 AND ecrit_le > $2";
    let row: Option<Row> = kit::query_one_as(conn, sql, [empreinte.into(), (now - GARDE).into()]).await?;
    Ok(row.map(|r| Lien { adresse: r.adresse, usager: UsagerId(r.usager_id), servi: r.servi_le.is_some() }))
}

/// Uses a link up; says whether it had not served.
pub(in crate::consentements) async fn servir(
    tx: &Tx,
    empreinte: &str,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let sql = "UPDATE consentement_arret_lien SET servi_le = $2 WHERE empreinte = $1 AND servi_le IS NULL";
    Ok(kit::execute(tx, sql, [empreinte.into(), now.into()]).await?.rows_affected() == 1)
}

/// Forgets the links of old messages.
pub(in crate::consentements) async fn purger(tx: &Tx, now: DateTime<Utc>) -> Result<(), DbErr> {
    let sql = "DELETE FROM consentement_arret_lien WHERE ecrit_le <= $1";
    kit::execute(tx, sql, [(now - GARDE).into()]).await.map(drop)
}
