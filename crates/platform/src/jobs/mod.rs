//! Work that is done later, or elsewhere: a job is a row written in the transaction of its cause,
//! so that both happen or neither. Jobs may run twice (a crash between the work and its mark):
//! every handler is idempotent.

mod bell;
mod migration;
mod store;
mod worker;

use std::time::Duration;

use serde::{Serialize, de::DeserializeOwned};

pub use bell::Bell;
pub use migration::Jobs0001;
pub use store::{JobRow, enqueue, enqueue_at, list, progress, restart, stuck};
pub use worker::{Registry, Worker, clean_up};

/// A kind of job: its payload is the struct itself.
pub trait Job: Serialize + DeserializeOwned + Send + 'static {
    /// Name in the table; never changed once released.
    const KIND: &'static str;
    /// How often it is tried before a person must look.
    const MAX_ATTEMPTS: i64 = 8;
    /// Two waiting jobs of one key are one: the second is not written.
    fn dedup_key(&self) -> Option<String> {
        None
    }
}

/// Delay before attempt `n` (from 1): 10 s, 40 s, 90 s… at most one hour.
pub fn backoff(attempt: i64) -> Duration {
    let n = u64::try_from(attempt.max(1)).unwrap_or(1);
    Duration::from_secs((10 * n * n).min(3600))
}
