//! What a database error means to the caller.

use sea_orm::sqlx::sqlite::SqliteError;
use sea_orm::{DbErr, RuntimeErr, SqlErr, sqlx};

/// Whether the database is away (stopped, unreachable, out of connections), as opposed to a query
/// that is wrong: the page is then 503, and the next request tries again.
pub fn is_unavailable(error: &DbErr) -> bool {
    let runtime = match error {
        DbErr::ConnectionAcquire(_) => return true,
        DbErr::Conn(e) | DbErr::Exec(e) | DbErr::Query(e) => e,
        _ => return false,
    };
    let RuntimeErr::SqlxError(e) = runtime else { return matches!(error, DbErr::Conn(_)) };
    match e.as_ref() {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Protocol(_) => true,
        sqlx::Error::Database(e) if e.try_downcast_ref::<SqliteError>().is_some() => {
            e.code().is_some_and(|c| sqlite_is_away(&c))
        }
        // Classes 57P (the operator stops the server) and 08 (the connection broke), 53 (no room), and
        // the two that `is_contention` names, once the tries are used up.
        sqlx::Error::Database(e) => e.code().is_some_and(|c| {
            ["57P", "08", "53"].iter().any(|class| c.starts_with(class)) || CONTENTION.contains(&c.as_ref())
        }),
        _ => matches!(error, DbErr::Conn(_)),
    }
}

/// Busy (5), read-only (8), I/O (10), disk full (13), cannot open (14): the primary code is the low
/// byte of the extended one (<https://www.sqlite.org/rescode.html>).
fn sqlite_is_away(code: &str) -> bool {
    code.parse::<u32>().is_ok_and(|c| [5, 8, 10, 13, 14].contains(&(c & 0xff)))
}

/// `serialization_failure` and `deadlock_detected`
/// (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
const CONTENTION: [&str; 2] = ["40001", "40P01"];

/// Whether PostgreSQL gave this transaction up in favour of another: the same one, begun again, may pass.
pub(super) fn is_contention(error: &DbErr) -> bool {
    let (DbErr::Conn(RuntimeErr::SqlxError(e))
    | DbErr::Exec(RuntimeErr::SqlxError(e))
    | DbErr::Query(RuntimeErr::SqlxError(e))) = error
    else {
        return false;
    };
    matches!(e.as_ref(), sqlx::Error::Database(e)
        if e.try_downcast_ref::<SqliteError>().is_none() && e.code().is_some_and(|c| CONTENTION.contains(&c.as_ref())))
}

/// Whether a unique constraint refused the row: two people did the same thing at once.
pub fn is_unique_violation(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_come_back_later() {
        for (code, away) in [
            ("5", true),
            ("261", true),
            ("517", true),
            ("8", true),
            ("1032", true),
            ("10", true),
            ("266", true),
            ("13", true),
            ("14", true),
            ("1", false),
            ("19", false),
            ("2067", false),
            ("11", false),
            ("x", false),
        ] {
            assert_eq!(sqlite_is_away(code), away, "{code}");
        }
    }

    #[tokio::test]
    async fn a_base_that_takes_no_writing_is_away() {
        use crate::db::{Db, Options, kit};
        let folder = std::env::temp_dir().join(format!("maillage-busy-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let url = format!("sqlite:{}", folder.join("base.sqlite").display());
        let db = Db::connect(&url, &Options::default()).await.unwrap();
        kit::execute(db.read(), "CREATE TABLE t (x integer)", []).await.unwrap();
        kit::execute(db.read(), "PRAGMA query_only = ON", []).await.unwrap();
        let mut refused = Vec::new();
        for _ in 0..16 {
            refused.extend(kit::execute(db.read(), "INSERT INTO t VALUES (1)", []).await.err());
        }
        let wrong = kit::execute(db.read(), "INSERT INTO absent VALUES (1)", []).await.unwrap_err();
        db.close().await;
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(!refused.is_empty(), "one reader at least writes no more");
        assert!(refused.iter().all(is_unavailable), "{refused:?}");
        assert!(!is_unavailable(&wrong), "{wrong:?}");
    }
}
