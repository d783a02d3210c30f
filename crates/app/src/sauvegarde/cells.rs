//! A cell, between a database of either engine and JSON.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use sea_orm::{DbBackend, DbErr, QueryResult, TryGetable, Value};
use serde_json::Value as Json;
use uuid::Uuid;

use super::schema::Column;

/// What a column holds: the portable types, and no other.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    /// Identifier.
    Uuid,
    /// Instant, UTC, to the microsecond.
    Instant,
    /// Day.
    Date,
    /// Whole number of 64 bits.
    Integer,
    /// Floating point number of 64 bits.
    Real,
    /// True or false.
    Boolean,
    /// Text.
    Text,
    /// JSON, carried as the text that it was.
    Json,
    /// Bytes.
    Bytes,
}

impl Kind {
    /// From the type that either engine declares.
    pub(super) fn of(declared: &str) -> Option<Self> {
        let declared = declared.to_ascii_lowercase();
        let name = declared.split('(').next().unwrap_or_default().trim();
        Some(match name {
            "uuid" | "uuid_text" => Self::Uuid,
            "timestamptz" | "timestamp_with_timezone_text" => Self::Instant,
            "date" | "date_text" => Self::Date,
            "int2" | "int4" | "int8" | "integer" | "bigint" | "smallint" | "int" => Self::Integer,
            "float4" | "float8" | "double" | "real" | "float" | "double precision" => Self::Real,
            "bool" | "boolean" => Self::Boolean,
            "text" | "varchar" | "bpchar" | "char" => Self::Text,
            "json" | "json_text" | "jsonb" | "jsonb_text" => Self::Json,
            "bytea" | "blob" | "varbinary" => Self::Bytes,
            _ => return None,
        })
    }
}

impl Column {
    /// How to select it, so that either engine gives the one Rust type of its kind.
    pub(super) fn selected(&self) -> String {
        let name = super::schema::quote(&self.name);
        match self.kind {
            Kind::Integer => format!("CAST({name} AS bigint)"),
            Kind::Real => format!("CAST({name} AS double precision)"),
            Kind::Text | Kind::Json => format!("CAST({name} AS text)"),
            _ => name,
        }
    }

    /// How to insert it: the parameter of that number.
    pub(super) fn inserted(&self, number: usize, engine: DbBackend) -> String {
        match (self.kind, engine) {
            (Kind::Json, DbBackend::Postgres) => format!("CAST(${number} AS json)"),
            _ => format!("${number}"),
        }
    }

    /// The cell at that place of a row, as JSON.
    pub(super) fn to_json(&self, row: &QueryResult, index: usize) -> Result<Json, DbErr> {
        fn cell<T: TryGetable>(row: &QueryResult, i: usize, f: impl Fn(T) -> Json) -> Result<Json, DbErr> {
            Ok(row.try_get_by_index::<Option<T>>(i)?.map_or(Json::Null, f))
        }
        match self.kind {
            Kind::Uuid => cell(row, index, |v: Uuid| v.to_string().into()),
            Kind::Instant => {
                cell(row, index, |v: DateTime<Utc>| v.to_rfc3339_opts(SecondsFormat::Micros, true).into())
            }
            Kind::Date => cell(row, index, |v: NaiveDate| v.to_string().into()),
            Kind::Integer => cell(row, index, |v: i64| v.into()),
            Kind::Real => cell(row, index, |v: f64| v.into()),
            Kind::Boolean => cell(row, index, |v: bool| v.into()),
            Kind::Text | Kind::Json => cell(row, index, |v: String| v.into()),
            Kind::Bytes => cell(row, index, |v: Vec<u8>| STANDARD.encode(v).into()),
        }
    }

    /// The value of a cell to insert; `None` when the JSON does not fit the column.
    pub(super) fn value_of(&self, cell: Json) -> Option<Value> {
        if cell.is_null() {
            return Some(match self.kind {
                Kind::Uuid => Value::Uuid(None),
                Kind::Instant => Value::ChronoDateTimeUtc(None),
                Kind::Date => Value::ChronoDate(None),
                Kind::Integer => Value::BigInt(None),
                Kind::Real => Value::Double(None),
                Kind::Boolean => Value::Bool(None),
                Kind::Text | Kind::Json => Value::String(None),
                Kind::Bytes => Value::Bytes(None),
            });
        }
        Some(match self.kind {
            Kind::Uuid => cell.as_str()?.parse::<Uuid>().ok()?.into(),
            Kind::Instant => cell.as_str()?.parse::<DateTime<Utc>>().ok()?.into(),
            Kind::Date => cell.as_str()?.parse::<NaiveDate>().ok()?.into(),
            Kind::Integer => cell.as_i64()?.into(),
            Kind::Real => cell.as_f64()?.into(),
            Kind::Boolean => cell.as_bool()?.into(),
            Kind::Text | Kind::Json => match cell {
                Json::String(text) => text.into(),
                _ => return None,
            },
            Kind::Bytes => STANDARD.decode(cell.as_str()?).ok()?.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_that_do_not_fit_are_refused_not_guessed() {
        let column = |kind| Column { name: "c".to_owned(), kind };
        for (kind, bad) in [
            (Kind::Uuid, serde_json::json!("x")),
            (Kind::Uuid, serde_json::json!(1)),
            (Kind::Instant, serde_json::json!("2026-03-18")),
            (Kind::Date, serde_json::json!("2026-02-30")),
            (Kind::Integer, serde_json::json!(1.5)),
            (Kind::Integer, serde_json::json!("1")),
            (Kind::Real, serde_json::json!("1")),
            (Kind::Boolean, serde_json::json!(0)),
            (Kind::Text, serde_json::json!(["a"])),
            (Kind::Bytes, serde_json::json!("é")),
        ] {
            assert_eq!(column(kind).value_of(bad.clone()), None, "{kind:?} {bad}");
        }
        assert_eq!(column(Kind::Text).value_of(Json::Null), Some(Value::String(None)));
    }
}
