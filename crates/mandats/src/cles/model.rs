//! What a key of ours is.

use chrono::{DateTime, TimeDelta, Utc};
use oidc::jose::{Alg, KeyDate, Rotation, Stage};
use serde_json::Value;

/// What a key signs, and nothing else.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Usage {
    /// Mandats, as documents.
    Mandat,
    /// `id_token` and userinfo of the identity provider.
    Jeton,
}

impl Usage {
    /// Both.
    pub const TOUS: [Self; 2] = [Self::Mandat, Self::Jeton];

    /// Its key.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Mandat => "mandat",
            Self::Jeton => "jeton",
        }
    }

    /// The one of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|u| u.cle() == cle)
    }

    /// With which algorithms keys are made: mandats are signed with one only (`document`), tokens as each client asks.
    pub fn algorithmes(self) -> &'static [Alg] {
        match self {
            Self::Mandat => &[Alg::Es256],
            Self::Jeton => &[Alg::Es256, Alg::Rs256],
        }
    }

    /// How keys follow one another.
    pub fn rotation(self) -> Rotation {
        match self {
            // Longer than any archive: the set that is published grows by one key a year.
            Self::Mandat => Rotation {
                period: TimeDelta::days(365),
                keep: TimeDelta::days(365 * 1000),
                ..Rotation::default()
            },
            Self::Jeton => Rotation::default(),
        }
    }
}

/// A key, its private half sealed.
#[derive(Clone, Debug)]
pub struct Cle {
    /// Thumbprint of the public half (RFC 7638).
    pub kid: String,
    /// What it signs.
    pub usage: Usage,
    /// With which algorithm.
    pub alg: Alg,
    /// Its place among the keys of that usage and algorithm, from 1: two instances cannot make the same one.
    pub rang: i64,
    /// When it begins to sign.
    pub depuis: DateTime<Utc>,
    /// The public half, as published (RFC 7517).
    pub publique: Value,
    /// The private half (PKCS#8), sealed.
    pub(crate) scellee: String,
}

impl Cle {
    /// What `oidc` needs of it.
    pub(crate) fn date(&self) -> KeyDate {
        KeyDate { kid: self.kid.clone(), alg: self.alg, since: self.depuis }
    }

    /// What it is for at that instant, among all the keys.
    pub fn etape(&self, toutes: &[Self], maintenant: DateTime<Utc>) -> Stage {
        let dates: Vec<KeyDate> = toutes.iter().filter(|c| c.usage == self.usage).map(Self::date).collect();
        self.usage.rotation().stage(&self.date(), &dates, maintenant)
    }

    /// For which place the private half is sealed: moved to another row, it does not open.
    pub(crate) fn place(kid: &str) -> String {
        format!("cle_signature/scellee/{kid}")
    }
}
