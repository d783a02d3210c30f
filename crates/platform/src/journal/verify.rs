//! `maillage journal verify`: walks the chain from the first line. Segments of it are walked side by side, then their ends are
//! joined: nothing of what one reader after another would find is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use sea_orm::{DatabaseConnection, DbErr, QueryResult};
use tokio::task::JoinSet;

use super::seal::{LAID_OUT, LaidOut, Seal};
use super::store;
use crate::db::kit;

/// What the walk found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Every line follows the one before; so many lines, and the hash of the last, to be kept
    /// elsewhere as a witness.
    Whole {
        /// How many lines.
        lines: i64,
        /// Hash of the last line; empty for an empty journal.
        last: String,
    },
    /// The first line that does not hold, and why.
    Broken {
        /// Place of the line.
        seq: i64,
        /// A sentence.
        why: String,
    },
}

/// Who hears how far the walk is: lines done, lines in all.
pub type Heard = Arc<dyn Fn(i64, i64) + Send + Sync>;

/// Lines of a segment: large enough that joining costs nothing, small enough that a broken one is known soon.
const SEGMENT: i64 = 20_000;
/// Lines read at once.
const PAGE: i64 = 2_000;
/// No more readers than this: the others of the site keep their connections.
const READERS: usize = 4;

/// Walks the chain.
///
/// # Errors
/// When the database does not answer.
pub async fn verify(conn: &DatabaseConnection) -> Result<Verdict, DbErr> {
    verify_telling(conn, Arc::new(|_, _| ())).await
}

/// As [`verify`], saying how far it is.
///
/// # Errors
/// When the database does not answer.
pub async fn verify_telling(conn: &DatabaseConnection, heard: Heard) -> Result<Verdict, DbErr> {
    // Read first: lines written meanwhile are checked if they are seen, but not asked for.
    let (head_seq, head_hash) = store::head(conn).await?;
    let end = kit::count(conn, "SELECT COALESCE(MAX(seq), 0) FROM journal", []).await?;
    let walk = Arc::new(Walk {
        end,
        head: head_seq,
        next: AtomicI64::new(0),
        first_broken: AtomicI64::new(i64::MAX),
        done: AtomicI64::new(0),
        heard,
    });
    let readers = std::thread::available_parallelism().map_or(1, usize::from).min(READERS);
    let mut tasks = JoinSet::new();
    for _ in 0..readers {
        tasks.spawn(walk_segments(conn.clone(), Arc::clone(&walk)));
    }
    let mut segments = Vec::new();
    while let Some(done) = tasks.join_next().await {
        segments.extend(done.map_err(|e| DbErr::Custom(e.to_string()))??);
    }
    segments.sort_unstable_by_key(|s| s.after);
    Ok(join(segments, end, (head_seq, &head_hash)))
}

/// The verdict on all segments, in their order.
fn join(segments: Vec<Segment>, end: i64, (head_seq, head_hash): (i64, &str)) -> Verdict {
    let broken = |seq: i64, why: &str| Verdict::Broken { seq, why: why.to_owned() };
    let (mut last, mut at_head) = (String::new(), (head_seq == 0).then(String::new));
    for segment in segments {
        if segment.previous.as_ref().is_some_and(|p| *p != last) {
            return broken(segment.after + 1, NOT_NEXT);
        }
        if let Some((seq, why)) = segment.broken {
            return broken(seq, why);
        }
        last = segment.last;
        at_head = at_head.or(segment.at_head);
    }
    match at_head {
        Some(hash) if hash == head_hash => Verdict::Whole { lines: end, last },
        Some(_) => broken(head_seq, "la fin du journal a été remplacée"),
        None => broken(end + 1, "la fin du journal a été coupée"),
    }
}

const MISSING: &str = "la ligne manque";
const NOT_NEXT: &str = "elle ne suit pas la ligne précédente";
const CHANGED: &str = "son contenu a été modifié";

/// What the readers share.
struct Walk {
    /// The last line there is.
    end: i64,
    /// The line that the head names.
    head: i64,
    /// The segment that nobody has taken yet.
    next: AtomicI64,
    /// The first segment known to be broken: what comes after it is of no use.
    first_broken: AtomicI64,
    done: AtomicI64,
    heard: Heard,
}

/// What a segment is, seen from both ends.
struct Segment {
    /// The line before its first.
    after: i64,
    /// What its first line says of the hash before; none when that line is missing.
    previous: Option<String>,
    /// Hash of its last line.
    last: String,
    /// Hash of the line that the head names, when it is here.
    at_head: Option<String>,
    broken: Option<(i64, &'static str)>,
}

async fn walk_segments(conn: DatabaseConnection, walk: Arc<Walk>) -> Result<Vec<Segment>, DbErr> {
    let (mut segments, mut seal) = (Vec::new(), Seal::default());
    loop {
        let number = walk.next.fetch_add(1, Ordering::Relaxed);
        let after = number.saturating_mul(SEGMENT);
        if after >= walk.end || number > walk.first_broken.load(Ordering::Relaxed) {
            return Ok(segments);
        }
        let segment = walk_segment(&conn, &walk, after, &mut seal).await?;
        if segment.broken.is_some() {
            walk.first_broken.fetch_min(number, Ordering::Relaxed);
        }
        segments.push(segment);
    }
}

async fn walk_segment(
    conn: &DatabaseConnection,
    walk: &Walk,
    after: i64,
    seal: &mut Seal,
) -> Result<Segment, DbErr> {
    let until = after.saturating_add(SEGMENT).min(walk.end);
    let mut segment = Segment { after, previous: None, last: String::new(), at_head: None, broken: None };
    let mut seq = after;
    let sql = format!("SELECT {LAID_OUT} FROM journal WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3");
    while seq < until {
        let rows = kit::query(conn, &sql, [seq.into(), until.into(), PAGE.into()]).await?;
        if rows.is_empty() {
            segment.broken = Some((seq + 1, MISSING));
            return Ok(segment);
        }
        for row in &rows {
            let line = line(row)?;
            if line.seq != seq + 1 {
                segment.broken = Some((seq + 1, MISSING));
                return Ok(segment);
            }
            let follows = seq == after || line.previous == segment.last;
            if seq == after {
                segment.previous = Some(line.previous.clone());
            }
            if !follows || !seal.holds_laid_out(&line) {
                segment.broken = Some((line.seq, if follows { CHANGED } else { NOT_NEXT }));
                return Ok(segment);
            }
            seq = line.seq;
            segment.last = line.hash;
            if seq == walk.head {
                segment.at_head = Some(segment.last.clone());
            }
        }
        let read = i64::try_from(rows.len()).unwrap_or(0);
        let done = walk.done.fetch_add(read, Ordering::Relaxed) + read;
        (walk.heard)(done, walk.end);
    }
    Ok(segment)
}

/// The line of a row, by places: names would be looked up eight times a line.
fn line(row: &QueryResult) -> Result<LaidOut, DbErr> {
    Ok(LaidOut {
        seq: row.try_get_by_index(0)?,
        id: row.try_get_by_index(1)?,
        at: row.try_get_by_index(2)?,
        by: row.try_get_by_index(3)?,
        seen_by: row.try_get_by_index(4)?,
        body: row.try_get_by_index(5)?,
        previous: row.try_get_by_index(6)?,
        hash: row.try_get_by_index(7)?,
    })
}
