//! Our own keys, and their rotation.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{Alg, KeyError, KeySet, SigningKey};

/// What a key is for at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Published, so that whoever keeps copies learns it before it signs.
    Next,
    /// Signs.
    Current,
    /// Signs no more; still published, so that what it signed is verified.
    Past,
    /// To be deleted.
    Gone,
}

/// All that is stored of a key beside its sealed bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyDate {
    /// Its identifier.
    pub kid: String,
    /// What it signs.
    pub alg: Alg,
    /// When it begins to sign.
    pub since: DateTime<Utc>,
}

/// How keys follow one another.
#[derive(Clone, Copy, Debug)]
pub struct Rotation {
    /// For how long a key signs.
    pub period: TimeDelta,
    /// For how long it is published before it signs: longer than peers keep a copy of our keys.
    pub lead: TimeDelta,
    /// For how long it is published after: longer than anything that it signed is read.
    pub keep: TimeDelta,
}

impl Default for Rotation {
    fn default() -> Self {
        Self { period: TimeDelta::days(90), lead: TimeDelta::days(2), keep: TimeDelta::days(14) }
    }
}

impl Rotation {
    /// What the key is for at that instant, among all the keys. One signs for an algorithm: the latest of those
    /// whose time has come.
    pub fn stage(&self, key: &KeyDate, all: &[KeyDate], now: DateTime<Utc>) -> Stage {
        if key.since > now {
            return Stage::Next;
        }
        // Two that begin at the same instant: the greater name wins, on every instance alike.
        let next = all
            .iter()
            .filter(|k| k.alg == key.alg && k.since <= now && (k.since, &k.kid) > (key.since, &key.kid))
            .map(|k| k.since)
            .min();
        match next {
            None => Stage::Current,
            Some(since) if now < since + self.keep => Stage::Past,
            Some(_) => Stage::Gone,
        }
    }

    /// When the key to be made now would begin to sign; none when no key is to be made.
    pub fn due(&self, alg: Alg, all: &[KeyDate], now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let last = all.iter().filter(|k| k.alg == alg).map(|k| k.since).max();
        match last {
            // The first key signs at once: nobody has a copy of none.
            None => Some(now),
            Some(since) if since > now || now < since + self.period - self.lead => None,
            Some(since) => Some((since + self.period).max(now + self.lead)),
        }
    }
}

/// The keys in use at an instant.
#[derive(Debug, Default)]
pub struct KeyRing(Vec<(Stage, SigningKey)>);

impl KeyRing {
    /// From the stored keys, each with its date, at that instant.
    pub fn at(now: DateTime<Utc>, rotation: &Rotation, keys: Vec<(DateTime<Utc>, SigningKey)>) -> Self {
        let date = |(since, key): &(DateTime<Utc>, SigningKey)| {
            key.kid().map(|kid| KeyDate { kid: kid.to_owned(), alg: key.alg(), since: *since })
        };
        let dates: Vec<KeyDate> = keys.iter().filter_map(date).collect();
        let staged = keys.into_iter().filter_map(|pair| {
            let stage = rotation.stage(&date(&pair)?, &dates, now);
            (stage != Stage::Gone).then_some((stage, pair.1))
        });
        Self(staged.collect())
    }

    /// The key that signs with that algorithm.
    pub fn signer(&self, alg: Alg) -> Option<&SigningKey> {
        self.0.iter().find(|(stage, key)| *stage == Stage::Current && key.alg() == alg).map(|(_, key)| key)
    }

    /// The algorithms for which a key signs.
    pub fn algs(&self) -> Vec<Alg> {
        [Alg::Es256, Alg::Rs256].into_iter().filter(|alg| self.signer(*alg).is_some()).collect()
    }

    /// The set to publish (RFC 7517 5): public halves only, of the keys to come, present and past.
    pub fn jwks(&self) -> Value {
        let keys: Vec<Value> = self.0.iter().filter_map(|(_, key)| key.jwk()).collect();
        json!({ "keys": keys })
    }

    /// What verifies our own tokens when they come back (`id_token_hint`).
    ///
    /// # Errors
    /// The library refuses one of them.
    pub fn verifying(&self) -> Result<KeySet, KeyError> {
        let keys: Result<Vec<_>, _> = self.0.iter().map(|(_, key)| key.verifying()).collect();
        Ok(KeySet::of(keys?))
    }
}
