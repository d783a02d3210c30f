//! What the words of an authorization request ask for.

use serde_json::Value;

use super::{Client, ErrorCode};
use crate::json;

/// What `prompt` asks for (OpenID Connect Core 3.1.2.1); words that are not known are ignored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Prompt {
    /// Nothing may be asked.
    pub none: bool,
    /// Who is signed in must prove it again.
    pub login: bool,
    /// The consent must be asked again.
    pub consent: bool,
    /// The account must be chosen again.
    pub select_account: bool,
}

impl Prompt {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split(' ').filter(|w| !w.is_empty()).collect();
        let has = |word| words.contains(&word);
        let none = has("none");
        (!none || words.len() == 1).then(|| Self {
            none,
            login: has("login"),
            consent: has("consent"),
            select_account: has("select_account"),
        })
    }
}

/// The scopes that are granted; none when `openid` is missing or a word is malformed (RFC 6749 3.3). Those that are
/// not known, or not the client's, are left aside: the token endpoint tells what was granted.
pub(super) fn scopes(asked: &str, client: &Client) -> Option<Vec<String>> {
    let fits = |b: u8| b == 0x21 || (0x23..=0x5b).contains(&b) || (0x5d..=0x7e).contains(&b);
    let words: Vec<&str> = asked.split(' ').filter(|w| !w.is_empty()).collect();
    if !words.contains(&"openid") || !words.iter().all(|w| w.bytes().all(fits)) {
        return None;
    }
    let mut granted: Vec<String> = vec!["openid".to_owned()];
    for word in words {
        if client.scopes.iter().any(|s| s == word) && !granted.iter().any(|g| g == word) {
            granted.push(word.to_owned());
        }
    }
    Some(granted)
}

/// The level to give: the first asked for that the client may have. `acr_values` is a wish (OpenID Connect Core
/// 3.1.2.1) unless the client is registered otherwise; an essential claim is an order (5.5.1.1).
pub(super) fn acr(
    wished: Option<&str>,
    claims: &AskedClaims,
    client: &Client,
) -> Result<String, (ErrorCode, &'static str)> {
    let unmet = (ErrorCode::UnmetAuthenticationRequirements, "this level cannot be given");
    let first = |asked: &[String]| client.acr.iter().find(|a| asked.contains(a)).cloned();
    let usual = || client.acr.first().cloned().ok_or(unmet);
    if !claims.acr.is_empty() {
        return match first(&claims.acr) {
            Some(acr) => Ok(acr),
            None if claims.acr_essential => Err(unmet),
            None => usual(),
        };
    }
    let wished: Vec<String> =
        wished.unwrap_or_default().split(' ').filter(|w| !w.is_empty()).map(str::to_owned).collect();
    let granted = wished.iter().find(|w| client.acr.contains(w)).cloned();
    match granted {
        Some(acr) => Ok(acr),
        None if client.acr_binding && !wished.is_empty() => Err(unmet),
        None => usual(),
    }
}

/// What we read of the `claims` parameter (OpenID Connect Core 5.5).
#[derive(Default)]
pub(super) struct AskedClaims {
    pub(super) rep_scope: Vec<String>,
    acr: Vec<String>,
    acr_essential: bool,
}

impl AskedClaims {
    pub(super) fn parse(text: Option<&str>) -> Result<Self, (ErrorCode, &'static str)> {
        let Some(text) = text else { return Ok(Self::default()) };
        let all = json::parse_object(text.as_bytes(), 8 * 1024)
            .map_err(|_| (ErrorCode::InvalidRequest, "claims is not the JSON that is awaited"))?;
        let asked = |name: &str| all.get("id_token").and_then(|t| t.get(name));
        // `value` is one, `values` several; what is neither says nothing.
        let values = |name: &str| -> Vec<String> {
            let Some(claim) = asked(name) else { return Vec::new() };
            let one = claim.get("value").into_iter();
            let several = claim.get("values").and_then(Value::as_array).into_iter().flatten();
            one.chain(several).filter_map(Value::as_str).take(64).map(str::to_owned).collect()
        };
        let essential = asked("acr").and_then(|c| c.get("essential")) == Some(&Value::Bool(true));
        Ok(Self { rep_scope: values("rep_scope"), acr: values("acr"), acr_essential: essential })
    }
}
