//! The identity itself (OpenID Connect Core 5.3).

use chrono::{DateTime, Utc};

use super::id_token::verify;
use super::{Answer, Identified, Metadata, Refused, Request, Settings, Tokens, unsealed};
use crate::claims::{audience, seconds, text};
use crate::jose::{KeySet, Opener};
use crate::{Claims, Secret, json};

/// The request.
pub fn userinfo_request(settings: &Settings, metadata: &Metadata, tokens: &Tokens) -> Request {
    let accept = if settings.userinfo_alg.is_some() { "application/jwt" } else { "application/json" };
    let bearer = format!("Bearer {}", tokens.access_token.expose());
    let headers = vec![("accept", Secret::new(accept)), ("authorization", Secret::new(bearer))];
    Request { method: "GET", url: metadata.userinfo_endpoint.clone(), headers, body: None }
}

/// Reads the answer: signed if it was to be, and of the very person of the `id_token`.
///
/// # Errors
/// The first check that fails. [`Refused::UnknownKey`] asks for the provider's keys again.
pub fn read_userinfo(
    settings: &Settings,
    (answer, who): (&Answer, &Identified),
    keys: &KeySet,
    opener: Option<&dyn Opener>,
    now: DateTime<Utc>,
) -> Result<Claims, Refused> {
    if answer.status != 200 {
        return Err(Refused::of_answer(answer));
    }
    let bad = |why| Refused::Answer(why);
    let claims = match (settings.userinfo_alg, answer.kind().as_str()) {
        // An envelope was agreed on: what comes without one is not believed.
        (None, "application/json") if settings.sealing.is_none() => {
            json::parse_object(&answer.body, Answer::LONGEST)
                .map_err(|_| bad("userinfo: JSON that is not read"))?
        }
        (Some(alg), "application/jwt") => {
            let token = std::str::from_utf8(&answer.body).map_err(|_| bad("userinfo: not a text"))?.trim();
            let claims = verify(settings, alg, keys, &unsealed(settings, opener, token)?)?;
            check_signed(settings, &claims, now)?;
            claims
        }
        _ => return Err(bad("userinfo: signed or not, otherwise than agreed")),
    };
    if text(&claims, "sub") == Some(&who.subject) {
        Ok(claims)
    } else {
        Err(bad("userinfo: another subject"))
    }
}

/// The claims that make a signed userinfo ours, from this provider, now.
fn check_signed(settings: &Settings, claims: &Claims, now: DateTime<Utc>) -> Result<(), Refused> {
    let bad = |why| Err(Refused::Answer(why));
    if text(claims, "iss") != Some(&settings.issuer) {
        return bad("userinfo: another issuer");
    }
    let me = settings.client_id.as_str();
    if !audience(claims).is_ok_and(|aud| aud.iter().all(|a| *a == me)) {
        return bad("userinfo: another audience");
    }
    // An id_token presented as a userinfo bears these.
    if claims.contains_key("nonce") || claims.contains_key("at_hash") {
        return bad("userinfo: another kind of token");
    }
    let (now, skew) = (now.timestamp(), settings.skew.num_seconds());
    match (seconds(claims, "exp"), seconds(claims, "nbf")) {
        (Ok(exp), Ok(nbf)) => {
            let good = exp.is_none_or(|exp| now < exp + skew) && nbf.is_none_or(|nbf| nbf <= now + skew);
            if good { Ok(()) } else { bad("userinfo: expired, or of the future") }
        }
        _ => bad("userinfo: a date that is none"),
    }
}
