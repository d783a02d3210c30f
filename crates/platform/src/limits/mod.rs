//! Floods: how many requests one address may make, in this process. Sign-in attempts are counted
//! in the database by `identity`, so that several instances share the count.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use uuid::Uuid;

use crate::config::Limites;

/// Requests a second of one personal token, and how many at once: a program that copies a whole directory goes through.
const PAR_JETON: (u32, u32) = (10, 100);

/// Counters by address, and by personal token.
#[derive(Debug)]
pub struct Limits(Option<DefaultKeyedRateLimiter<IpAddr>>, Option<DefaultKeyedRateLimiter<Uuid>>);

impl Limits {
    /// From the configuration; no limit when the rate is 0.
    pub fn new(limites: &Limites) -> Self {
        let keyed = NonZeroU32::new(limites.requetes_par_seconde).map(|rate| {
            let burst = NonZeroU32::new(limites.rafale).unwrap_or(rate).max(rate);
            RateLimiter::keyed(Quota::per_second(rate).allow_burst(burst))
        });
        let (rate, burst) = PAR_JETON;
        let tokens = keyed.as_ref().and(NonZeroU32::new(rate).zip(NonZeroU32::new(burst)));
        Self(keyed, tokens.map(|(r, b)| RateLimiter::keyed(Quota::per_second(r).allow_burst(b))))
    }

    /// Whether the personal token may make one more request now. Only tokens that exist are counted.
    pub fn admit_token(&self, token: Uuid) -> bool {
        self.1.as_ref().is_none_or(|l| l.check_key(&token).is_ok())
    }

    /// Whether the address may make one more request now.
    pub fn admit(&self, source: IpAddr) -> bool {
        self.0.as_ref().is_none_or(|l| l.check_key(&block_of(source)).is_ok())
    }

    /// Forgets, every so often and for ever, the addresses that have been quiet. Each process that
    /// serves does it for itself: the counters are its own.
    pub async fn forget_quiet(&self, every: Duration) {
        let Some(limiter) = &self.0 else { return };
        let mut every = tokio::time::interval(every);
        loop {
            every.tick().await;
            limiter.retain_recent();
            limiter.shrink_to_fit();
            if let Some(tokens) = &self.1 {
                tokens.retain_recent();
                tokens.shrink_to_fit();
            }
        }
    }
}

/// One subscriber holds a whole /64 of IPv6: it counts as one address. An address of IPv4 written in
/// IPv6 is an address of IPv4: all of them lie in one /64.
fn block_of(source: IpAddr) -> IpAddr {
    match source.to_canonical() {
        v4 @ IpAddr::V4(_) => v4,
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
        // Two addresses of IPv4, as a socket of both families sees them.
        let mapped: IpAddr = "::ffff:192.0.2.2".parse().unwrap();
        let neighbour: IpAddr = "::ffff:192.0.2.3".parse().unwrap();
        assert!((0..3).all(|_| limits.admit(mapped)));
        assert!(limits.admit(neighbour));
        assert!(!limits.admit("192.0.2.2".parse().unwrap()), "one address, however written");
        assert!(Limits::new(&Limites { requetes_par_seconde: 0, rafale: 0 }).admit(other));
    }

    #[tokio::test]
    async fn a_visitor_who_left_is_forgotten() {
        let limits = Limits::new(&Limites { requetes_par_seconde: 1000, rafale: 1 });
        assert!(limits.admit("192.0.2.1".parse().unwrap()));
        assert_eq!(limits.0.as_ref().unwrap().len(), 1);
        let forget = limits.forget_quiet(Duration::from_millis(20));
        assert!(tokio::time::timeout(Duration::from_millis(200), forget).await.is_err(), "it goes on");
        assert_eq!(limits.0.as_ref().unwrap().len(), 0);
    }
}
