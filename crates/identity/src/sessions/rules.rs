//! How long a session lives, and what it may do. Pure.

use chrono::{DateTime, TimeDelta, Utc};

use super::model::{Methode, Session};
use crate::comptes::model::{Attribution, AttributionId};

/// A session ends after an hour without a request: agents write long forms, and shared counters
/// exist.
pub const INACTIVITE: TimeDelta = TimeDelta::minutes(60);
/// It ends after a day of work, whatever happens.
pub const DUREE: TimeDelta = TimeDelta::hours(12);
/// How long after a proof of identity one's proofs may be changed without a new one.
pub const CONFIRMATION: TimeDelta = TimeDelta::minutes(15);
/// The time of the last request is written at most this often.
pub const PRECISION: TimeDelta = TimeDelta::minutes(1);
/// A look at the site as somebody ends by itself.
pub const VUE_DUREE: TimeDelta = TimeDelta::minutes(30);
/// A device not seen for so long is forgotten.
pub const APPAREIL_DUREE: TimeDelta = TimeDelta::days(180);

/// Whether the session still opens something.
pub fn vivante(s: &Session, now: DateTime<Utc>) -> bool {
    s.fermee_le.is_none() && now < s.expire_le && now < s.vu_le + INACTIVITE
}

/// Whether the person proved who they are recently enough to change their proofs.
pub fn confirmee(s: &Session, now: DateTime<Utc>) -> bool {
    now < s.confirme_le + CONFIRMATION
}

/// When the person last gave a strong proof in this session. Signing in at ProConnect is one when two factors were asked for
/// there (`mfa`); otherwise only what was proved here since.
pub fn prouve_le(s: &Session, mfa: bool) -> Option<DateTime<Utc>> {
    let faible = s.methode == Methode::ProConnect && !mfa && s.confirme_le <= s.cree_le;
    (!faible).then_some(s.confirme_le)
}

/// The role to act in: the chosen one while it counts, otherwise the first one.
pub fn role_agissant(choisi: Option<AttributionId>, roles: &[Attribution]) -> Option<&Attribution> {
    roles.iter().find(|r| Some(r.id) == choisi).or_else(|| roles.first())
}

/// What a browser says of itself, reduced to what its owner recognises. Only well-known words are
/// kept: nothing of what the header holds is copied.
pub fn nom_appareil(user_agent: &str) -> String {
    let has = |w: &str| user_agent.contains(w);
    let browser = if has("Firefox/") || has("FxiOS/") {
        "Firefox"
    } else if has("Edg/") || has("EdgA/") {
        "Edge"
    } else if has("OPR/") {
        "Opera"
    } else if has("Chrome/") || has("CriOS/") {
        "Chrome"
    } else if has("Safari/") {
        "Safari"
    } else {
        "Navigateur"
    };
    let system = if has("Android") {
        "Android"
    } else if has("iPhone") || has("iPad") {
        "iOS"
    } else if has("Windows") {
        "Windows"
    } else if has("Mac OS X") {
        "macOS"
    } else if has("Linux") {
        "Linux"
    } else {
        return browser.to_owned();
    };
    format!("{browser} sur {system}")
}

/// Where one goes on to after signing in, when no page was asked for: what waits for each role. The binary serves it.
pub const BUREAU: &str = "/bureau";

/// A local address to go on to after signing in. Anything that a browser could read as another
/// site (`//x`, `/\x`, `https:x`, control characters) gives the default page instead.
pub fn suite_locale(typed: Option<&str>) -> String {
    let typed = typed.unwrap_or_default();
    let plain = typed.len() <= 2000
        && typed.starts_with('/')
        && !typed.starts_with("//")
        && typed
            .bytes()
            .all(|b| (0x21..0x7f).contains(&b) && b != b'\\' && b != b'"' && b != b'<' && b != b'>');
    let decoded = typed.to_ascii_lowercase();
    let hidden = ["%0d", "%0a", "%5c", "%00", "/%2f"].iter().any(|h| decoded.contains(h));
    // Never back to a page that would sign in or out again, or ask for the proof just given.
    let loops = ["/connexion", "/deconnexion", "/invitation", "/mot-de-passe-oublie", platform::web::PREUVE]
        .iter()
        .any(|p| typed == *p || typed.starts_with(&format!("{p}/")) || typed.starts_with(&format!("{p}?")));
    if plain && !hidden && !loops { typed.to_owned() } else { BUREAU.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_local_pages_follow() {
        for good in ["/", "/lieux?q=a%20b&page=2", "/structures/1#x", "/compte"] {
            assert_eq!(suite_locale(Some(good)), good);
        }
        for bad in [
            "",
            "//evil.example",
            "/\\evil",
            "https:evil",
            "https://evil.example/",
            "/a%0d%0aSet-Cookie:x=1",
            "javascript:alert(1)",
            "/%5cevil",
            "/%2fevil",
            "/a b",
            "/é",
            "/a\r\nb",
            "/connexion?suite=/x",
            "/compte/preuve?retour=/compte/preuve",
            "/deconnexion",
            "/\"><script>",
            " /lieux",
            "/\tx",
        ] {
            assert_eq!(suite_locale(Some(bad)), BUREAU, "{bad:?}");
        }
        assert_eq!(suite_locale(None), BUREAU);
        assert_eq!(suite_locale(Some(&format!("/{}", "a".repeat(2001)))), BUREAU);
        assert_eq!(suite_locale(Some("/connexions-passees")), "/connexions-passees");
    }

    #[test]
    fn devices_are_named_from_known_words_only() {
        for (ua, nom) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox sur Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0",
                "Edge sur Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1",
                "Safari sur iOS",
            ),
            ("<script>alert(1)</script>", "Navigateur"),
            ("", "Navigateur"),
        ] {
            assert_eq!(nom_appareil(ua), nom);
        }
    }
}
