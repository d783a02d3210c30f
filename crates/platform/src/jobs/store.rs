//! Rows of jobs: written by actions, claimed by workers.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::{Job, backoff};
use crate::db::{Engine, kit};
use crate::{Site, Tx};

/// A job, as stored.
#[derive(Clone, Debug, FromQueryResult)]
pub struct JobRow {
    /// Identifier.
    pub id: Uuid,
    /// Kind.
    pub kind: String,
    /// Payload, JSON.
    pub payload: String,
    /// `waiting`, `running`, `done` or `stuck`.
    pub state: String,
    /// How often it was tried.
    pub attempts: i64,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// Not before.
    pub run_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// What a long job says of itself, JSON or text.
    pub progress: Option<String>,
    /// Why the last attempt failed.
    pub error: Option<String>,
}

const COLUMNS: &str = "id, kind, payload, state, attempts, created_at, run_at, finished_at, progress, error";

/// Writes a job to be done as soon as the transaction is committed.
///
/// # Errors
/// When the database refuses.
pub async fn enqueue<J: Job>(site: &Site, tx: &Tx, job: &J) -> Result<Uuid, DbErr> {
    enqueue_at(site, tx, job, site.clock.now()).await
}

/// Writes a job to be done at that instant or soon after. A waiting job of the same key stands
/// for both: its identifier is then the one returned.
///
/// # Errors
/// When the database refuses.
pub async fn enqueue_at<J: Job>(site: &Site, tx: &Tx, job: &J, run_at: DateTime<Utc>) -> Result<Uuid, DbErr> {
    let id = kernel::ids::uuid_v7(&site.clock, &site.chance);
    let payload = serde_json::to_string(job).map_err(|e| DbErr::Custom(e.to_string()))?;
    let key = job.dedup_key();
    // The twin that refused the row may be taken by a worker before it is read: then write again.
    for _ in 0..3 {
        let written = kit::execute(
            tx,
            "INSERT INTO job (id, kind, payload, dedup_key, state, attempts, created_at, run_at) \
             VALUES ($1, $2, $3, $4, 'waiting', 0, $5, $6) ON CONFLICT DO NOTHING",
            [
                id.into(),
                J::KIND.into(),
                payload.clone().into(),
                key.clone().into(),
                site.clock.now().into(),
                run_at.into(),
            ],
        )
        .await?;
        tx.wrote_job();
        if written.rows_affected() == 1 {
            return Ok(id);
        }
        let twin = kit::query(
            tx,
            "SELECT id FROM job WHERE state = 'waiting' AND kind = $1 AND dedup_key = $2",
            [J::KIND.into(), key.clone().into()],
        )
        .await?;
        if let Some(row) = twin.first() {
            return row.try_get_by_index(0);
        }
    }
    Err(DbErr::RecordNotInserted)
}

/// What a long job says of itself: shown on the page that waits for it.
///
/// # Errors
/// When the database refuses.
pub async fn progress(site: &Site, id: Uuid, text: &str, lease: TimeDelta) -> Result<(), DbErr> {
    let until = site.clock.now() + lease;
    site.db
        .write(async |tx| {
            kit::execute(
                tx,
                "UPDATE job SET progress = $1, lease_until = $2 WHERE id = $3 AND state = 'running'",
                [text.into(), until.into(), id.into()],
            )
            .await
        })
        .await?;
    Ok(())
}

/// The job of that identifier.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn get(conn: &impl ConnectionTrait, id: Uuid) -> Result<Option<JobRow>, DbErr> {
    kit::query_one_as(conn, &format!("SELECT {COLUMNS} FROM job WHERE id = $1"), [id.into()]).await
}

/// Jobs of a state, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(conn: &impl ConnectionTrait, state: &str, limit: i64) -> Result<Vec<JobRow>, DbErr> {
    let sql = format!("SELECT {COLUMNS} FROM job WHERE state = $1 ORDER BY created_at DESC, id LIMIT $2");
    kit::query_as(conn, &sql, [state.into(), limit.into()]).await
}

/// Whether a job of the same key waits already.
async fn twin_waits(tx: &Tx, id: Uuid) -> Result<bool, DbErr> {
    let twins = kit::count(
        tx,
        "SELECT COUNT(*) FROM job t JOIN job me ON me.id = $1 \
         WHERE t.state = 'waiting' AND t.id <> me.id AND t.kind = me.kind AND t.dedup_key = me.dedup_key",
        [id.into()],
    )
    .await?;
    Ok(twins > 0)
}

/// How many jobs failed too often to be tried again.
///
/// # Errors
/// When the database does not answer.
pub async fn stuck(conn: &impl ConnectionTrait) -> Result<usize, DbErr> {
    let n = kit::count(conn, "SELECT COUNT(*) FROM job WHERE state = 'stuck'", []).await?;
    Ok(usize::try_from(n).unwrap_or(0))
}

/// Puts a stuck job back in the queue, from its first attempt; it gives way to a job of the same key
/// that waits already.
///
/// # Errors
/// When the database refuses.
pub async fn restart(site: &Site, tx: &Tx, id: Uuid) -> Result<bool, DbErr> {
    let set = if twin_waits(tx, id).await? {
        "state = 'done', finished_at = $1"
    } else {
        "state = 'waiting', attempts = 0, run_at = $1, error = NULL"
    };
    let done = kit::execute(
        tx,
        &format!("UPDATE job SET {set} WHERE id = $2 AND state = 'stuck'"),
        [site.clock.now().into(), id.into()],
    )
    .await?;
    tx.wrote_job();
    Ok(done.rows_affected() == 1)
}

/// Takes the oldest job that is due, or whose worker died, and holds it for `lease`. One statement:
/// two workers never hold one job.
pub(super) async fn claim(
    tx: &Tx,
    engine: Engine,
    kinds: &[&'static str],
    now: DateTime<Utc>,
    lease: TimeDelta,
) -> Result<Option<JobRow>, DbErr> {
    let lock = match engine {
        Engine::Postgres => " FOR UPDATE SKIP LOCKED",
        Engine::Sqlite => "",
    };
    let sql = format!(
        "UPDATE job SET state = 'running', attempts = attempts + 1, lease_until = $2 WHERE id = (\
           SELECT id FROM job WHERE kind IN ({places}) AND \
             ((state = 'waiting' AND run_at <= $1) OR (state = 'running' AND lease_until < $1)) \
           ORDER BY run_at, id LIMIT 1{lock}) RETURNING {COLUMNS}",
        places = kit::places(3, kinds.len()),
    );
    let mut values: Vec<sea_orm::Value> = vec![now.into(), (now + lease).into()];
    values.extend(kinds.iter().map(|k| sea_orm::Value::from(*k)));
    kit::query_one_as(tx, &sql, values).await
}

// A worker that was thought dead may come back: what it says counts only while the attempt is its own.
const OWN: &str = "state = 'running' AND attempts =";

pub(super) async fn finish(tx: &Tx, row: &JobRow, now: DateTime<Utc>) -> Result<(), DbErr> {
    kit::execute(
        tx,
        &format!("UPDATE job SET state = 'done', finished_at = $1, error = NULL WHERE id = $2 AND {OWN} $3"),
        [now.into(), row.id.into(), row.attempts.into()],
    )
    .await
    .map(|_| ())
}

pub(super) async fn fail(
    tx: &Tx,
    row: &JobRow,
    max: i64,
    error: &str,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let delay = TimeDelta::from_std(backoff(row.attempts)).unwrap_or_default();
    let state = if twin_waits(tx, row.id).await? {
        "done"
    } else if row.attempts >= max {
        "stuck"
    } else {
        "waiting"
    };
    let finished = (state == "done").then_some(now);
    kit::execute(
        tx,
        &format!(
            "UPDATE job SET state = $1, run_at = $2, error = $3, finished_at = $4 WHERE id = $5 AND {OWN} $6"
        ),
        [
            state.into(),
            (now + delay).into(),
            error.into(),
            finished.into(),
            row.id.into(),
            row.attempts.into(),
        ],
    )
    .await
    .map(|_| ())
}

/// Gives a job back without counting the attempt: the worker is stopping.
pub(super) async fn release(tx: &Tx, row: &JobRow, now: DateTime<Utc>) -> Result<(), DbErr> {
    let (state, finished) =
        if twin_waits(tx, row.id).await? { ("done", Some(now)) } else { ("waiting", None) };
    kit::execute(
        tx,
        &format!(
            "UPDATE job SET state = $1, finished_at = $2, attempts = attempts - 1 WHERE id = $3 AND {OWN} $4"
        ),
        [state.into(), finished.into(), row.id.into(), row.attempts.into()],
    )
    .await
    .map(|_| ())
}

pub(super) async fn forget_done(tx: &Tx, before: DateTime<Utc>) -> Result<u64, DbErr> {
    kit::execute(tx, "DELETE FROM job WHERE state = 'done' AND finished_at < $1", [before.into()])
        .await
        .map(|r| r.rows_affected())
}

/// Whether this process is the one that runs the schedule of that name now: the row is the lease.
pub(super) async fn take_turn(
    tx: &Tx,
    name: &str,
    now: DateTime<Utc>,
    every: TimeDelta,
) -> Result<bool, DbErr> {
    kit::execute(
        tx,
        "INSERT INTO schedule (name, next_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        [name.into(), now.into()],
    )
    .await?;
    let taken = kit::execute(
        tx,
        "UPDATE schedule SET next_at = $1 WHERE name = $2 AND next_at <= $3",
        [(now + every).into(), name.into(), now.into()],
    )
    .await?;
    Ok(taken.rows_affected() == 1)
}
