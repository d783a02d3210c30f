//! Migrations: one list for the whole instance, gathered from the contexts by `app`.

use sea_orm::{ConnectionTrait, DbErr};
use sea_orm_migration::{MigrationTrait, SchemaManager};

use super::{Db, Engine};

/// The migrations of one context, in order. Names are unique over the instance and never change:
/// `annuaire_0001_territoires`.
pub type Migrations = Vec<Box<dyn MigrationTrait>>;

/// Key of the advisory lock under which one instance at a time migrates PostgreSQL.
const LOCK_KEY: i64 = 0x6d61_696c_6c61_6765; // "maillage"

const TABLE: &str =
    "CREATE TABLE IF NOT EXISTS migration (name text NOT NULL PRIMARY KEY, applied_at text NOT NULL)";

/// Names of the migrations that the database has not had yet.
///
/// # Errors
/// When the database does not answer.
pub async fn pending(db: &Db, all: &Migrations) -> Result<Vec<String>, DbErr> {
    let applied = match applied(db.read()).await {
        Ok(applied) => applied,
        Err(e) if super::is_unavailable(&e) => return Err(e),
        // No table yet: an empty database.
        Err(_) => Vec::new(),
    };
    Ok(all.iter().map(|m| m.name().to_owned()).filter(|n| !applied.contains(n)).collect())
}

async fn applied(conn: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let rows = conn
        .query_all_raw(sea_orm::Statement::from_string(
            conn.get_database_backend(),
            "SELECT name FROM migration",
        ))
        .await?;
    rows.iter().map(|r| r.try_get("", "name")).collect()
}

/// Brings the schema up to date: all that is missing in one transaction, under a lock, so that several
/// instances may start at once. Returns the names of those applied.
///
/// # Errors
/// The first migration that fails; none is then applied.
pub async fn migrate(
    db: &Db,
    all: Migrations,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Vec<String>, DbErr> {
    db.write(async |tx| {
        if db.engine() == Engine::Postgres {
            tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LOCK_KEY})")).await?;
        }
        tx.execute_unprepared(TABLE).await?;
        let done = applied(tx).await?;
        let mut fresh = Vec::new();
        for migration in all.iter().filter(|m| !done.iter().any(|d| d == m.name())) {
            migration.up(&SchemaManager::new(tx.raw())).await?;
            super::kit::execute(
                tx,
                "INSERT INTO migration (name, applied_at) VALUES ($1, $2)",
                [migration.name().into(), now.to_rfc3339().into()],
            )
            .await?;
            fresh.push(migration.name().to_owned());
        }
        Ok(fresh)
    })
    .await
}
