//! Failed tries. They slow down whoever tries, by account and by source, and never close an
//! account: a stranger could otherwise lock anybody out. A device that has already signed in to the
//! account has a count of its own, so that the person who owns it is not held up by strangers.
//!
//! A try is counted before the proof is looked at, in one transaction, and given back when the
//! proof is right: a hundred tries at once are a hundred tries.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::Refusal;
use kernel::ids::CompteId;
use platform::Site;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use crate::comptes::store::for_update;
use crate::error::Result;
use crate::sessions::model::AppareilId;

/// What is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Compteur {
    /// Passwords for an address, whether or not it has an account: keyed fingerprint of the address.
    Adresse(String),
    /// Codes for an account whose password was right.
    Code(CompteId),
    /// Anything from a known device of the account.
    Appareil(AppareilId),
    /// Anything from one place of the network: keyed fingerprint, never the address itself.
    Source(String),
}

impl Compteur {
    fn cle(&self) -> String {
        match self {
            Self::Adresse(h) => format!("adresse:{h}"),
            Self::Code(c) => format!("code:{c}"),
            Self::Appareil(a) => format!("appareil:{a}"),
            Self::Source(s) => format!("source:{s}"),
        }
    }

    /// Failed tries that cost nothing: people mistype.
    fn libres(&self) -> i64 {
        match self {
            Self::Source(_) => 30,
            _ => 5,
        }
    }

    /// Longest wait. For codes an hour: at three codes in a million for each try, a year of
    /// trying finds one with less than one chance in thirty, for who already knows the password.
    fn plafond(&self) -> TimeDelta {
        match self {
            Self::Code(_) => TimeDelta::hours(1),
            _ => TimeDelta::minutes(15),
        }
    }

    /// How long to wait after so many failures in a row: 10 s, doubled each time.
    fn attente(&self, echecs: i64) -> TimeDelta {
        let beyond = echecs - self.libres();
        if beyond < 0 {
            return TimeDelta::zero();
        }
        let seconds = 10_i64.saturating_mul(1 << beyond.min(20));
        TimeDelta::seconds(seconds).min(self.plafond())
    }
}

/// A count is forgotten after a day without a failure.
const OUBLI: TimeDelta = TimeDelta::hours(24);

/// The count of a place of the network. An IPv6 subscriber holds a whole /64.
pub(crate) fn source(site: &Site, ip: std::net::IpAddr) -> Compteur {
    let place = match ip.to_canonical() {
        std::net::IpAddr::V4(v4) => v4.to_string(),
        std::net::IpAddr::V6(v6) => format!("{:x?}", &v6.segments()[..4]),
    };
    Compteur::Source(site.secrets.fingerprint("source", &place))
}

/// The count of an address that was typed, known or not.
pub(crate) fn adresse(site: &Site, typed: &str) -> Compteur {
    Compteur::Adresse(site.secrets.fingerprint("adresse", &typed.trim().to_lowercase()))
}

#[derive(FromQueryResult)]
struct Row {
    echecs: i64,
    dernier_le: DateTime<Utc>,
}

/// Counts one try against each; refuses, without counting, while one of them must wait.
///
/// # Errors
/// [`Refusal::Conflict`] with the time to wait.
pub(crate) async fn reserver(site: &Site, compteurs: &[Compteur]) -> Result<()> {
    let now = site.clock.now();
    let wait = site
        .db
        .write(async |tx| {
            let mut sorted: Vec<&Compteur> = compteurs.iter().collect();
            // Always in the same order: two tries at once never wait for each other for ever.
            sorted.sort_by_key(|c| c.cle());
            let mut wait = TimeDelta::zero();
            let mut counts = Vec::new();
            for c in &sorted {
                let echecs = hold(tx, &c.cle(), now).await?;
                let (count, since) = match echecs {
                    Row { dernier_le, .. } if dernier_le + OUBLI < now => (0, now),
                    Row { echecs, dernier_le } => (echecs, dernier_le),
                };
                wait = wait.max(since + c.attente(count) - now);
                counts.push(count);
            }
            if wait <= TimeDelta::zero() {
                for (c, count) in sorted.iter().zip(counts) {
                    kit::execute(
                        tx,
                        "UPDATE compte_essai SET echecs = $1, dernier_le = $2 WHERE cle = $3",
                        [(count + 1).into(), now.into(), c.cle().into()],
                    )
                    .await?;
                }
            }
            Ok::<_, DbErr>(wait)
        })
        .await?;
    if wait > TimeDelta::zero() { Err(Refusal::conflict(attendre(wait)).into()) } else { Ok(()) }
}

/// How long to wait, as a sentence. The same for an address with an account and without.
fn attendre(wait: TimeDelta) -> String {
    let seconds = wait.num_seconds() + 1;
    let time = if seconds < 60 {
        format!("{seconds} secondes")
    } else {
        let minutes = (seconds + 59) / 60;
        format!("{minutes} minute{}", if minutes > 1 { "s" } else { "" })
    };
    format!("Trop d’essais ont échoué. Attendez {time}, puis recommencez.")
}

async fn hold(conn: &impl ConnectionTrait, cle: &str, now: DateTime<Utc>) -> std::result::Result<Row, DbErr> {
    kit::execute(
        conn,
        "INSERT INTO compte_essai (cle, echecs, dernier_le) VALUES ($1, 0, $2) ON CONFLICT DO NOTHING",
        [cle.into(), now.into()],
    )
    .await?;
    let sql = format!("SELECT echecs, dernier_le FROM compte_essai WHERE cle = $1{}", for_update(conn));
    kit::query_one_as(conn, &sql, [cle.into()])
        .await?
        .ok_or_else(|| DbErr::RecordNotFound("compte_essai".to_owned()))
}

/// Gives the try back: the proof was right. Counts of persons begin anew; the source, which many
/// people may share, only gets its one try back.
pub(crate) async fn rendre(
    conn: &impl ConnectionTrait,
    compteurs: &[Compteur],
) -> std::result::Result<(), DbErr> {
    for c in compteurs {
        let sql = match c {
            Compteur::Source(_) => {
                "UPDATE compte_essai SET echecs = echecs - 1 WHERE cle = $1 AND echecs > 0"
            }
            _ => "DELETE FROM compte_essai WHERE cle = $1",
        };
        kit::execute(conn, sql, [c.cle().into()]).await?;
    }
    Ok(())
}

/// Deletes counts that no longer say anything.
pub(crate) async fn purge(conn: &impl ConnectionTrait, now: DateTime<Utc>) -> std::result::Result<(), DbErr> {
    kit::execute(conn, "DELETE FROM compte_essai WHERE dernier_le < $1", [(now - OUBLI).into()])
        .await
        .map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_stay_bounded() {
        let c = Compteur::Adresse("x".into());
        let waits: Vec<i64> =
            [0, 4, 5, 6, 7, 8, 12, 100, i64::MAX].map(|n| c.attente(n).num_seconds()).to_vec();
        assert_eq!(waits, [0, 0, 10, 20, 40, 80, 900, 900, 900]);
        assert_eq!(Compteur::Source("x".into()).attente(29).num_seconds(), 0);
        let id = CompteId::new(&kernel::Clock::System, &kernel::Chance::seeded(1));
        assert_eq!(Compteur::Code(id).attente(100), TimeDelta::hours(1));
    }

    #[test]
    fn sentences() {
        assert_eq!(
            attendre(TimeDelta::seconds(9)),
            "Trop d’essais ont échoué. Attendez 10 secondes, puis recommencez."
        );
        assert!(attendre(TimeDelta::seconds(59)).contains("1 minute,"));
        assert!(attendre(TimeDelta::seconds(900)).contains("16 minutes"));
    }
}
