//! Rows of duplicates, and nothing but rows.

mod apports;
mod fusions;
mod paires;

use sea_orm::DbErr;
use serde::Serialize;

pub(super) use apports::*;
pub use fusions::*;
pub use paires::*;

kernel::typed_id!(FusionId, "a merge of two lieux");

/// Most values of an `IN`.
const LOT: usize = 500;

fn json<T: Serialize>(valeur: &T) -> Result<String, DbErr> {
    serde_json::to_string(valeur).map_err(|e| DbErr::Custom(e.to_string()))
}

fn places(n: usize, de: usize) -> String {
    (de..de + n).map(|i| format!("${i}")).collect::<Vec<_>>().join(",")
}
