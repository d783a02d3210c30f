//! A transaction: a connection, and what is kept back until it is about to be committed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement, Value,
};

use super::error::is_contention;
use super::kit;
use crate::journal::Pending;

/// A transaction, as [`super::Db::write`] hands it to its closure.
///
/// The rows on which every writer of the instance queues (the head of the journal, the count of
/// changes of a list) are taken when the work is done, and held for the time of the commit only.
/// Whoever held one while taking other rows could wait for somebody who waits for it.
#[derive(Debug)]
pub struct Tx {
    inner: DatabaseTransaction,
    last: Mutex<Vec<(&'static str, Vec<Value>)>>,
    lines: Mutex<Vec<Pending>>,
    wrote_job: AtomicBool,
    contended: AtomicBool,
}

impl Tx {
    pub(super) fn new(inner: DatabaseTransaction) -> Self {
        Self {
            inner,
            last: Mutex::default(),
            lines: Mutex::default(),
            wrote_job: AtomicBool::new(false),
            contended: AtomicBool::new(false),
        }
    }

    /// Says that the transaction wrote a job: the workers of this process are called once it is
    /// committed, not before, when they would find nothing.
    pub(crate) fn wrote_job(&self) {
        self.wrote_job.store(true, Ordering::Relaxed);
    }

    /// Runs this statement when the work is done, before the commit: the place for an update of a row
    /// that many transactions queue on. Statements run in the order of these calls, the journal after them.
    pub fn before_commit(&self, sql: &'static str, values: impl IntoIterator<Item = Value>) {
        let values = values.into_iter().collect();
        self.last.lock().unwrap_or_else(PoisonError::into_inner).push((sql, values));
    }

    /// Keeps a line of the journal until the commit.
    pub(crate) fn keep(&self, line: Pending) {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    /// What the migrations of SeaORM take.
    pub(super) fn raw(&self) -> &DatabaseTransaction {
        &self.inner
    }

    /// Whether a statement was refused because of another transaction.
    pub(super) fn contended(&self) -> bool {
        self.contended.load(Ordering::Relaxed)
    }

    /// Writes what was kept, then commits. Says whether a job was written.
    pub(super) async fn commit(mut self) -> Result<bool, DbErr> {
        for (sql, values) in std::mem::take(self.last.get_mut().unwrap_or_else(PoisonError::into_inner)) {
            kit::execute(&self.inner, sql, values).await?;
        }
        let lines = std::mem::take(self.lines.get_mut().unwrap_or_else(PoisonError::into_inner));
        crate::journal::append(&self.inner, lines).await?;
        self.inner.commit().await?;
        Ok(self.wrote_job.into_inner())
    }

    /// Undoes it. A transaction that cannot be undone is one whose connection is gone: the database
    /// undoes it by itself, and the error that led here is the one worth telling.
    pub(super) async fn rollback(self) {
        let _ = self.inner.rollback().await;
    }

    fn seen<T>(&self, result: Result<T, DbErr>) -> Result<T, DbErr> {
        if result.as_ref().is_err_and(is_contention) {
            self.contended.store(true, Ordering::Relaxed);
        }
        result
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Tx {
    fn get_database_backend(&self) -> DbBackend {
        ConnectionTrait::get_database_backend(&self.inner)
    }

    async fn execute_raw(&self, stmt: Statement) -> Result<ExecResult, DbErr> {
        self.seen(self.inner.execute_raw(stmt).await)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.seen(self.inner.execute_unprepared(sql).await)
    }

    async fn query_one_raw(&self, stmt: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.seen(self.inner.query_one_raw(stmt).await)
    }

    async fn query_all_raw(&self, stmt: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.seen(self.inner.query_all_raw(stmt).await)
    }
}
