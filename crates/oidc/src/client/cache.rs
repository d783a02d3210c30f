//! When to fetch a discovery document or keys again: as data, so that several instances may share it.

use chrono::{DateTime, TimeDelta, Utc};

/// How copies age.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// For how long a copy is used without a question.
    pub fresh: TimeDelta,
    /// The least time between two requests, whatever happens: unknown keys, a provider that is away.
    pub between: TimeDelta,
}

impl Default for Policy {
    fn default() -> Self {
        Self { fresh: TimeDelta::hours(1), between: TimeDelta::minutes(1) }
    }
}

/// What is known of a copy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheState {
    /// When the copy at hand was fetched; none when there is none.
    pub fetched_at: Option<DateTime<Utc>>,
    /// When it was last asked for, with or without an answer.
    pub asked_at: Option<DateTime<Utc>>,
}

/// Why the copy is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// To be used.
    Use,
    /// A token names a key that it does not hold.
    UnknownKey,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Use the copy.
    Use,
    /// Fetch it again; if that fails, use the copy at hand.
    Refresh,
    /// There is no copy: fetch one, or give up.
    Fetch,
    /// It was asked for a moment ago: give up now rather than ask again.
    GiveUp,
}

impl Policy {
    /// What to do at that instant.
    pub fn decide(&self, state: CacheState, why: Why, now: DateTime<Utc>) -> Decision {
        // A clock that was put back must not stop everything.
        let recent = |at: DateTime<Utc>, life| at <= now && now < at + life;
        let asked_lately = state.asked_at.is_some_and(|at| recent(at, self.between));
        match (state.fetched_at, why) {
            (None, _) if asked_lately => Decision::GiveUp,
            (None, _) => Decision::Fetch,
            (Some(_), Why::UnknownKey) if asked_lately => Decision::GiveUp,
            (Some(_), Why::UnknownKey) => Decision::Refresh,
            (Some(at), Why::Use) if recent(at, self.fresh) || asked_lately => Decision::Use,
            (Some(_), Why::Use) => Decision::Refresh,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attacks_33_and_70_requests_are_bounded() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let ago = |seconds| Some(now - TimeDelta::seconds(seconds));
        for (fetched, asked, why, expected) in [
            (None, None, Why::Use, Decision::Fetch),
            (None, ago(30), Why::Use, Decision::GiveUp),
            (None, ago(61), Why::Use, Decision::Fetch),
            (ago(10), ago(10), Why::Use, Decision::Use),
            (ago(3599), ago(3599), Why::Use, Decision::Use),
            (ago(3601), ago(3601), Why::Use, Decision::Refresh),
            // The provider has been away for ten minutes: the copy serves on, asked for once a minute.
            (ago(4200), ago(20), Why::Use, Decision::Use),
            (ago(4200), ago(61), Why::Use, Decision::Refresh),
            (ago(120), ago(120), Why::UnknownKey, Decision::Refresh),
            (ago(120), ago(59), Why::UnknownKey, Decision::GiveUp),
            // The clock was put back by an hour.
            (ago(-3600), ago(-3600), Why::Use, Decision::Refresh),
        ] {
            let state = CacheState { fetched_at: fetched, asked_at: asked };
            assert_eq!(Policy::default().decide(state, why, now), expected, "{state:?} {why:?}");
        }
    }

    #[test]
    fn attack_70_a_storm_of_unknown_keys() {
        let (policy, start) = (Policy::default(), DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        let mut state = CacheState { fetched_at: Some(start), asked_at: Some(start) };
        let mut asked = 0;
        for second in 0..600 {
            for _ in 0..100 {
                let now = start + TimeDelta::seconds(second);
                if policy.decide(state, Why::UnknownKey, now) == Decision::Refresh {
                    asked += 1;
                    state = CacheState { fetched_at: Some(now), asked_at: Some(now) };
                }
            }
        }
        assert_eq!(asked, 9);
    }
}
