//! Backup and restore: one file, the same for both engines, so that a first try on SQLite moves to
//! PostgreSQL, and back.
//!
//! The file is JSON lines under gzip, sealed by the key of the site when it has one. The first line says which program and which migrations wrote
//! it, and names every table with its columns; then come the rows, table by table, as arrays; the
//! last line holds their number and the SHA-256 of all that stands before it. A backup reads one
//! state of the database; a restore happens whole, or not at all.

mod archive;
mod cells;
mod load;
mod save;
mod schema;

pub(crate) use load::restore;
pub(crate) use save::backup;

/// Edition of the format, raised when a reader of the edition before would misread the file.
const EDITION: u32 = 1;

/// First line of the file.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct Header {
    /// [`EDITION`]; its name also tells that the file is a backup.
    maillage_backup: u32,
    /// Version of the program that wrote it.
    program: String,
    /// Engine that it was read from: told to people, of no effect.
    engine: String,
    /// When it was written.
    at: chrono::DateTime<chrono::Utc>,
    /// Names of the migrations that the database had had, in order.
    migrations: Vec<String>,
    /// Every table, in the order of the rows.
    tables: Vec<schema::Table>,
}

/// Last line of the file.
#[derive(Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct End {
    /// How many rows the file holds.
    rows: u64,
    /// SHA-256 of every line before this one, line feeds included.
    sha256: String,
}

/// A line between the first and the last.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(untagged)]
enum Line {
    /// A row of the current table, cells in the order of its columns.
    Row(Vec<serde_json::Value>),
    /// The rows of this table follow.
    Table {
        /// Its name.
        table: String,
    },
    /// The last line.
    End {
        /// Its content.
        end: End,
    },
}

/// Names of the migrations that this program knows.
fn migrations() -> Vec<String> {
    crate::wiring::migrations().iter().map(|m| m.name().to_owned()).collect()
}
