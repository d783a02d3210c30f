//! The two database verbs, the same on SQLite and PostgreSQL.
//!
//! [`Db::read`] gives a connection for queries; [`Db::write`] runs a closure in one transaction.
//! Nobody else opens connections. On SQLite a pool of readers stands beside a single writer whose
//! transactions begin `IMMEDIATE` (a deferred one that reads and then writes fails at once, without
//! waiting its turn); on PostgreSQL one pool serves both.

mod engine;
mod error;
pub mod kit;
mod migrate;
mod tx;

use std::time::Duration;

use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, IsolationLevel,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};

use crate::jobs::Bell;

pub use engine::{Engine, Options};
pub use error::{is_unavailable, is_unique_violation};
pub use migrate::{Migrations, migrate, pending};
pub use tx::Tx;

/// How often a transaction that lost against another one is tried, first time included.
const TRIES: u32 = 4;

/// The database of the instance.
#[derive(Clone, Debug)]
pub struct Db {
    read: DatabaseConnection,
    write: DatabaseConnection,
    engine: Engine,
    bell: Bell,
}

impl Db {
    /// Opens the database at `url`: `sqlite:path/to/file` (made if absent), `sqlite::memory:`, or
    /// `postgres://…`. PostgreSQL is not contacted before the first query, so that an instance
    /// starts, and answers 503, while its database is away.
    ///
    /// # Errors
    /// When the URL is of no known engine, or the SQLite file cannot be opened.
    pub async fn connect(url: &str, options: &Options) -> Result<Self, DbErr> {
        engine::connect(url, options).await
    }

    /// The engine behind.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// What wakes the workers of this process.
    pub(crate) fn bell(&self) -> &Bell {
        &self.bell
    }

    /// A connection for reading.
    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// Runs `work` in one transaction: committed when it returns `Ok`, undone otherwise.
    ///
    /// # Errors
    /// What `work` returns, or the failure to begin or commit.
    pub async fn write<T, E>(&self, work: impl AsyncFnOnce(&Tx) -> Result<T, E>) -> Result<T, E>
    where
        E: From<DbErr>,
    {
        self.attempt(work).await.map_err(|(error, _)| error)
    }

    /// As [`Self::write`], for work that takes several rows which others take too: when PostgreSQL
    /// sacrifices the transaction to another one (a deadlock), all it wrote is undone and the work that
    /// `work` makes anew is run again. Nothing outside the database may be done in it.
    ///
    /// # Errors
    /// What the work returns, or the failure to begin or commit; after a few tries, the deadlock.
    pub async fn write_again<T, E, W>(&self, work: impl Fn() -> W) -> Result<T, E>
    where
        E: From<DbErr>,
        W: AsyncFnOnce(&Tx) -> Result<T, E>,
    {
        for tried in 1..TRIES {
            match self.attempt(work()).await {
                Err((_, true)) => {
                    tracing::info!(tried, "transaction lost against another one: tried again");
                    tokio::time::sleep(Duration::from_millis(u64::from(10 * tried))).await;
                }
                done => return done.map_err(|(error, _)| error),
            }
        }
        self.write(work()).await
    }

    /// One try; a failure says whether another transaction is its cause.
    async fn attempt<T, E>(&self, work: impl AsyncFnOnce(&Tx) -> Result<T, E>) -> Result<T, (E, bool)>
    where
        E: From<DbErr>,
    {
        let tx = self.begin().await.map_err(|e| (e.into(), false))?;
        match work(&tx).await {
            Ok(value) => {
                let wrote_job = tx.commit().await.map_err(|e| {
                    let lost = error::is_contention(&e);
                    (e.into(), lost)
                })?;
                if wrote_job {
                    self.bell.ring();
                }
                Ok(value)
            }
            Err(error) => {
                let lost = tx.contended();
                tx.rollback().await;
                Err((error, lost))
            }
        }
    }

    async fn begin(&self) -> Result<Tx, DbErr> {
        let mode = match self.engine {
            Engine::Sqlite => Some(SqliteTransactionMode::Immediate),
            Engine::Postgres => None,
        };
        let options = TransactionOptions { sqlite_transaction_mode: mode, ..Default::default() };
        Ok(Tx::new(self.write.begin_with_options(options).await?))
    }

    /// A transaction that reads one state of the database, from its first query to its last,
    /// whatever is written meanwhile. For reading only.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn snapshot(&self) -> Result<DatabaseTransaction, DbErr> {
        let options = match self.engine {
            // In WAL mode a deferred transaction keeps the state of its first query.
            Engine::Sqlite => TransactionOptions::default(),
            Engine::Postgres => TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                access_mode: Some(AccessMode::ReadOnly),
                ..Default::default()
            },
        };
        self.read.begin_with_options(options).await
    }

    /// Asks the database for one row, to know whether it answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), DbErr> {
        self.read.execute_unprepared("SELECT 1").await.map(|_| ())
    }

    /// Closes the connections, after the last request.
    pub async fn close(self) {
        let _ = self.read.close().await;
        let _ = self.write.close().await;
    }
}
