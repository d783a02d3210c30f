//! Small helpers for stores and migrations that hold on both engines.

use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, ExecResult, FromQueryResult, QueryResult, Statement, Value,
};
use sea_orm_migration::prelude::*;

/// Runs a hand-written statement with `$1…` placeholders, which both engines take.
///
/// # Errors
/// What the database says.
pub async fn execute(
    conn: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<ExecResult, DbErr> {
    conn.execute_raw(Statement::from_sql_and_values(conn.get_database_backend(), sql, values)).await
}

/// `$from, $from+1, …` for so many values.
pub fn places(from: usize, count: usize) -> String {
    (from..from + count).map(|i| format!("${i}")).collect::<Vec<_>>().join(", ")
}

/// Most values of one statement: SQLite takes 32 766, PostgreSQL 65 535.
const VALUES: usize = 16_000;

/// Writes rows of the same columns in as few statements as the engines take: a thousand rows cost little more than one. `end`
/// follows the values, as `ON CONFLICT DO NOTHING`; says how many rows were written.
///
/// # Errors
/// What the database says.
pub async fn insert_many(
    conn: &impl ConnectionTrait,
    into: &str,
    rows: Vec<Vec<Value>>,
    end: &str,
) -> Result<u64, DbErr> {
    let width = rows.first().map_or(1, Vec::len).max(1);
    // SQLite counts `$1` as a name and looks each one up among all the others, several times over: the time of a statement
    // would grow as the square of its values.
    let tuple = |row: usize| match conn.get_database_backend() {
        DbBackend::Sqlite => vec!["?"; width].join(", "),
        _ => places(row * width + 1, width),
    };
    let mut rows = rows.into_iter();
    let mut written = 0;
    loop {
        let lot: Vec<Vec<Value>> = rows.by_ref().take((VALUES / width).clamp(1, 500)).collect();
        if lot.is_empty() {
            return Ok(written);
        }
        let tuples: Vec<String> = (0..lot.len()).map(|row| format!("({})", tuple(row))).collect();
        let sql = format!("INSERT INTO {into} VALUES {} {end}", tuples.join(", "));
        written += execute(conn, &sql, lot.into_iter().flatten()).await?.rows_affected();
    }
}

/// Rows of a hand-written query.
///
/// # Errors
/// What the database says.
pub async fn query(
    conn: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<QueryResult>, DbErr> {
    conn.query_all_raw(Statement::from_sql_and_values(conn.get_database_backend(), sql, values)).await
}

/// Typed rows of a hand-written query.
///
/// # Errors
/// What the database says, or a column that does not fit.
pub async fn query_as<T: FromQueryResult>(
    conn: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<T>, DbErr> {
    query(conn, sql, values).await?.iter().map(|r| T::from_query_result(r, "")).collect()
}

/// First typed row of a hand-written query.
///
/// # Errors
/// What the database says, or a column that does not fit.
pub async fn query_one_as<T: FromQueryResult>(
    conn: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Option<T>, DbErr> {
    let row =
        conn.query_one_raw(Statement::from_sql_and_values(conn.get_database_backend(), sql, values)).await?;
    row.map(|r| T::from_query_result(&r, "")).transpose()
}

/// The only number of a hand-written query, as `i64` (cast sums in the query: stack 2.5.5).
///
/// # Errors
/// What the database says.
pub async fn count(
    conn: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<i64, DbErr> {
    let rows = query(conn, sql, values).await?;
    rows.first().map_or(Ok(0), |r| r.try_get_by_index(0))
}

/// A column that holds an identifier: UUIDv7.
pub fn id(name: impl IntoIden) -> ColumnDef {
    let mut c = ColumnDef::new(name);
    c.uuid().not_null();
    c
}

/// A column of an identifier that may be absent.
pub fn uuid_opt(name: impl IntoIden) -> ColumnDef {
    let mut c = ColumnDef::new(name);
    c.uuid().null();
    c
}

/// A column of text that always has a value.
pub fn text(name: impl IntoIden) -> ColumnDef {
    let mut c = ColumnDef::new(name);
    c.text().not_null();
    c
}

/// A column of text that may be absent.
pub fn text_opt(name: impl IntoIden) -> ColumnDef {
    let mut c = ColumnDef::new(name);
    c.text().null();
    c
}

/// An instant, UTC.
pub fn instant(name: impl IntoIden) -> ColumnDef {
    let mut c = ColumnDef::new(name);
    c.timestamp_with_time_zone().not_null();
    c
}

/// An instant that may not have come yet.
pub fn instant_opt(name: impl IntoIden) -> ColumnDef {
    let mut c = ColumnDef::new(name);
    c.timestamp_with_time_zone().null();
    c
}

/// A whole number (64 bits).
pub fn integer(name: impl IntoIden) -> ColumnDef {
    let mut c = ColumnDef::new(name);
    c.big_integer().not_null();
    c
}

/// A whole number that may be absent.
pub fn integer_opt(name: impl IntoIden) -> ColumnDef {
    let mut c = ColumnDef::new(name);
    c.big_integer().null();
    c
}

/// A day, without an hour.
pub fn day(name: impl IntoIden) -> ColumnDef {
    let mut c = ColumnDef::new(name);
    c.date().not_null();
    c
}

/// A day that may be absent.
pub fn day_opt(name: impl IntoIden) -> ColumnDef {
    let mut c = ColumnDef::new(name);
    c.date().null();
    c
}

/// Yes or no.
pub fn flag(name: impl IntoIden) -> ColumnDef {
    let mut c = ColumnDef::new(name);
    c.boolean().not_null();
    c
}

/// A text whose values are listed: the last wall behind the rules.
pub fn state(name: &'static str, values: &[&str]) -> ColumnDef {
    let mut c = ColumnDef::new(Alias::new(name));
    c.text().not_null().check(Expr::col(Alias::new(name)).is_in(values.iter().map(|v| (*v).to_owned())));
    c
}

/// A name of table or column.
pub fn name(n: &str) -> Alias {
    Alias::new(n)
}
