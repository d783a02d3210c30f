//! Wakes the workers of this process; other processes notice by polling.

use std::sync::Arc;

use tokio::sync::Notify;

/// Rung after a transaction that wrote jobs.
#[derive(Clone, Debug, Default)]
pub struct Bell(Arc<Notify>);

impl Bell {
    /// There is work.
    pub fn ring(&self) {
        self.0.notify_one();
    }

    /// Waits for work.
    pub async fn rung(&self) {
        self.0.notified().await;
    }
}
