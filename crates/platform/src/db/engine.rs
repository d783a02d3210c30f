//! Opening connections: the one place that knows what each engine wants.

use std::time::Duration;

use sea_orm::{ConnectOptions, Database, DbErr};

use super::Db;
use crate::jobs::Bell;

/// Which engine serves the instance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Engine {
    /// Embedded, for a first try and small territories.
    Sqlite,
    /// For a nation.
    Postgres,
}

/// Sizes and delays of the pools.
#[derive(Clone, Debug)]
pub struct Options {
    /// Connections to PostgreSQL, or readers of SQLite.
    pub max_connections: u32,
    /// How long a request waits for a connection before it is answered 503.
    pub acquire_timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { max_connections: 8, acquire_timeout: Duration::from_secs(3) }
    }
}

pub(super) async fn connect(url: &str, options: &Options) -> Result<Db, DbErr> {
    if url.starts_with("sqlite:") {
        sqlite(url, options).await
    } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
        let mut opt = ConnectOptions::new(url);
        opt.max_connections(options.max_connections)
            .acquire_timeout(options.acquire_timeout)
            .connect_timeout(options.acquire_timeout)
            .statement_timeout(Duration::from_secs(120))
            .set_application_name("maillage")
            .connect_lazy(true)
            .sqlx_logging(false);
        let pool = Database::connect(opt).await?;
        Ok(Db { read: pool.clone(), write: pool, engine: Engine::Postgres, bell: Bell::default() })
    } else {
        Err(DbErr::Custom("L’adresse de la base doit commencer par « sqlite: » ou « postgres: ».".to_owned()))
    }
}

async fn sqlite(url: &str, options: &Options) -> Result<Db, DbErr> {
    let memory = url.contains(":memory:");
    let pool = |max: u32, wait: Duration, cache: &'static str| {
        let mut opt = ConnectOptions::new(url);
        opt.max_connections(max)
            .min_connections(1)
            .acquire_timeout(wait)
            .sqlx_logging(false)
            // An embedded database has no idle server to spare: connections stay open.
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .map_sqlx_sqlite_opts(move |o| {
                o.create_if_missing(true)
                    .foreign_keys(true)
                    .busy_timeout(Duration::from_secs(10))
                    .pragma("journal_mode", "WAL")
                    .pragma("synchronous", "NORMAL")
                    .pragma("cache_size", cache)
                    .pragma("temp_store", "MEMORY")
            });
        opt
    };
    // The writer first: it makes the file and sets the WAL, so that readers never race for it.
    // A long import holds the only writer: others wait for their turn.
    let write = Database::connect(pool(1, Duration::from_secs(60), "-16000")).await?;
    let read = if memory {
        write.clone()
    } else {
        // Each reader has a cache of its own: a small one, the system keeps the file in memory for all.
        Database::connect(pool(options.max_connections, options.acquire_timeout, "-2000")).await?
    };
    Ok(Db { read, write, engine: Engine::Sqlite, bell: Bell::default() })
}
