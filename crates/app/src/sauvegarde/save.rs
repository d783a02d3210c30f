//! `maillage backup FILE`.

use std::path::Path;

use futures::TryStreamExt;
use platform::Site;
use platform::db::Engine;
use platform::journal::{self, Entry};
use sea_orm::{ConnectionTrait, Statement, StreamTrait};

use super::archive::Writer;
use super::{EDITION, Header, schema};
use crate::commands::say;
use crate::outcome::{Failure, Outcome};

/// Writes the whole database to the file: sealed by `cles.secret`, unless it must be read with other tools.
pub(crate) async fn backup(site: &Site, file: &Path, in_clear: bool) -> Outcome {
    let sealed = site.secrets.has_key() && !in_clear;
    let mut writer = Writer::create(site, file, sealed)?;
    // Whoever can read a backup can read everything: that one was made is worth a line.
    let line = Entry::system("base.sauvegarder", "base", "").with(serde_json::json!({ "scellee": sealed }));
    site.db.write(async |tx| journal::write(site, tx, line).await).await?;
    let tables = copy(site, &mut writer).await?;
    let (rows, size) = writer.finish()?;
    say(format_args!(
        "Sauvegarde écrite : {} ({rows} lignes de {tables} tables, {}).",
        file.display(),
        human(size)
    ));
    say(if sealed {
        "Elle est scellée : seule la clé « cles.secret » de ce site l’ouvre. Gardez cette clé ailleurs."
    } else {
        "Elle est en clair : qui l’a peut tout lire. Chiffrez-la avant de l’emporter."
    });
    Ok(())
}

/// Copies one state of the database, whatever is written meanwhile. Returns how many tables it has.
async fn copy(site: &Site, writer: &mut Writer) -> Result<usize, Failure> {
    let engine = site.db.engine();
    let tx = site.db.snapshot().await?;
    if engine == Engine::Postgres {
        // A large table takes longer than a page may.
        tx.execute_unprepared("SET LOCAL statement_timeout = 0").await?;
    }
    let tables = schema::read(&tx).await?;
    writer.line(&Header {
        maillage_backup: EDITION,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        engine: format!("{engine:?}").to_lowercase(),
        at: site.clock.now(),
        migrations: super::migrations(),
        tables: tables.clone(),
    })?;
    for table in &tables {
        writer.line(&super::Line::Table { table: table.name.clone() })?;
        let columns: Vec<String> = table.columns.iter().map(schema::Column::selected).collect();
        let sql = format!("SELECT {} FROM {}", columns.join(", "), table.quoted());
        let mut rows =
            tx.stream_raw(Statement::from_string(ConnectionTrait::get_database_backend(&tx), sql)).await?;
        while let Some(row) = rows.try_next().await? {
            let mut cells = Vec::with_capacity(table.columns.len());
            for (index, column) in table.columns.iter().enumerate() {
                cells.push(column.to_json(&row, index)?);
            }
            writer.row(&cells)?;
        }
    }
    tx.rollback().await?;
    Ok(tables.len())
}

/// A size that people read.
fn human(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} octets"),
        1024..1_048_576 => format!("{} Kio", bytes.div_ceil(1024)),
        _ => format!("{} Mio", bytes.div_ceil(1_048_576)),
    }
}
