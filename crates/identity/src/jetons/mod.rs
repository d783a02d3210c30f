//! Personal tokens: what a program shows to act for a person, in one of their roles and no further, for a time.

pub(crate) mod actions;
pub(crate) mod pages;
pub(crate) mod store;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use kernel::Portee;
use kernel::ids::CompteId;

use crate::comptes::model::AttributionId;

kernel::typed_id!(JetonId, "a personal token");

/// What a token begins with: seen in a file or a message, it says where it comes from.
pub(crate) const PREFIXE: &str = "maillage_";

/// A token, as stored: its secret is not, only the hash is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Jeton {
    pub(crate) id: JetonId,
    pub(crate) compte: CompteId,
    /// The role that it acts in: when it ends, the token opens nothing any more.
    pub(crate) attribution: AttributionId,
    pub(crate) nom: String,
    pub(crate) portees: Vec<Portee>,
    pub(crate) cree_le: DateTime<Utc>,
    pub(crate) expire_le: DateTime<Utc>,
    pub(crate) vu_le: Option<DateTime<Utc>>,
    pub(crate) retire_le: Option<DateTime<Utc>>,
}

impl Jeton {
    /// Whether it may open something: neither taken back nor over.
    pub(crate) fn vivant(&self, now: DateTime<Utc>) -> bool {
        self.retire_le.is_none() && now < self.expire_le
    }
}
