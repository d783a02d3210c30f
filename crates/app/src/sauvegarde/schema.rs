//! What tables a database has, in words that mean the same on both engines.

use platform::db::kit;
use sea_orm::{ConnectionTrait, DbBackend, DbErr};

use super::cells::Kind;

/// A table of the instance.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub(super) struct Table {
    /// Its name.
    pub(super) name: String,
    /// Its columns, in order.
    pub(super) columns: Vec<Column>,
}

/// A column.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub(super) struct Column {
    /// Its name.
    pub(super) name: String,
    /// What its cells hold.
    pub(super) kind: Kind,
}

impl Table {
    /// Its name, as SQL takes it.
    pub(super) fn quoted(&self) -> String {
        quote(&self.name)
    }

    /// The same columns, whatever their order?
    pub(super) fn same_columns(&self, other: &Self) -> bool {
        self.columns.len() == other.columns.len() && self.columns.iter().all(|c| other.columns.contains(c))
    }
}

/// A name, as SQL takes it.
pub(super) fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The table of the migrations is told by the header, and written by the migrations themselves.
const NOT_DATA: &str = "migration";

/// Every table that holds data, by name.
///
/// # Errors
/// When the database does not answer, or a column is of a type that migrations may not use.
pub(super) async fn read(conn: &impl ConnectionTrait) -> Result<Vec<Table>, DbErr> {
    let (tables, columns) = match conn.get_database_backend() {
        DbBackend::Postgres => (
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename COLLATE \"C\"",
            "SELECT column_name::text, udt_name::text FROM information_schema.columns \
             WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position",
        ),
        _ => (
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
            "SELECT name, type FROM pragma_table_info($1) ORDER BY cid",
        ),
    };
    let mut found = Vec::new();
    for row in kit::query(conn, tables, []).await? {
        let name: String = row.try_get_by_index(0)?;
        if name == NOT_DATA {
            continue;
        }
        let mut table = Table { columns: Vec::new(), name };
        for row in kit::query(conn, columns, [table.name.clone().into()]).await? {
            let (name, declared): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            let kind = Kind::of(&declared).ok_or_else(|| {
                DbErr::Custom(format!("{}.{name}: « {declared} » is no portable type", table.name))
            })?;
            table.columns.push(Column { name, kind });
        }
        found.push(table);
    }
    Ok(found)
}

/// How many rows.
pub(super) async fn count(conn: &impl ConnectionTrait, table: &Table) -> Result<i64, DbErr> {
    kit::count(conn, &format!("SELECT COUNT(*) FROM {}", table.quoted()), []).await
}

/// The foreign keys of a PostgreSQL database, as pairs of table and constraint.
pub(super) async fn foreign_keys(conn: &impl ConnectionTrait) -> Result<Vec<(String, String)>, DbErr> {
    let sql = "SELECT r.relname::text, c.conname::text FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid \
               JOIN pg_namespace n ON n.oid = r.relnamespace \
               WHERE c.contype = 'f' AND n.nspname = current_schema() AND NOT c.condeferrable";
    kit::query(conn, sql, [])
        .await?
        .iter()
        .map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
        .collect()
}
