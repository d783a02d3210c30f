//! Randomness is an argument, never ambient (house rule 5).

use std::sync::{Arc, Mutex, PoisonError};

use rand::{RngCore, SeedableRng, rngs::OsRng, rngs::StdRng};

/// Where random bytes come from: the system, or a seed that tests choose.
#[derive(Clone, Debug)]
pub enum Chance {
    /// The operating system's generator, fit for secrets.
    System,
    /// A seeded generator: the same seed gives the same bytes. Tests and demonstration only.
    Seeded(Arc<Mutex<StdRng>>),
}

impl Chance {
    /// A generator that always gives the same sequence.
    pub fn seeded(seed: u64) -> Self {
        Self::Seeded(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// Fills the slice with random bytes.
    pub fn fill(&self, bytes: &mut [u8]) {
        match self {
            Self::System => rand::TryRngCore::unwrap_err(OsRng).fill_bytes(bytes),
            Self::Seeded(rng) => rng.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(bytes),
        }
    }

    /// A secret of 256 bits as 64 hexadecimal characters, for links and sessions.
    pub fn secret(&self) -> String {
        crate::text::hex(&self.bytes::<32>())
    }

    /// A number in `0..below` (0 when `below` is 0).
    pub fn below(&self, below: u64) -> u64 {
        if below == 0 { 0 } else { u64::from_le_bytes(self.bytes()) % below }
    }
}
