//! Claims of a token, read without trusting their types.

use serde_json::{Map, Value};

/// The claims of a token or of a userinfo.
pub type Claims = Map<String, Value>;

/// Seconds since 1970 that a date holds, up to the year 9999.
const LAST: i64 = 253_402_300_799;

/// Who acts for the subject (RFC 8693 4.1): the aidant, never by name.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Act {
    /// Who acts: an identifier that means nothing elsewhere.
    pub sub: String,
    /// The organisation for which they act.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
}

/// A claim that is a text.
pub(crate) fn text<'c>(claims: &'c Claims, name: &str) -> Option<&'c str> {
    claims.get(name).and_then(Value::as_str)
}

/// A claim that is a date (RFC 7519 2, NumericDate: perhaps with decimals).
///
/// # Errors
/// The claim is there and is no date.
pub(crate) fn seconds(claims: &Claims, name: &str) -> Result<Option<i64>, ()> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    let whole = match (value.as_i64(), value.as_f64()) {
        (Some(whole), _) => whole,
        #[expect(clippy::cast_possible_truncation, reason = "bounded on both sides")]
        (None, Some(decimal)) if (0.0..=LAST as f64).contains(&decimal) => decimal as i64,
        _ => return Err(()),
    };
    if (0..=LAST).contains(&whole) { Ok(Some(whole)) } else { Err(()) }
}

/// The audience: one text, or a list of texts.
///
/// # Errors
/// Absent, empty, or holding something else than texts.
pub(crate) fn audience(claims: &Claims) -> Result<Vec<&str>, ()> {
    match claims.get("aud") {
        Some(Value::String(one)) => Ok(vec![one]),
        Some(Value::Array(all)) if !all.is_empty() => all.iter().map(|a| a.as_str().ok_or(())).collect(),
        _ => Err(()),
    }
}

/// Whether a subject may be kept: 1 to 255 ASCII characters that show (OpenID Connect Core 2).
pub(crate) fn subject_fits(sub: &str) -> bool {
    (1..=255).contains(&sub.len()) && sub.bytes().all(|b| b.is_ascii_graphic() || b == b' ')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn claims(value: Value) -> Claims {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn dates() {
        for (value, read) in [
            (json!(1_700_000_000), Ok(Some(1_700_000_000))),
            (json!(1_700_000_000.9), Ok(Some(1_700_000_000))),
            (json!("1700000000"), Err(())),
            (json!(null), Err(())),
            (json!(-1), Err(())),
            (json!(u64::MAX), Err(())),
            (json!(1e300), Err(())),
            (json!([1]), Err(())),
        ] {
            assert_eq!(seconds(&claims(json!({ "exp": value })), "exp"), read, "{value}");
        }
        assert_eq!(seconds(&Claims::new(), "exp"), Ok(None));
    }

    #[test]
    fn audiences() {
        for (value, read) in [
            (json!("a"), Ok(vec!["a"])),
            (json!(["a", "b"]), Ok(vec!["a", "b"])),
            (json!([]), Err(())),
            (json!(["a", 1]), Err(())),
            (json!({ "a": 1 }), Err(())),
            (json!(null), Err(())),
        ] {
            assert_eq!(audience(&claims(json!({ "aud": value }))), read, "{value}");
        }
    }

    #[test]
    fn subjects() {
        for (sub, fits) in [("a", true), ("", false), ("é", false), ("a\n", false), (&"a".repeat(256), false)]
        {
            assert_eq!(subject_fits(sub), fits, "{sub}");
        }
    }
}
