//! What the gateway calls back: signed over its date and its bytes, taken within five minutes, once.

use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, Mac};
use kernel::Telephone;
use serde::Deserialize;
use sha2::Sha256;
use uuid::Uuid;

use crate::db::kit;
use crate::{Site, Tx};

/// The header of the signature: `t=<seconds since 1970>,v1=<HMAC-SHA256 in hexadecimal of "t.body">`.
pub const SIGNATURE: &str = "x-maillage-signature";
/// How far the gateway's clock may be from ours.
const ECART: TimeDelta = TimeDelta::minutes(5);
/// No honest call is longer, in bytes.
const LONGUEUR: usize = 16 * 1024;
/// What is kept of an answer, in characters: ten parts of a message.
const TEXTE: usize = 1_600;

/// Why a call is refused; the gateway hears only a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RappelRefuse {
    /// No secret is configured: nothing is called back.
    #[error("no secret for calls is configured")]
    Absent,
    /// Not signed, not by whoever has the secret, or not now.
    #[error("a call that is not signed as agreed")]
    Signature,
    /// Signed, and not read.
    #[error("a call that is not read")]
    Illisible,
}

/// A call, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rappel {
    /// What the gateway calls it: unique.
    pub id: String,
    /// What happened.
    pub evenement: Evenement,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evenement {
    /// A message of ours was delivered, or will not be.
    Rapport {
        /// Which.
        message: Uuid,
        /// Whether it was.
        remis: bool,
    },
    /// Somebody wrote to us.
    Reponse {
        /// Who.
        de: Telephone,
        /// What, in a reasonable length.
        texte: String,
        /// When, as the operator says; not later than the call.
        le: DateTime<Utc>,
    },
}

#[derive(Deserialize)]
struct Brut {
    evenement: String,
    genre: String,
    message: Option<Uuid>,
    de: Option<String>,
    texte: Option<String>,
    le: Option<DateTime<Utc>>,
}

type Mac256 = Hmac<Sha256>;

fn mac(secret: &str, t: i64, body: &[u8]) -> Option<Mac256> {
    let mut mac = <Mac256 as Mac>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(t.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    Some(mac)
}

/// The value of the header, for who calls: the fictitious gateway, and tests.
pub fn signature(secret: &str, at: DateTime<Utc>, body: &[u8]) -> String {
    let t = at.timestamp();
    let hex = mac(secret, t, body).map(|m| kernel::text::hex(&m.finalize().into_bytes()));
    format!("t={t},v1={}", hex.unwrap_or_default())
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    (0..32).map(|i| u8::from_str_radix(text.get(2 * i..2 * i + 2)?, 16).ok()).collect()
}

fn signed(secret: &str, header: Option<&str>, body: &[u8], now: DateTime<Utc>) -> Option<()> {
    let (t, v1) = header?.strip_prefix("t=")?.split_once(",v1=")?;
    let t: i64 = t.parse().ok()?;
    let at = DateTime::from_timestamp(t, 0)?;
    if (now - at).abs() > ECART {
        return None;
    }
    // In a time that does not tell how close it was.
    mac(secret, t, body)?.verify_slice(&unhex(v1)?).ok()
}

/// Reads a call: the signature first.
///
/// # Errors
/// Why it is refused.
pub fn lire(site: &Site, header: Option<&str>, body: &[u8]) -> Result<Rappel, RappelRefuse> {
    let secret = site.config.sms.secret_rappels.as_deref().ok_or(RappelRefuse::Absent)?;
    let now = site.clock.now();
    if body.len() > LONGUEUR {
        return Err(RappelRefuse::Illisible);
    }
    signed(secret, header, body, now).ok_or(RappelRefuse::Signature)?;
    comprendre(body, now).ok_or(RappelRefuse::Illisible)
}

fn comprendre(body: &[u8], now: DateTime<Utc>) -> Option<Rappel> {
    let brut: Brut = serde_json::from_slice(body).ok()?;
    let id = Some(brut.evenement)
        .filter(|e| (1..=128).contains(&e.len()) && e.bytes().all(|b| b.is_ascii_graphic()))?;
    let evenement = match brut.genre.as_str() {
        "remis" | "echec" => Evenement::Rapport { message: brut.message?, remis: brut.genre == "remis" },
        "reponse" => Evenement::Reponse {
            de: Telephone::parse(&brut.de?)?,
            texte: brut.texte?.chars().filter(|c| !c.is_control() || *c == '\n').take(TEXTE).collect(),
            le: brut.le.unwrap_or(now).min(now),
        },
        _ => return None,
    };
    Some(Rappel { id, evenement })
}

/// Whether that event comes for the first time: it is remembered in the same transaction as what it changes.
///
/// # Errors
/// When the database refuses.
pub async fn premier(site: &Site, tx: &Tx, rappel: &Rappel) -> Result<bool, sea_orm::DbErr> {
    let sql =
        "INSERT INTO sms_rappel (evenement, recu_le) VALUES ($1, $2) ON CONFLICT (evenement) DO NOTHING";
    let values = [rappel.id.clone().into(), site.clock.now().into()];
    Ok(kit::execute(tx, sql, values).await?.rows_affected() == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "un secret de rappel de plus de trente-deux signes";

    #[test]
    fn signed_dated_and_of_these_bytes() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let body = br#"{"evenement":"e1","genre":"reponse","de":"0601020304","texte":"Oui"}"#;
        let good = signature(SECRET, now, body);
        let ago = |s| signature(SECRET, now - TimeDelta::seconds(s), body);
        let check = |header: &str, body: &[u8]| signed(SECRET, Some(header), body, now).is_some();
        assert!(check(&good, body) && check(&ago(299), body) && check(&ago(-299), body));
        for bad in [
            String::new(),
            ago(301),
            ago(-301),
            good.replace("v1=", "v2="),
            good.replace("t=18", "t=19"),
            format!("{good}0"),
            good.to_uppercase(),
            signature("un autre secret de plus de trente-deux signes", now, body),
            format!("t=1800000000,v1={}", "é".repeat(32)),
            "t=,v1=".to_owned(),
            format!("t={},v1=00", i64::MAX),
            format!("t={},v1=00", i64::MIN),
        ] {
            assert!(!check(&bad, body), "{bad}");
        }
        assert!(!check(&good, &body[1..]) && signed(SECRET, None, body, now).is_none());
    }

    #[test]
    fn what_is_said_in_a_call() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let read = |text: &str| comprendre(text.as_bytes(), now);
        let Some(Rappel { evenement: Evenement::Reponse { de, texte, le }, .. }) = read(
            r#"{"evenement":"e1","genre":"reponse","de":"+33601020304","texte":"Oui\u0000","le":"2090-01-01T00:00:00Z","plus":1}"#,
        ) else {
            panic!("an answer")
        };
        assert_eq!((de.as_str(), texte.as_str(), le), ("+33601020304", "Oui", now));
        for bad in [
            "",
            "[]",
            "{}",
            r#"{"evenement":"","genre":"remis","message":"00000000-0000-7000-8000-000000000000"}"#,
            r#"{"evenement":"e","genre":"remis"}"#,
            r#"{"evenement":"e","genre":"remis","message":"x"}"#,
            r#"{"evenement":"e","genre":"reponse","de":"bonjour","texte":"Oui"}"#,
            r#"{"evenement":"e","genre":"reponse","de":"0601020304"}"#,
            r#"{"evenement":"e","genre":"autre"}"#,
            r#"{"evenement":3,"genre":"remis"}"#,
        ] {
            assert!(read(bad).is_none(), "{bad}");
        }
        let long = format!(
            r#"{{"evenement":"e","genre":"reponse","de":"0601020304","texte":"{}"}}"#,
            "é".repeat(9_000)
        );
        let Some(Rappel { evenement: Evenement::Reponse { texte, .. }, .. }) = read(&long) else {
            panic!("an answer")
        };
        assert_eq!(texte.chars().count(), TEXTE);
    }
}
