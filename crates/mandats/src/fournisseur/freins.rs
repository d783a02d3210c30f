//! Floods at the addresses that servers ask for, in memory: failed proofs of a source, requests of a client.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};

/// Failures in a minute after which a source is not listened to any more under that name. FranceConnect's servers are few,
/// and never fail.
pub(super) const ECHECS: u32 = 20;
/// The same for tokens that tell nothing: somebody who tries some, and not a service whose people went away.
pub(super) const JETONS: u32 = 300;
/// The name under which tokens that tell nothing are counted; they are no names that somebody makes up.
pub(super) const IDENTITE: &str = "/userinfo";
/// Failures in a minute, over all names, after which a source is not listened to at all: it makes names up.
const TOUS: u32 = 300;
/// Most sources, and most pairs of a source and a name, that are remembered.
const RETENUS: usize = 20_000;

/// Who sends: an IPv4 address, or the network of an IPv6 one (a /64 is one subscriber, with as many addresses as he likes).
fn reseau(source: IpAddr) -> IpAddr {
    match source.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
        v4 => v4,
    }
}

/// Failures in this minute. The oldest is forgotten first: a flood of new names does not clear those of the name that is
/// being guessed.
#[derive(Debug)]
struct Echecs<C> {
    minute: i64,
    comptes: HashMap<C, u32>,
    ordre: VecDeque<C>,
}

impl<C> Default for Echecs<C> {
    fn default() -> Self {
        Self { minute: 0, comptes: HashMap::new(), ordre: VecDeque::new() }
    }
}

impl<C: Clone + Eq + Hash> Echecs<C> {
    fn combien(&self, de: &C, minute: i64) -> u32 {
        if self.minute == minute { self.comptes.get(de).copied().unwrap_or_default() } else { 0 }
    }

    fn un_de_plus(&mut self, de: C, minute: i64) {
        if self.minute != minute {
            *self = Self { minute, ..Self::default() };
        }
        if let Some(n) = self.comptes.get_mut(&de) {
            *n = n.saturating_add(1);
            return;
        }
        if self.ordre.len() >= RETENUS
            && let Some(ancien) = self.ordre.pop_front()
        {
            self.comptes.remove(&ancien);
        }
        self.ordre.push_back(de.clone());
        self.comptes.insert(de, 1);
    }
}

/// Counters of this process.
#[derive(Debug, Default)]
pub(super) struct Freins {
    noms: Mutex<Echecs<(IpAddr, String)>>,
    sources: Mutex<Echecs<IpAddr>>,
    debits: Mutex<(i64, HashMap<String, u32>)>,
}

impl Freins {
    /// Whether that source may still try, under that name, having failed fewer than `maximum` times in this minute, and not
    /// too often under others.
    pub(super) fn ecoute(&self, source: IpAddr, client: &str, maximum: u32, now: DateTime<Utc>) -> bool {
        let (minute, source) = (now.timestamp().div_euclid(60), reseau(source));
        let noms = self.noms.lock().unwrap_or_else(PoisonError::into_inner);
        let sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        noms.combien(&(source, client.to_owned()), minute) < maximum
            && sources.combien(&source, minute) < TOUS
    }

    /// One more failure.
    pub(super) fn echec(&self, source: IpAddr, client: &str, now: DateTime<Utc>) {
        let (minute, source) = (now.timestamp().div_euclid(60), reseau(source));
        let mut noms = self.noms.lock().unwrap_or_else(PoisonError::into_inner);
        let mut sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        noms.un_de_plus((source, client.to_owned()), minute);
        if client != IDENTITE {
            sources.un_de_plus(source, minute);
        }
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
    fn a_source_that_makes_names_up_is_held_and_clears_nothing() {
        let freins = Freins::default();
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let ici = |n: u64| IpAddr::V6(Ipv6Addr::from_bits((0x2001_0db8_u128 << 96) | u128::from(n)));
        for n in 0..u64::from(TOUS) {
            assert!(freins.ecoute(ici(n), "fc", ECHECS, now), "{n}");
            freins.echec(ici(n), &format!("nom-{n}"), now);
        }
        // One subscriber has every address of a /64; the next one is somebody else, and so is IPv4.
        assert!(!freins.ecoute(ici(9_999), "fc", ECHECS, now));
        assert!(freins.ecoute(
            IpAddr::V6(Ipv6Addr::from_bits(0x2001_0db8_0000_0001_u128 << 64)),
            "fc",
            ECHECS,
            now
        ));
        let v4: IpAddr = "192.0.2.1".parse().unwrap();
        let le_meme: IpAddr = "::ffff:192.0.2.1".parse().unwrap();
        (0..ECHECS).for_each(|_| freins.echec(v4, "fc", now));
        assert!(!freins.ecoute(le_meme, "fc", ECHECS, now));
        // As many sources as are remembered, less those above: the failures of before are still known.
        for n in 0..(RETENUS - 400) as u32 {
            freins.echec(IpAddr::V4((0x0a00_0000 + n).into()), "fc", now);
        }
        assert!(!freins.ecoute(v4, "fc", ECHECS, now) && !freins.ecoute(ici(0), "fc", ECHECS, now));
        // Beyond, the oldest go, one by one.
        for n in 0..1_000_u32 {
            freins.echec(IpAddr::V4((0x0b00_0000 + n).into()), "fc", now);
        }
        assert!(freins.ecoute(ici(0), "fc", ECHECS, now));
        assert!(freins.noms.lock().unwrap().comptes.len() <= RETENUS);
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
