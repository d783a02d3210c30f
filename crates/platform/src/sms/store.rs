//! Rows of text messages.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::{SendSms, Sms};
use crate::db::kit;
use crate::{Site, Tx, jobs};

/// A message, as stored.
#[derive(Clone, Debug, FromQueryResult)]
pub struct SmsRow {
    /// Identifier, also of the gateway's: the same one when it is sent twice after a crash.
    pub id: Uuid,
    /// The number that it goes to.
    pub destinataire: String,
    /// What it says; forgotten once it left.
    pub texte: String,
    /// `en_attente`, `parti`, `remis`, `echec` or `perime`.
    pub etat: String,
    /// When it was written.
    pub ecrit_le: DateTime<Utc>,
    /// After what it does not leave.
    pub expire_le: DateTime<Utc>,
    /// When it left.
    pub parti_le: Option<DateTime<Utc>>,
}

const COLUMNS: &str = "id, destinataire, texte, etat, ecrit_le, expire_le, parti_le";

/// Writes a message in the transaction of its cause.
///
/// # Errors
/// When the database refuses.
pub async fn enqueue(site: &Site, tx: &Tx, sms: &Sms) -> Result<Uuid, DbErr> {
    let id = kernel::ids::uuid_v7(&site.clock, &site.chance);
    let sql = "INSERT INTO sms (id, destinataire, texte, etat, ecrit_le, expire_le) VALUES ($1, $2, $3, 'en_attente', $4, $5)";
    let values = [
        id.into(),
        sms.to.as_str().into(),
        sms.text.clone().into(),
        site.clock.now().into(),
        sms.until.into(),
    ];
    kit::execute(tx, sql, values).await?;
    jobs::enqueue(site, tx, &SendSms { id }).await?;
    Ok(id)
}

/// The message of that identifier.
///
/// # Errors
/// When the database does not answer.
pub async fn find(conn: &impl ConnectionTrait, id: Uuid) -> Result<Option<SmsRow>, DbErr> {
    kit::query_one_as(conn, &format!("SELECT {COLUMNS} FROM sms WHERE id = $1"), [id.into()]).await
}

/// The newest messages.
///
/// # Errors
/// When the database does not answer.
pub async fn list(conn: &impl ConnectionTrait, limit: i64) -> Result<Vec<SmsRow>, DbErr> {
    let sql = format!("SELECT {COLUMNS} FROM sms ORDER BY ecrit_le DESC, id DESC LIMIT $1");
    kit::query_as(conn, &sql, [limit.into()]).await
}

/// Marks it, and forgets what it said: the demonstration keeps it for its page.
pub(super) async fn mark(tx: &Tx, id: Uuid, etat: &str, now: DateTime<Utc>, keep: bool) -> Result<(), DbErr> {
    let forget = if keep { "" } else { ", texte = ''" };
    let sql =
        format!("UPDATE sms SET etat = $1, parti_le = $2{forget} WHERE id = $3 AND etat = 'en_attente'");
    kit::execute(tx, &sql, [etat.into(), now.into(), id.into()]).await.map(drop)
}

/// Notes what became of a message that left: delivered, or not. Reports come in any order, and the first one counts.
///
/// # Errors
/// When the database refuses.
pub async fn rapporter(tx: &Tx, id: Uuid, remis: bool) -> Result<bool, DbErr> {
    let etat = if remis { "remis" } else { "echec" };
    let sql = "UPDATE sms SET etat = $1 WHERE id = $2 AND etat = 'parti'";
    Ok(kit::execute(tx, sql, [etat.into(), id.into()]).await?.rows_affected() == 1)
}

/// Forgets messages and calls of more than 30 days. Run by the clean-up schedule.
///
/// # Errors
/// When the database refuses.
pub async fn clean_up(site: &Site) -> Result<(), DbErr> {
    let before = site.clock.now() - TimeDelta::days(30);
    site.db
        .write(async |tx| {
            kit::execute(tx, "DELETE FROM sms WHERE ecrit_le < $1", [before.into()]).await?;
            kit::execute(tx, "DELETE FROM sms_rappel WHERE recu_le < $1", [before.into()]).await.map(drop)
        })
        .await
}
