//! Writing a line at the end of the chain, reading pages of it.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Value};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::Entry;
use crate::db::kit;
use crate::{Site, Tx};

/// A line, as stored.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Line {
    /// Its place, from 1, without a gap.
    pub seq: i64,
    /// Its identifier.
    pub id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// Account that acted.
    pub by: Option<Uuid>,
    /// Account that looked through it.
    pub seen_by: Option<Uuid>,
    /// Verb.
    pub action: String,
    /// Kind of thing.
    pub subject: String,
    /// Its identifier.
    pub subject_id: String,
    /// Facts, JSON.
    pub details: String,
    /// Hash of the line before.
    pub previous: String,
    /// Hash of this line, over everything above.
    pub hash: String,
}

#[derive(FromQueryResult)]
struct Head {
    seq: i64,
    hash: String,
}

const COLUMNS: &str = "seq, id, at, \"by\", seen_by, action, subject, subject_id, details, previous, hash";

impl Line {
    /// The hash that this line should bear: SHA-256 over its fields, each with its length before
    /// it, so that no two different lines give one text.
    pub(super) fn expected_hash(&self) -> String {
        let by = self.by.map(|u| u.to_string()).unwrap_or_default();
        let seen_by = self.seen_by.map(|u| u.to_string()).unwrap_or_default();
        let fields = [
            self.seq.to_string(),
            self.id.to_string(),
            self.at.timestamp_micros().to_string(),
            by,
            seen_by,
            self.action.clone(),
            self.subject.clone(),
            self.subject_id.clone(),
            self.details.clone(),
            self.previous.clone(),
        ];
        let mut hasher = Sha256::new();
        for field in &fields {
            hasher.update(format!("{}:", field.len()));
            hasher.update(field);
        }
        kernel::text::hex(&hasher.finalize())
    }
}

/// A line that waits for the commit of its transaction.
#[derive(Debug)]
pub(crate) struct Pending {
    id: Uuid,
    at: DateTime<Utc>,
    entry: Entry,
}

/// Writes a line in the transaction of the change that it tells: both happen, or neither. It joins the
/// chain just before the commit, after all that the transaction does.
///
/// # Errors
/// None today; a store that writes at once may fail.
pub async fn write(site: &Site, tx: &Tx, entry: Entry) -> Result<(), DbErr> {
    tx.keep(Pending { id: kernel::ids::uuid_v7(&site.clock, &site.chance), at: site.clock.now(), entry });
    Ok(())
}

/// How many lines one statement carries: eleven values each, well under the limits of both engines.
const BATCH: usize = 200;

/// Adds these lines at the end of the chain.
pub(crate) async fn append(tx: &impl ConnectionTrait, lines: Vec<Pending>) -> Result<(), DbErr> {
    if lines.is_empty() {
        return Ok(());
    }
    // On PostgreSQL the row is held from here: two writers cannot read the same head. On SQLite
    // there is one writer.
    let held = if tx.get_database_backend() == DbBackend::Postgres { " FOR UPDATE" } else { "" };
    let sql = format!("SELECT seq, hash FROM journal_head WHERE one = 1{held}");
    let mut head = kit::query_one_as::<Head>(tx, &sql, [])
        .await?
        .ok_or_else(|| DbErr::RecordNotFound("journal_head".to_owned()))?;
    let mut lines = lines.into_iter().peekable();
    while lines.peek().is_some() {
        let batch: Vec<Line> = lines.by_ref().take(BATCH).map(|pending| head.follow(pending)).collect();
        insert(tx, &batch).await?;
        for line in &batch {
            // One step at a time: the triggers refuse a head that leaps.
            let sql = "UPDATE journal_head SET seq = $1, hash = $2 WHERE one = 1";
            kit::execute(tx, sql, [line.seq.into(), line.hash.clone().into()]).await?;
        }
    }
    Ok(())
}

async fn insert(tx: &impl ConnectionTrait, lines: &[Line]) -> Result<(), DbErr> {
    const WIDTH: usize = 11;
    let rows: Vec<String> =
        (0..lines.len()).map(|i| format!("({})", kit::places(1 + i * WIDTH, WIDTH))).collect();
    let sql = format!("INSERT INTO journal ({COLUMNS}) VALUES {}", rows.join(", "));
    let values = lines.iter().flat_map(|line| -> [Value; WIDTH] {
        [
            line.seq.into(),
            line.id.into(),
            line.at.into(),
            line.by.into(),
            line.seen_by.into(),
            line.action.clone().into(),
            line.subject.clone().into(),
            line.subject_id.clone().into(),
            line.details.clone().into(),
            line.previous.clone().into(),
            line.hash.clone().into(),
        ]
    });
    kit::execute(tx, &sql, values).await?;
    Ok(())
}

impl Head {
    /// The line that comes next; the head moves to it.
    fn follow(&mut self, Pending { id, at, entry }: Pending) -> Line {
        let mut line = Line {
            seq: self.seq + 1,
            id,
            at,
            by: entry.by,
            seen_by: entry.seen_by,
            action: entry.action.to_owned(),
            subject: entry.subject.to_owned(),
            subject_id: entry.subject_id,
            details: entry.details.to_string(),
            previous: std::mem::take(&mut self.hash),
            hash: String::new(),
        };
        line.hash = line.expected_hash();
        self.seq = line.seq;
        self.hash.clone_from(&line.hash);
        line
    }
}

/// Which lines to read.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Only of this kind of thing.
    pub subject: Option<String>,
    /// Only of this thing.
    pub subject_id: Option<String>,
    /// Only before this place (for the next page).
    pub before: Option<i64>,
    /// How many at most.
    pub limit: u64,
}

/// Lines, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn page(conn: &impl ConnectionTrait, query: &Query) -> Result<Vec<Line>, DbErr> {
    let sql = format!(
        "SELECT {COLUMNS} FROM journal WHERE seq < $1 AND ($2 = '' OR subject = $2) AND ($3 = '' OR subject_id = $3) \
         ORDER BY seq DESC LIMIT $4"
    );
    kit::query_as(
        conn,
        &sql,
        [
            query.before.unwrap_or(i64::MAX).into(),
            query.subject.clone().unwrap_or_default().into(),
            query.subject_id.clone().unwrap_or_default().into(),
            i64::try_from(query.limit.clamp(1, 1000)).unwrap_or(100).into(),
        ],
    )
    .await
}

/// Which of these things that account did that to since then: for readings, which are told once a day.
///
/// # Errors
/// When the database does not answer.
pub async fn already(
    conn: &impl ConnectionTrait,
    entry: &Entry,
    subject_ids: &[String],
    since: DateTime<Utc>,
) -> Result<HashSet<String>, DbErr> {
    #[derive(FromQueryResult)]
    struct Done {
        subject_id: String,
    }
    let mut out = HashSet::new();
    for part in subject_ids.chunks(500) {
        let sql = format!(
            "SELECT DISTINCT subject_id FROM journal WHERE subject = $1 AND action = $2 AND by = $3 AND at >= $4 \
             AND subject_id IN ({})",
            kit::places(5, part.len())
        );
        let mut values = vec![entry.subject.into(), entry.action.into(), entry.by.into(), since.into()];
        values.extend(part.iter().map(|id| id.clone().into()));
        let rows: Vec<Done> = kit::query_as(conn, &sql, values).await?;
        out.extend(rows.into_iter().map(|r| r.subject_id));
    }
    Ok(out)
}

pub(super) async fn after(conn: &impl ConnectionTrait, seq: i64, limit: i64) -> Result<Vec<Line>, DbErr> {
    let sql = format!("SELECT {COLUMNS} FROM journal WHERE seq > $1 ORDER BY seq LIMIT $2");
    kit::query_as(conn, &sql, [seq.into(), limit.into()]).await
}

pub(super) async fn head(conn: &impl ConnectionTrait) -> Result<(i64, String), DbErr> {
    let head =
        kit::query_one_as::<Head>(conn, "SELECT seq, hash FROM journal_head WHERE one = 1", []).await?;
    Ok(head.map_or((0, String::new()), |h| (h.seq, h.hash)))
}
