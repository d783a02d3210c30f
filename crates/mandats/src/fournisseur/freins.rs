//! Floods at the addresses that servers ask for, in memory: failed proofs of a source, requests of a client.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};

/// Failures in a minute after which a source is not listened to any more under that name. FranceConnect's servers are few,
/// and never fail.
pub(super) const ECHECS: u32 = 20;
/// The same for tokens that tell nothing: somebody who tries some, and not a service whose people went away.
pub(super) const JETONS: u32 = 300;
/// Most pairs that are remembered.
const PAIRES: usize = 20_000;

/// The minute, and how many failed in it, by source and name.
type Echecs = (i64, HashMap<(IpAddr, String), u32>);

/// Counters of this process.
#[derive(Debug, Default)]
pub(super) struct Freins {
    echecs: Mutex<Echecs>,
    debits: Mutex<(i64, HashMap<String, u32>)>,
}

impl Freins {
    /// Whether that source may still try, under that name, having failed fewer than `maximum` times in this minute.
    pub(super) fn ecoute(&self, source: IpAddr, client: &str, maximum: u32, now: DateTime<Utc>) -> bool {
        let minute = now.timestamp().div_euclid(60);
        let echecs = self.echecs.lock().unwrap_or_else(PoisonError::into_inner);
        echecs.0 != minute || echecs.1.get(&(source, client.to_owned())).is_none_or(|n| *n < maximum)
    }

    /// One more failure.
    pub(super) fn echec(&self, source: IpAddr, client: &str, now: DateTime<Utc>) {
        let minute = now.timestamp().div_euclid(60);
        let mut echecs = self.echecs.lock().unwrap_or_else(PoisonError::into_inner);
        if echecs.0 != minute || echecs.1.len() > PAIRES {
            *echecs = (minute, HashMap::new());
        }
        let n = echecs.1.entry((source, client.to_owned())).or_default();
        *n = n.saturating_add(1);
    }

    /// Whether a client that proved who it is may make one more exchange in this second; 0: no limit.
    pub(super) fn debit(&self, client: &str, maximum: u32, now: DateTime<Utc>) -> bool {
        if maximum == 0 {
            return true;
        }
        let mut debits = self.debits.lock().unwrap_or_else(PoisonError::into_inner);
        if debits.0 != now.timestamp() {
            *debits = (now.timestamp(), HashMap::new());
        }
        let n = debits.1.entry(client.to_owned()).or_default();
        *n = n.saturating_add(1);
        *n <= maximum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_that_fails_is_held_and_not_another() {
        let freins = Freins::default();
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let (pirate, fc): (IpAddr, IpAddr) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        for _ in 0..ECHECS {
            assert!(freins.ecoute(pirate, "fc", ECHECS, now));
            freins.echec(pirate, "fc", now);
        }
        assert!(!freins.ecoute(pirate, "fc", ECHECS, now));
        assert!(freins.ecoute(fc, "fc", ECHECS, now) && freins.ecoute(pirate, "autre", ECHECS, now));
        assert!(freins.ecoute(pirate, "fc", ECHECS, now + chrono::TimeDelta::minutes(1)));
    }

    #[test]
    fn a_client_has_its_rate() {
        let freins = Freins::default();
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        assert!((0..3).all(|_| freins.debit("fc", 3, now)));
        assert!(!freins.debit("fc", 3, now));
        assert!(freins.debit("autre", 3, now) && freins.debit("fc", 3, now + chrono::TimeDelta::seconds(1)));
        assert!((0..9).all(|_| freins.debit("libre", 0, now)));
    }
}
