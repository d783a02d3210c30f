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

use std::cell::Cell;

use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, IsolationLevel,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};

use crate::jobs::Bell;

pub use engine::{Engine, Options};
pub use error::{is_unavailable, is_unique_violation};
pub use migrate::{Migrations, migrate, pending};

/// A transaction, as [`Db::write`] hands it to its closure.
pub type Tx = DatabaseTransaction;

/// The database of the instance.
#[derive(Clone, Debug)]
pub struct Db {
    read: DatabaseConnection,
    write: DatabaseConnection,
    engine: Engine,
    bell: Bell,
}

tokio::task_local! {
    /// Whether the transaction under way wrote a job.
    static WROTE_JOB: Cell<bool>;
}

/// Says that the transaction under way wrote a job: the workers of this process are called once it is
/// committed, not before, when they would find nothing.
pub(crate) fn wrote_job() {
    let _ = WROTE_JOB.try_with(|wrote| wrote.set(true));
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
        let mode = match self.engine {
            Engine::Sqlite => Some(SqliteTransactionMode::Immediate),
            Engine::Postgres => None,
        };
        let options = TransactionOptions { sqlite_transaction_mode: mode, ..Default::default() };
        let tx = self.write.begin_with_options(options).await?;
        let (done, wrote_job) = WROTE_JOB
            .scope(Cell::new(false), async {
                let done = work(&tx).await;
                (done, WROTE_JOB.with(Cell::get))
            })
            .await;
        match done {
            Ok(value) => {
                tx.commit().await?;
                if wrote_job {
                    self.bell.ring();
                }
                Ok(value)
            }
            Err(error) => {
                // A transaction that cannot be undone is one whose connection is gone: the
                // database undoes it by itself, and the first error is the one worth telling.
                let _ = tx.rollback().await;
                Err(error)
            }
        }
    }

    /// A transaction that reads one state of the database, from its first query to its last,
    /// whatever is written meanwhile. For reading only.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn snapshot(&self) -> Result<Tx, DbErr> {
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
