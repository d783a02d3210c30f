//! Wakes the workers of this process; other processes notice by polling.

use std::sync::Arc;

use tokio::sync::watch;

/// Rung after a transaction that wrote jobs: every worker of the process hears it.
#[derive(Clone, Debug)]
pub struct Bell(Arc<watch::Sender<u64>>);

impl Default for Bell {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }
}

impl Bell {
    /// There is work.
    pub fn ring(&self) {
        self.0.send_modify(|rings| *rings = rings.wrapping_add(1));
    }

    /// One worker's ear: what rings from now on is heard, even while it works.
    pub(super) fn listen(&self) -> watch::Receiver<u64> {
        self.0.subscribe()
    }
}
