//! JSON as strangers send it: bounded in size and depth, and without members that say two things (RFC 8259 4 leaves
//! the reader free to take the first or the last: two readers would then read two tokens).

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// No honest document of the protocol is deeper.
const DEPTH: usize = 16;

/// Why a text is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// Longer than the caller admits.
    #[error("too long")]
    TooLong,
    /// Not JSON, too deep, or a member given twice.
    #[error("not the JSON that is awaited")]
    Malformed,
}

/// Reads a document of at most `max` bytes.
///
/// # Errors
/// Too long, malformed, deeper than 16 levels, a member given twice, a number that no number holds.
pub fn parse(bytes: &[u8], max: usize) -> Result<Value, JsonError> {
    if bytes.len() > max {
        return Err(JsonError::TooLong);
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Strict(DEPTH).deserialize(&mut reader).map_err(|_| JsonError::Malformed)?;
    reader.end().map_err(|_| JsonError::Malformed)?;
    Ok(value)
}

/// The same, of an object.
pub(crate) fn parse_object(bytes: &[u8], max: usize) -> Result<Map<String, Value>, JsonError> {
    match parse(bytes, max)? {
        Value::Object(map) => Ok(map),
        _ => Err(JsonError::Malformed),
    }
}

/// Levels that may still be entered.
#[derive(Clone, Copy)]
struct Strict(usize);

impl Strict {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        self.0.checked_sub(1).map(Self).ok_or_else(|| E::custom("too deep"))
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, v: bool) -> Result<Value, E> {
        Ok(Value::Bool(v))
    }

    fn visit_i64<E>(self, v: i64) -> Result<Value, E> {
        Ok(Value::Number(v.into()))
    }

    fn visit_u64<E>(self, v: u64) -> Result<Value, E> {
        Ok(Value::Number(v.into()))
    }

    fn visit_f64<E: Error>(self, v: f64) -> Result<Value, E> {
        Number::from_f64(v).map(Value::Number).ok_or_else(|| E::custom("not a number"))
    }

    fn visit_str<E>(self, v: &str) -> Result<Value, E> {
        Ok(Value::String(v.to_owned()))
    }

    fn visit_string<E>(self, v: String) -> Result<Value, E> {
        Ok(Value::String(v))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let inside = self.deeper()?;
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(inside)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let inside = self.deeper()?;
        let mut members = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            let value = map.next_value_seed(inside)?;
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom("a member given twice"));
            }
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn read_and_refused() {
        for (text, read) in [
            (r#"{"a":1,"b":[1.5,-2,"x",null,true]}"#, true),
            (r#"{"a":1,"a":1}"#, false),
            (r#"{"x":{"a":1,"\u0061":2}}"#, false),
            ("NaN", false),
            ("1e999", false),
            (r#"{"a":1} x"#, false),
            ("", false),
            ("{", false),
            ("\u{feff}{}", false),
        ] {
            assert_eq!(parse(text.as_bytes(), 1000).is_ok(), read, "{text}");
        }
        assert_eq!(parse(b"[1,2,3]", 3), Err(JsonError::TooLong));
        assert!(parse(&[b'"', 0xff, b'"'], 10).is_err());
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(parse(nested(16).as_bytes(), 1 << 20).is_ok());
        for n in [17, 200, 10_000, 400_000] {
            assert_eq!(parse(nested(n).as_bytes(), 1 << 20), Err(JsonError::Malformed), "{n}");
        }
    }

    proptest! {
        #[test]
        fn bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse(&bytes, 200);
        }

        #[test]
        fn what_is_read_is_what_serde_json_reads(text in r#"[\[\]{}",:0-9a-c. -]{0,60}"#) {
            if let Ok(value) = parse(text.as_bytes(), 1000) {
                prop_assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
            }
        }
    }
}
