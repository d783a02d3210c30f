//! What a database error means to the caller.

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
        // Classes 57P (the operator stops the server) and 08 (the connection broke), 53 (no room).
        sqlx::Error::Database(e) => {
            e.code().is_some_and(|c| c.starts_with("57P") || c.starts_with("08") || c.starts_with("53"))
        }
        _ => matches!(error, DbErr::Conn(_)),
    }
}

/// Whether a unique constraint refused the row: two people did the same thing at once.
pub fn is_unique_violation(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}
