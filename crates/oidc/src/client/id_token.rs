//! Who signed in, according to an `id_token` (OpenID Connect Core 3.1.3.7).

use chrono::{DateTime, Utc};

use super::{Flow, Refused, Settings, Tokens, unsealed};
use crate::claims::{audience, seconds, subject_fits, text};
use crate::jose::{self, JwsError, KeySet, Opener, VerifyingKey, at_hash};
use crate::{Claims, same};

/// Who signed in. An account is bound to the issuer and the subject, never to an e-mail.
#[derive(Clone)]
pub struct Identified {
    /// The person, as this provider knows them for us.
    pub subject: String,
    /// The level, when it is told.
    pub acr: Option<String>,
    /// How they proved who they are (RFC 8176).
    pub amr: Vec<String>,
    /// Every claim of the token.
    pub claims: Claims,
}

impl std::fmt::Debug for Identified {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Neither the subject nor the claims.
        write!(f, "Identified({:?})", self.acr)
    }
}

impl From<JwsError> for Refused {
    fn from(e: JwsError) -> Self {
        match e {
            JwsError::UnknownKey => Self::UnknownKey,
            JwsError::TooLong => Self::Answer("a token that is too long"),
            JwsError::Malformed => Self::Answer("not a signed token"),
            JwsError::Sealed => Self::Answer("an encrypted token, which was not agreed"),
            JwsError::Algorithm => Self::Answer("another algorithm than the one agreed"),
            JwsError::Header => Self::Answer("a header that changes the meaning"),
            JwsError::Ambiguous => Self::Answer("several keys fit"),
            JwsError::Signature => Self::Answer("a wrong signature"),
        }
    }
}

/// The keys that verify what this provider signs with that algorithm: its own, or our secret.
pub(super) fn verify(
    settings: &Settings,
    alg: jose::Alg,
    keys: &KeySet,
    token: &str,
) -> Result<Claims, Refused> {
    if !alg.is_symmetric() {
        return Ok(jose::verify(token, alg, keys, &["JWT"])?);
    }
    let secret = settings.secret.as_ref().ok_or(Refused::Answer("no secret is configured"))?;
    let key =
        VerifyingKey::from_secret(secret.expose()).map_err(|_| Refused::Answer("a secret too short"))?;
    Ok(jose::verify(token, alg, &KeySet::of(vec![key]), &["JWT"])?)
}

/// Checks an `id_token`, its signature first.
///
/// # Errors
/// The first check that fails. [`Refused::UnknownKey`] asks for the provider's keys again.
pub fn check_id_token(
    (settings, flow): (&Settings, &Flow),
    keys: &KeySet,
    opener: Option<&dyn Opener>,
    tokens: &Tokens,
    now: DateTime<Utc>,
) -> Result<Identified, Refused> {
    let token = unsealed(settings, opener, tokens.id_token.expose())?;
    let claims = verify(settings, settings.id_token_alg, keys, &token)?;
    let bad = |why| Err(Refused::Answer(why));
    if text(&claims, "iss") != Some(&settings.issuer) {
        return bad("id_token: another issuer");
    }
    check_audience(settings, &claims)?;
    check_times(settings, &claims, now)?;
    if !text(&claims, "nonce").is_some_and(|n| same(n, flow.nonce.expose())) {
        return bad("id_token: another nonce");
    }
    match claims.get("at_hash") {
        None => {}
        Some(told) if told == at_hash(tokens.access_token.expose()).as_str() => {}
        Some(_) => return bad("id_token: at_hash"),
    }
    let subject = match text(&claims, "sub") {
        Some(sub) if subject_fits(sub) => sub.to_owned(),
        _ => return bad("id_token: no usable subject"),
    };
    let acr = text(&claims, "acr").map(str::to_owned);
    if !settings.acr.is_empty() && !acr.as_ref().is_some_and(|a| settings.acr.contains(a)) {
        return Err(Refused::Level);
    }
    let amr = claims.get("amr").and_then(|a| a.as_array()).into_iter().flatten();
    let amr = amr.filter_map(|a| a.as_str()).take(16).map(str::to_owned).collect();
    Ok(Identified { subject, acr, amr, claims })
}

/// For us, and for nobody else that we would have to trust.
fn check_audience(settings: &Settings, claims: &Claims) -> Result<(), Refused> {
    let me = settings.client_id.as_str();
    let for_me = audience(claims).is_ok_and(|aud| aud.iter().all(|a| *a == me));
    let by_me = claims.get("azp").is_none_or(|azp| azp == me);
    if for_me && by_me { Ok(()) } else { Err(Refused::Answer("id_token: another audience")) }
}

fn check_times(settings: &Settings, claims: &Claims, now: DateTime<Utc>) -> Result<(), Refused> {
    let (now, skew) = (now.timestamp(), settings.skew.num_seconds());
    let date = |name| seconds(claims, name).map_err(|()| Refused::Answer("id_token: a date that is none"));
    match (date("exp")?, date("iat")?) {
        (Some(exp), Some(iat)) if now < exp + skew && iat <= now + skew => {}
        (Some(_), Some(_)) => return Err(Refused::Answer("id_token: expired, or of the future")),
        _ => return Err(Refused::Answer("id_token: without its dates")),
    }
    if date("nbf")?.is_some_and(|nbf| nbf > now + skew) {
        return Err(Refused::Answer("id_token: not yet valid"));
    }
    match (settings.max_age, date("auth_time")?) {
        (None, _) => Ok(()),
        (Some(age), Some(at)) if now <= at.saturating_add(age).saturating_add(skew) => Ok(()),
        (Some(_), _) => Err(Refused::Answer("id_token: a proof of presence that is too old")),
    }
}
