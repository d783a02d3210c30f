//! Parameters of a query or of a form (`application/x-www-form-urlencoded`), as strangers send them.

/// No honest request of the protocol is longer.
const LENGTH: usize = 16 * 1024;
/// Nor has more parameters, the unknown ones included.
const PARAMETERS: usize = 64;

/// Why parameters are not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// Over 16 KiB, or over 64 parameters.
    #[error("too long")]
    TooLong,
    /// A percent sign without two hexadecimal digits, or bytes that are not UTF-8.
    #[error("badly encoded")]
    Encoding,
    /// A parameter given twice (RFC 6749 3.1): which of the two is meant is anybody's guess.
    #[error("{0} is given twice")]
    Duplicate(&'static str),
}

/// The parameters that are known to the endpoint, each at most once. Those given without a value count as omitted,
/// and unknown ones are ignored (RFC 6749 3.1 and 3.2).
#[derive(Clone, Default)]
pub(crate) struct Form(Vec<(&'static str, String)>);

impl Form {
    /// Reads a query (without `?`) or a body.
    pub(crate) fn read(text: &str, known: &[&'static str]) -> Result<Self, FormError> {
        if text.len() > LENGTH {
            return Err(FormError::TooLong);
        }
        let mut found: Vec<(&'static str, String)> = Vec::new();
        for (index, pair) in text.split('&').filter(|p| !p.is_empty()).enumerate() {
            if index >= PARAMETERS {
                return Err(FormError::TooLong);
            }
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let Ok(name) = decode(name) else { continue };
            let Some(name) = known.iter().copied().find(|k| *k == name) else { continue };
            if found.iter().any(|(k, _)| *k == name) {
                return Err(FormError::Duplicate(name));
            }
            found.push((name, decode(value)?));
        }
        found.retain(|(_, value)| !value.is_empty());
        Ok(Self(found))
    }

    /// The value of a parameter that was given one.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(k, _)| *k == name).map(|(_, v)| v.as_str())
    }

    /// The same, owned.
    pub(crate) fn owned(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }
}

/// Decodes one name or value: `+` is a space, `%XX` a byte.
pub(crate) fn decode(text: &str) -> Result<String, FormError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || rest.next().and_then(|b| char::from(b).to_digit(16));
                let (Some(high), Some(low)) = (digit(), digit()) else { return Err(FormError::Encoding) };
                u8::try_from(high * 16 + low).map_err(|_| FormError::Encoding)?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).map_err(|_| FormError::Encoding)
}

/// Encodes pairs as a query or a body.
pub(crate) fn encode<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// An address with these parameters added to those that it has. Reserved characters, line breaks included, are
/// encoded.
pub(crate) fn with_query<'a>(base: &str, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let query = encode(pairs);
    match (query.is_empty(), base.contains('?')) {
        (true, _) => base.to_owned(),
        (false, false) => format!("{base}?{query}"),
        (false, true) if base.ends_with(['?', '&']) => format!("{base}{query}"),
        (false, true) => format!("{base}&{query}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn read_and_refused() {
        let known = &["state", "code"];
        let form = Form::read("code=a%20b+c&state=&autre=1&autre=2&%zz=1", known).unwrap();
        assert_eq!((form.get("code"), form.get("state"), form.get("autre")), (Some("a b c"), None, None));
        for (text, why) in [
            ("code=a&code=b", FormError::Duplicate("code")),
            ("code=a&c%6fde=", FormError::Duplicate("code")),
            ("code=%", FormError::Encoding),
            ("code=%4", FormError::Encoding),
            ("code=%+1", FormError::Encoding),
            ("code=%ff", FormError::Encoding),
        ] {
            assert_eq!(Form::read(text, known).err(), Some(why), "{text}");
        }
        assert_eq!(Form::read(&"a=1&".repeat(65), known).err(), Some(FormError::TooLong));
        assert_eq!(Form::read(&"a".repeat(64 * 1024), known).err(), Some(FormError::TooLong));
    }

    #[test]
    fn what_is_added_to_an_address() {
        let added = |base| with_query(base, [("state", "a\r\nSet-Cookie: x=1&b")]);
        assert_eq!(added("https://a.fr/r"), "https://a.fr/r?state=a%0D%0ASet-Cookie%3A+x%3D1%26b");
        assert_eq!(added("https://a.fr/r?x=1"), "https://a.fr/r?x=1&state=a%0D%0ASet-Cookie%3A+x%3D1%26b");
        assert_eq!(with_query("https://a.fr/r", []), "https://a.fr/r");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,200}") {
            let _ = Form::read(&text, &["state", "code"]);
        }

        #[test]
        fn what_is_written_is_read_again(value in ".{1,80}") {
            let form = Form::read(&encode([("state", value.as_str())]), &["state"]).unwrap();
            prop_assert_eq!(form.get("state"), Some(value.as_str()));
        }
    }
}
