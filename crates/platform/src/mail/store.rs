//! Rows of the outbox.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::{Message, SendMail};
use crate::db::kit;
use crate::{Site, Tx, jobs};

/// A message, as stored.
#[derive(Clone, Debug, FromQueryResult)]
pub struct MailRow {
    /// Identifier, also of the SMTP message: the same one when it is sent twice after a crash.
    pub id: Uuid,
    /// Key of its kind; empty for one that is older than kinds.
    pub genre: String,
    /// Address it goes to.
    pub destinataire: String,
    /// Subject.
    pub sujet: String,
    /// Body.
    pub texte: String,
    /// `en_attente` or `parti`.
    pub etat: String,
    /// When it was written.
    pub ecrit_le: DateTime<Utc>,
    /// When it left.
    pub parti_le: Option<DateTime<Utc>>,
    /// Where its reader says that they want no more, for one that has such an address.
    pub arret: Option<String>,
}

const COLUMNS: &str = "id, genre, destinataire, sujet, texte, etat, ecrit_le, parti_le, arret";

/// Writes a message that leaves at once; `arret`, where its reader says that they want no more.
pub(super) async fn insert(
    site: &Site,
    tx: &Tx,
    message: &Message,
    arret: Option<&str>,
) -> Result<(), DbErr> {
    let id = kernel::ids::uuid_v7(&site.clock, &site.chance);
    kit::execute(
        tx,
        "INSERT INTO courriel (id, genre, destinataire, sujet, texte, etat, ecrit_le, arret) VALUES ($1, $2, $3, $4, $5, 'en_attente', $6, $7)",
        [
            id.into(),
            message.genre.cle.into(),
            message.to.as_str().into(),
            message.subject.clone().into(),
            message.text.clone().into(),
            site.clock.now().into(),
            arret.into(),
        ],
    )
    .await?;
    jobs::enqueue(site, tx, &SendMail { id }).await.map(|_| ())
}

/// The message of that identifier.
///
/// # Errors
/// When the database does not answer.
pub async fn find(conn: &impl ConnectionTrait, id: Uuid) -> Result<Option<MailRow>, DbErr> {
    kit::query_one_as(conn, &format!("SELECT {COLUMNS} FROM courriel WHERE id = $1"), [id.into()]).await
}

/// The newest messages.
///
/// # Errors
/// When the database does not answer.
pub async fn list(conn: &impl ConnectionTrait, limit: i64) -> Result<Vec<MailRow>, DbErr> {
    let sql = format!("SELECT {COLUMNS} FROM courriel ORDER BY ecrit_le DESC, id DESC LIMIT $1");
    kit::query_as(conn, &sql, [limit.into()]).await
}

/// A page of the messages, newest first, of those whose address or subject holds these letters; and how many there are.
///
/// # Errors
/// When the database does not answer.
pub async fn search(
    conn: &impl ConnectionTrait,
    letters: &str,
    (offset, limit): (i64, i64),
) -> Result<(Vec<MailRow>, i64), DbErr> {
    let like: String = letters.to_lowercase().chars().filter(|c| !matches!(c, '%' | '_' | '\\')).collect();
    let like = format!("%{like}%");
    let which = "lower(destinataire) LIKE $1 OR lower(sujet) LIKE $1";
    let count = format!("SELECT COUNT(*) FROM courriel WHERE {which}");
    let total = kit::count(conn, &count, [like.clone().into()]);
    let sql = format!(
        "SELECT {COLUMNS} FROM courriel WHERE {which} ORDER BY ecrit_le DESC, id DESC LIMIT $2 OFFSET $3"
    );
    Ok((kit::query_as(conn, &sql, [like.into(), limit.into(), offset.into()]).await?, total.await?))
}

/// Marks it as gone and forgets the body and the address of its headers, which may hold a secret link: the demonstration keeps it
/// for its page.
pub(super) async fn mark_sent(tx: &Tx, id: Uuid, now: DateTime<Utc>, keep_text: bool) -> Result<(), DbErr> {
    let forget = if keep_text { "" } else { ", texte = '', arret = NULL" };
    kit::execute(
        tx,
        &format!("UPDATE courriel SET etat = 'parti', parti_le = $1{forget} WHERE id = $2"),
        [now.into(), id.into()],
    )
    .await
    .map(|_| ())
}

/// Forgets the messages that left more than 30 days ago (who was written to, and about what, is of no
/// use any more), and those written more than 30 days ago that never left: no link that they hold
/// lives so long. Run by the clean-up schedule.
///
/// # Errors
/// When the database refuses.
pub async fn clean_up(site: &Site) -> Result<u64, DbErr> {
    let before = site.clock.now() - chrono::TimeDelta::days(30);
    let sql = "DELETE FROM courriel WHERE COALESCE(parti_le, ecrit_le) < $1";
    site.db.write(async |tx| kit::execute(tx, sql, [before.into()]).await.map(|r| r.rows_affected())).await
}
