//! Floods: how many requests one address may make, in this process. Sign-in attempts are counted
//! in the database by `identity`, so that several instances share the count.

use std::net::IpAddr;
use std::num::NonZeroU32;

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::config::Limites;

/// Counters by address.
#[derive(Debug)]
pub struct Limits(Option<DefaultKeyedRateLimiter<IpAddr>>);

impl Limits {
    /// From the configuration; no limit when the rate is 0.
    pub fn new(limites: &Limites) -> Self {
        Self(NonZeroU32::new(limites.requetes_par_seconde).map(|rate| {
            let burst = NonZeroU32::new(limites.rafale).unwrap_or(rate).max(rate);
            RateLimiter::keyed(Quota::per_second(rate).allow_burst(burst))
        }))
    }

    /// Whether the address may make one more request now.
    pub fn admit(&self, source: IpAddr) -> bool {
        self.0.as_ref().is_none_or(|l| l.check_key(&block_of(source)).is_ok())
    }

    /// Forgets addresses that have been quiet: called by the clean-up job.
    pub fn forget_quiet(&self) {
        if let Some(l) = &self.0 {
            l.retain_recent();
        }
    }
}

/// One subscriber holds a whole /64 of IPv6: it counts as one address.
fn block_of(source: IpAddr) -> IpAddr {
    match source {
        IpAddr::V4(_) => source,
        IpAddr::V6(v6) => {
            let mut segments = v6.segments();
            segments[4..].fill(0);
            IpAddr::from(segments)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_one_source_and_not_another() {
        let limits = Limits::new(&Limites { requetes_par_seconde: 1, rafale: 3 });
        let one: IpAddr = "2001:db8::1".parse().unwrap();
        let same_home: IpAddr = "2001:db8::2".parse().unwrap();
        let other: IpAddr = "192.0.2.1".parse().unwrap();
        assert!((0..3).all(|_| limits.admit(one)));
        assert!(!limits.admit(same_home));
        assert!(limits.admit(other));
        assert!(Limits::new(&Limites { requetes_par_seconde: 0, rafale: 0 }).admit(other));
    }
}
