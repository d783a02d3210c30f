//! Typed identifiers: UUIDv7, so that they sort by the time they were made.

use crate::{Chance, Clock};

/// Makes a UUIDv7 from the given clock and chance (never from ambient ones).
pub fn uuid_v7(clock: &Clock, chance: &Chance) -> uuid::Uuid {
    let millis = u64::try_from(clock.now().timestamp_millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &chance.bytes::<10>()).into_uuid()
}

/// Declares a typed identifier: `typed_id!(StructureId, "une structure de l'annuaire")`.
#[macro_export]
macro_rules! typed_id {
    ($name:ident, $doc:literal) => {
        #[doc = concat!("Identifier of ", $doc, " (UUIDv7).")]
        #[derive(
            Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(pub uuid::Uuid);

        impl $name {
            /// A new identifier, of the given instant.
            pub fn new(clock: &$crate::Clock, chance: &$crate::Chance) -> Self {
                Self($crate::ids::uuid_v7(clock, chance))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                s.parse().map(Self)
            }
        }
    };
}

typed_id!(CompteId, "a person's account");
typed_id!(StructureId, "a structure of the directory");
typed_id!(LieuId, "a lieu of the directory");
