//! `maillage restore FILE`.

use std::path::Path;

use chrono::DateTime;
use platform::db::{Db, Options, migrate};
use platform::journal::{self, Entry, Verdict};
use platform::{Site, Tx};
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};

use super::archive::Reader;
use super::schema::{self, Table, quote};
use super::{Header, Line};
use crate::commands::say;
use crate::outcome::{Failure, Outcome};

/// A batch of rows is inserted before it holds more parameters (SQLite takes 32 766)…
const PARAMETERS: usize = 16_000;
/// … or more bytes than this.
const BYTES: usize = 4 << 20;

/// Fills an empty database, of either engine, with what the file holds: all of it, or nothing.
pub(crate) async fn restore(site: &Site, file: &Path) -> Outcome {
    let (mut reader, header) = Reader::open(site, file)?;
    check_migrations(&header)?;
    let first = rows_of_migrations().await?;
    let facts = serde_json::json!({ "sauvegarde_du": header.at, "moteur": header.engine });
    site.db
        .write(async |tx| {
            let tables = prepare(tx, &mut reader, &header, &first).await?;
            fill(tx, &mut reader, &tables).await?;
            check_references(tx).await?;
            let line = Entry::system("base.restaurer", "base", "").with(facts.clone());
            journal::write(site, tx, line).await?;
            Ok::<_, Failure>(())
        })
        .await?;
    say(format_args!(
        "Base restaurée : {} lignes de {} tables, sauvegardées le {} (UTC).",
        reader.rows(),
        header.tables.len(),
        header.at.format("%d/%m/%Y à %H:%M")
    ));
    match journal::verify(site.db.read()).await? {
        Verdict::Whole { .. } => say("Le journal est intact."),
        // The file is what was saved: the chain was broken before. Its data are needed all the same.
        Verdict::Broken { seq, why } => say(format_args!(
            "ATTENTION : le journal était déjà rompu quand la sauvegarde a été faite (ligne {seq} : {why})."
        )),
    }
    Ok(())
}

fn check_migrations(header: &Header) -> Result<(), Failure> {
    let ours = super::migrations();
    let newer = header.migrations.iter().any(|m| !ours.contains(m));
    let older = ours.iter().any(|m| !header.migrations.contains(m));
    let advice = match (newer, older) {
        (false, false) => return Ok(()),
        (true, _) => "plus récente",
        (false, true) => "plus ancienne",
    };
    Err(Failure::Refused(format!(
        "la sauvegarde vient d’une version {advice} du programme (la {}, et celle-ci est la {}) : leurs tables diffèrent. \
         Restaurez-la avec la version qui l’a écrite, puis mettez à jour.",
        header.program,
        env!("CARGO_PKG_VERSION")
    )))
}

/// How many rows the migrations themselves write in each table: they do not make a database used.
async fn rows_of_migrations() -> Result<Vec<(String, i64)>, Failure> {
    let db = Db::connect("sqlite::memory:", &Options::default()).await?;
    migrate(&db, crate::wiring::migrations(), DateTime::UNIX_EPOCH).await?;
    let mut counts = Vec::new();
    for table in schema::read(db.read()).await? {
        let rows = schema::count(db.read(), &table).await?;
        counts.push((table.name, rows));
    }
    db.close().await;
    Ok(counts)
}

/// Makes sure that the database is one to restore into, and holds others off. Returns its tables.
async fn prepare(
    tx: &Tx,
    reader: &mut Reader,
    header: &Header,
    first: &[(String, i64)],
) -> Result<Vec<Table>, Failure> {
    let tables = schema::read(tx).await?;
    let postgres = tx.get_database_backend() == DbBackend::Postgres;
    if postgres {
        tx.execute_unprepared("SET LOCAL statement_timeout = 0").await?;
        let names: Vec<String> = tables.iter().map(Table::quoted).collect();
        tx.execute_unprepared(&format!("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", names.join(", "))).await?;
    }
    for table in &tables {
        let expected = first.iter().find(|(name, _)| *name == table.name).map_or(0, |(_, rows)| *rows);
        let rows = schema::count(tx, table).await?;
        let used = table.name == "journal_head" && journal_began(tx).await?;
        if rows != expected || used {
            return Err(Failure::Refused(format!(
                "la base n’est pas vide (table « {} ») : une restauration ne se fait que dans une base neuve.",
                table.name
            )));
        }
    }
    let same = header.tables.len() == tables.len()
        && header
            .tables
            .iter()
            .all(|theirs| tables.iter().any(|t| t.name == theirs.name && t.same_columns(theirs)));
    if !same {
        return Err(reader.damaged_or(Failure::Refused(
            "les tables de la sauvegarde ne sont pas celles de cette base : la base a été modifiée à la main."
                .to_owned(),
        )));
    }
    // References may point forward, within a table or around a circle: they are checked at the end.
    if postgres {
        for (table, constraint) in schema::foreign_keys(tx).await? {
            let (table, constraint) = (quote(&table), quote(&constraint));
            let sql =
                format!("ALTER TABLE {table} ALTER CONSTRAINT {constraint} DEFERRABLE INITIALLY DEFERRED");
            tx.execute_unprepared(&sql).await?;
        }
    } else {
        tx.execute_unprepared("PRAGMA defer_foreign_keys = ON").await?;
    }
    for (name, _) in first.iter().filter(|(_, rows)| *rows > 0) {
        tx.execute_unprepared(&format!("DELETE FROM {}", quote(name))).await?;
    }
    Ok(header.tables.clone())
}

async fn journal_began(tx: &Tx) -> Result<bool, Failure> {
    let sql = "SELECT COUNT(*) FROM journal_head WHERE seq > 0";
    Ok(platform::db::kit::count(tx, sql, []).await? > 0)
}

/// Inserts the rows, batch by batch, up to the last line of the file.
async fn fill(tx: &Tx, reader: &mut Reader, tables: &[Table]) -> Result<(), Failure> {
    let mut batch: Option<Batch> = None;
    while let Some(line) = reader.next()? {
        match line {
            Line::Table { table } => {
                if let Some(b) = &mut batch {
                    b.insert(tx).await?;
                }
                let table = tables.iter().find(|t| t.name == table).ok_or_else(|| reader.damaged())?;
                batch = Some(Batch { table, values: Vec::new(), bytes: 0 });
            }
            Line::Row(cells) => {
                let b = batch.as_mut().ok_or_else(|| reader.damaged())?;
                b.push(cells).ok_or_else(|| reader.damaged())?;
                if b.is_full() {
                    b.insert(tx).await?;
                }
            }
            Line::End { .. } => {}
        }
    }
    match &mut batch {
        Some(b) => b.insert(tx).await,
        None => Ok(()),
    }
}

struct Batch<'a> {
    table: &'a Table,
    values: Vec<Value>,
    bytes: usize,
}

impl Batch<'_> {
    /// Adds a row; `None` when it does not fit the table.
    fn push(&mut self, cells: Vec<serde_json::Value>) -> Option<()> {
        if cells.len() != self.table.columns.len() {
            return None;
        }
        for (column, cell) in self.table.columns.iter().zip(cells) {
            self.bytes += cell.as_str().map_or(8, str::len);
            self.values.push(column.value_of(cell)?);
        }
        Some(())
    }

    fn is_full(&self) -> bool {
        self.values.len() + self.table.columns.len() > PARAMETERS || self.bytes > BYTES
    }

    async fn insert(&mut self, tx: &Tx) -> Result<(), Failure> {
        let columns = &self.table.columns;
        if self.values.is_empty() {
            return Ok(());
        }
        let engine = tx.get_database_backend();
        let rows: Vec<String> = (0..self.values.len() / columns.len())
            .map(|row| {
                let cells: Vec<String> = columns
                    .iter()
                    .enumerate()
                    .map(|(i, c)| c.inserted(row * columns.len() + i + 1, engine))
                    .collect();
                format!("({})", cells.join(","))
            })
            .collect();
        let names: Vec<String> = columns.iter().map(|c| quote(&c.name)).collect();
        let sql =
            format!("INSERT INTO {} ({}) VALUES {}", self.table.quoted(), names.join(","), rows.join(","));
        self.bytes = 0;
        let values = std::mem::take(&mut self.values);
        tx.execute_raw(Statement::from_sql_and_values(engine, sql, values)).await?;
        Ok(())
    }
}

/// Checks every reference, and makes PostgreSQL's as they were.
async fn check_references(tx: &Tx) -> Result<(), Failure> {
    if tx.get_database_backend() == DbBackend::Postgres {
        tx.execute_unprepared("SET CONSTRAINTS ALL IMMEDIATE").await?;
        let sql = "SELECT r.relname::text, c.conname::text FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid \
                   JOIN pg_namespace n ON n.oid = r.relnamespace \
                   WHERE c.contype = 'f' AND n.nspname = current_schema() AND c.condeferrable";
        for row in platform::db::kit::query(tx, sql, []).await? {
            let (table, constraint): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            let (table, constraint) = (quote(&table), quote(&constraint));
            let sql = format!("ALTER TABLE {table} ALTER CONSTRAINT {constraint} NOT DEFERRABLE");
            tx.execute_unprepared(&sql).await?;
        }
    }
    Ok(())
}
