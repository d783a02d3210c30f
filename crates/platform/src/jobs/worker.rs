//! The worker: claims jobs, runs their handlers, keeps the schedules.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Job, JobRow, enqueue, store};
use crate::{Site, Tx};

type Failure = Box<dyn std::error::Error + Send + Sync>;
type Running = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;
type Handler = Arc<dyn Fn(Uuid, String) -> Running + Send + Sync>;
type Enqueue = Arc<dyn Fn(Site) -> Running + Send + Sync>;

/// How long a job is held before another worker may think its holder dead. Long jobs renew it
/// with [`super::progress`].
const LEASE: TimeDelta = TimeDelta::minutes(10);
/// How often a worker looks without being called.
const POLL: Duration = Duration::from_secs(2);

struct Entry {
    handler: Handler,
    max_attempts: i64,
}

struct Schedule {
    name: &'static str,
    every: TimeDelta,
    enqueue: Enqueue,
}

/// The handlers and schedules of the instance, gathered by `app/src/wiring.rs`.
#[derive(Default)]
pub struct Registry {
    handlers: BTreeMap<&'static str, Entry>,
    schedules: Vec<Schedule>,
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.handlers.keys()).finish()
    }
}

impl Registry {
    /// Says who does the jobs of kind `J`.
    pub fn on<J, F, Fut, E>(&mut self, handler: F)
    where
        J: Job,
        F: Fn(Uuid, J) -> Fut + Send + Sync + Clone + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<Failure>,
    {
        let run: Handler = Arc::new(move |id, payload| {
            let handler = handler.clone();
            Box::pin(async move {
                let job: J = serde_json::from_str(&payload)?;
                handler(id, job).await.map_err(Into::into)
            })
        });
        self.handlers.insert(J::KIND, Entry { handler: run, max_attempts: J::MAX_ATTEMPTS });
    }

    /// Writes this job every so often, by one instance at a time.
    pub fn every<J: Job + Clone + Sync>(&mut self, name: &'static str, every: TimeDelta, job: J) {
        let enqueue: Enqueue = Arc::new(move |site| {
            let job = job.clone();
            Box::pin(async move {
                site.db
                    .write(async |tx: &Tx| {
                        if store::take_turn(tx, name, site.clock.now(), every).await? {
                            enqueue(&site, tx, &job).await?;
                        }
                        Ok::<_, sea_orm::DbErr>(())
                    })
                    .await?;
                Ok(())
            })
        });
        self.schedules.push(Schedule { name, every, enqueue });
    }
}

/// What a job is told when the process that ran it died at every attempt.
const KEEPS_DYING: &str = "arrêt de l’instance pendant chaque essai";

/// Runs jobs until it is told to stop.
#[derive(Clone, Debug)]
pub struct Worker {
    site: Site,
    registry: Arc<Registry>,
    /// The only kind that it runs, if it was set aside for one: it then keeps no schedule.
    only: Option<&'static str>,
}

impl Worker {
    /// A worker of these handlers.
    pub fn new(site: Site, registry: Registry) -> Self {
        Self { site, registry: Arc::new(registry), only: None }
    }

    /// A second worker of the same handlers, for jobs of kind `J` alone: an import of ten minutes does
    /// not delay the mail that somebody waits for.
    #[must_use]
    pub fn set_aside_for<J: Job>(&self) -> Self {
        Self { only: Some(J::KIND), ..self.clone() }
    }

    /// Works until `stop`; a running job is given back to the queue if it does not end in 10 s.
    pub async fn run(&self, stop: CancellationToken) {
        let mut bell = self.site.bell.listen();
        while !stop.is_cancelled() {
            match self.step(&stop).await {
                Ok(true) => {}
                Ok(false) => {
                    tokio::select! {
                        () = stop.cancelled() => {}
                        _ = bell.changed() => {}
                        () = tokio::time::sleep(POLL) => {}
                    }
                }
                Err(error) => {
                    tracing::warn!(error = %error, "the worker cannot reach its jobs");
                    tokio::select! { () = stop.cancelled() => {}, () = tokio::time::sleep(POLL) => {} }
                }
            }
        }
    }

    /// Does everything that is due now: for tests and commands. Returns how many jobs ran.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn drain(&self) -> Result<usize, sea_orm::DbErr> {
        let stop = CancellationToken::new();
        let mut done = 0;
        while self.step(&stop).await? {
            done += 1;
        }
        Ok(done)
    }

    /// Writes the scheduled jobs whose turn has come, then runs one job. False when none was due.
    async fn step(&self, stop: &CancellationToken) -> Result<bool, sea_orm::DbErr> {
        for schedule in self.registry.schedules.iter().filter(|_| self.only.is_none()) {
            if let Err(error) = (schedule.enqueue)(self.site.clone()).await {
                tracing::warn!(schedule = schedule.name, every = %schedule.every, error = %error, "schedule not kept");
            }
        }
        let kinds: Vec<&'static str> =
            self.registry.handlers.keys().copied().filter(|k| self.only.is_none_or(|o| o == *k)).collect();
        if kinds.is_empty() {
            return Ok(false);
        }
        let now = self.site.clock.now();
        let engine = self.site.db.engine();
        let claimed =
            self.site.db.write(async |tx| store::claim(tx, engine, &kinds, now, LEASE).await).await?;
        let Some(row) = claimed else { return Ok(false) };
        match self.registry.handlers.get(row.kind.as_str()) {
            // Its last attempt never came to an end: the process died with it. Once more would be once too many.
            Some(entry) if row.attempts > entry.max_attempts => {
                tracing::error!(job = %row.id, kind = row.kind, "the instance stops whenever this job runs");
                self.site
                    .db
                    .write(async |tx| store::fail(tx, &row, entry.max_attempts, KEEPS_DYING, now).await)
                    .await?;
            }
            Some(entry) => self.run_one(entry, row, stop).await?,
            None => {}
        }
        Ok(true)
    }

    async fn run_one(
        &self,
        entry: &Entry,
        row: JobRow,
        stop: &CancellationToken,
    ) -> Result<(), sea_orm::DbErr> {
        let running = (entry.handler)(row.id, row.payload.clone());
        // In a task of its own: a panic is a failed attempt, not the end of the worker.
        let mut task = tokio::spawn(running);
        let outcome = tokio::select! {
            outcome = &mut task => outcome,
            () = async { stop.cancelled().await; tokio::time::sleep(Duration::from_secs(10)).await } => {
                task.abort();
                let now = self.site.clock.now();
                return self.site.db.write(async |tx| store::release(tx, &row, now).await).await;
            }
        };
        let now = self.site.clock.now();
        let label = [("kind", row.kind.clone())];
        match outcome {
            Ok(Ok(())) => {
                metrics::counter!("maillage_jobs_done_total", &label).increment(1);
                self.site.db.write(async |tx| store::finish(tx, &row, now).await).await
            }
            Ok(Err(error)) => {
                metrics::counter!("maillage_jobs_failed_total", &label).increment(1);
                tracing::warn!(job = %row.id, kind = row.kind, attempts = row.attempts, error = %error, "job failed");
                let text = error.to_string();
                self.site
                    .db
                    .write(async |tx| store::fail(tx, &row, entry.max_attempts, &text, now).await)
                    .await
            }
            Err(panic) => {
                metrics::counter!("maillage_jobs_failed_total", &label).increment(1);
                tracing::error!(job = %row.id, kind = row.kind, error = %panic, "job panicked");
                let text = "arrêt inattendu".to_owned();
                self.site
                    .db
                    .write(async |tx| store::fail(tx, &row, entry.max_attempts, &text, now).await)
                    .await
            }
        }
    }
}

impl super::JobRow {
    /// The job of that identifier.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find(
        conn: &impl sea_orm::ConnectionTrait,
        id: Uuid,
    ) -> Result<Option<Self>, sea_orm::DbErr> {
        store::get(conn, id).await
    }
}

/// Forgets done jobs after 30 days. Run by the clean-up schedule.
///
/// # Errors
/// When the database refuses.
pub async fn clean_up(site: &Site) -> Result<u64, sea_orm::DbErr> {
    let before = site.clock.now() - TimeDelta::days(30);
    site.db.write(async |tx| store::forget_done(tx, before).await).await
}
