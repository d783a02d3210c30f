//! Writing a line at the end of the chain, reading pages of it.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Value};
use serde_json::Value as Json;
use uuid::Uuid;

use super::Entry;
use super::seal::Seal;
use crate::db::kit;
use crate::{Site, Tx};

/// A line, as stored.
#[derive(Clone, PartialEq, Eq, Debug, FromQueryResult, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
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

pub(super) const COLUMNS: &str =
    "seq, id, at, \"by\", seen_by, action, subject, subject_id, details, previous, hash";

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

/// As [`write`], for a line that tells of another day: the fictitious past of a demonstration, and nothing else.
///
/// # Errors
/// Outside a demonstration: nobody writes what was not done now.
pub async fn write_past(site: &Site, tx: &Tx, at: DateTime<Utc>, entry: Entry) -> Result<(), DbErr> {
    if !site.is_demo() {
        return Err(DbErr::Custom("a line of another day outside a demonstration".to_owned()));
    }
    tx.keep(Pending { id: kernel::ids::uuid_v7(&site.clock, &site.chance), at, entry });
    Ok(())
}

/// How many lines one statement carries: eleven values each, well under the limits of both engines.
const BATCH: usize = 500;

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
    let (mut lines, mut seal) = (lines.into_iter().peekable(), Seal::default());
    while lines.peek().is_some() {
        let batch = lines.by_ref().take(BATCH).map(|pending| head.follow(pending, &mut seal)).collect();
        insert(tx, batch).await?;
    }
    // The triggers refuse a head that is not the hash of a line which is there.
    let sql = "UPDATE journal_head SET seq = $1, hash = $2 WHERE one = 1";
    kit::execute(tx, sql, [head.seq.into(), head.hash.into()]).await.map(drop)
}

async fn insert(tx: &impl ConnectionTrait, lines: Vec<Line>) -> Result<(), DbErr> {
    let rows = lines.into_iter().map(|line| -> Vec<Value> {
        vec![
            line.seq.into(),
            line.id.into(),
            line.at.into(),
            line.by.into(),
            line.seen_by.into(),
            line.action.into(),
            line.subject.into(),
            line.subject_id.into(),
            line.details.into(),
            line.previous.into(),
            line.hash.into(),
        ]
    });
    kit::insert_many(tx, &format!("journal ({COLUMNS})"), rows.collect(), "").await.map(drop)
}

impl Head {
    /// The line that comes next; the head moves to it.
    fn follow(&mut self, Pending { id, at, entry }: Pending, seal: &mut Seal) -> Line {
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
        line.hash = seal.of(&line);
        self.seq = line.seq;
        self.hash.clone_from(&line.hash);
        line
    }
}

/// Which lines to read.
#[derive(Clone, PartialEq, Debug, Default, serde::Serialize)]
pub struct Query {
    /// Only of this kind of thing.
    pub subject: Option<String>,
    /// Only of this thing.
    pub subject_id: Option<String>,
    /// Only by this account, or through its eyes.
    pub by: Option<Uuid>,
    /// Only those whose facts hold this name with this text.
    pub detail: Option<(String, String)>,
    /// Only from this instant on.
    pub from: Option<DateTime<Utc>>,
    /// Only before this instant.
    pub until: Option<DateTime<Utc>>,
    /// Only before this place (for the next page).
    #[serde(skip)]
    pub before: Option<i64>,
    /// How many at most.
    #[serde(skip)]
    pub limit: u64,
}

impl Query {
    /// Its conditions, whose first value is `$1`.
    fn conditions(&self) -> (Vec<String>, Vec<Value>) {
        let (mut sql, mut values): (Vec<String>, Vec<Value>) = (Vec::new(), Vec::new());
        let mut add = |text: &str, value: Value| {
            values.push(value);
            sql.push(text.replace('?', &format!("${}", values.len())));
        };
        for (column, wanted) in [("subject", &self.subject), ("subject_id", &self.subject_id)] {
            if let Some(wanted) = wanted.as_ref().filter(|w| !w.is_empty()) {
                add(&format!("{column} = ?"), wanted.clone().into());
            }
        }
        if let Some(by) = self.by {
            add("(\"by\" = ? OR seen_by = ?)", by.into());
        }
        if let Some((name, text)) = &self.detail {
            let pair = format!("{}:{}", Json::from(name.as_str()), Json::from(text.as_str()));
            // Exact on both engines: LIKE of SQLite takes a for A.
            add("details <> REPLACE(details, ?, '')", pair.into());
        }
        if let Some(from) = self.from {
            add("at >= ?", from.into());
        }
        if let Some(until) = self.until {
            add("at < ?", until.into());
        }
        if let Some(before) = self.before {
            add("seq < ?", before.into());
        }
        (sql, values)
    }
}

/// Lines, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn page(conn: &impl ConnectionTrait, query: &Query) -> Result<Vec<Line>, DbErr> {
    let (mut conditions, mut values) = query.conditions();
    conditions.push("seq > 0".to_owned());
    values.push(i64::try_from(query.limit.clamp(1, 1000)).unwrap_or(100).into());
    let sql = format!(
        "SELECT {COLUMNS} FROM journal WHERE {} ORDER BY seq DESC LIMIT ${}",
        conditions.join(" AND "),
        values.len()
    );
    kit::query_as(conn, &sql, values).await
}

/// Lines after that place, oldest first: an extract is read so, a page at a time.
///
/// # Errors
/// When the database does not answer.
pub async fn following(conn: &impl ConnectionTrait, query: &Query, seq: i64) -> Result<Vec<Line>, DbErr> {
    let (mut conditions, mut values) = query.conditions();
    values.push(seq.into());
    conditions.push(format!("seq > ${}", values.len()));
    values.push(i64::try_from(query.limit.clamp(1, 5000)).unwrap_or(100).into());
    let sql = format!(
        "SELECT {COLUMNS} FROM journal WHERE {} ORDER BY seq LIMIT ${}",
        conditions.join(" AND "),
        values.len()
    );
    kit::query_as(conn, &sql, values).await
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

/// Place and hash of the last line; zero and nothing for an empty journal.
///
/// # Errors
/// When the database does not answer.
pub async fn head(conn: &impl ConnectionTrait) -> Result<(i64, String), DbErr> {
    let head =
        kit::query_one_as::<Head>(conn, "SELECT seq, hash FROM journal_head WHERE one = 1", []).await?;
    Ok(head.map_or((0, String::new()), |h| (h.seq, h.hash)))
}
