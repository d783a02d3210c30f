//! The kinds of message that the program sends: when each leaves, who reads it, whether it is needed, and how it looks. A
//! message bears its kind, so nothing is sent that the administrator cannot read beforehand (`/gestion/courriels`).

use chrono::{DateTime, Utc};
use kernel::Email;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use super::Message;
use crate::Site;
use crate::db::kit;

/// Whether its reader may do without it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Portee {
    /// A link, an answer to what they asked, a day not to be missed: it leaves at once, whatever they chose.
    Necessaire,
    /// It tells what a page tells too: it leaves at the rhythm that they chose ([`super::Rythme`]).
    Informe,
}

impl Portee {
    /// In words.
    pub fn nom(self) -> &'static str {
        match self {
            Self::Necessaire => "Nécessaire : part toujours, aussitôt",
            Self::Informe => "Informe : aussitôt, une fois par jour ou jamais, au choix de son lecteur",
        }
    }
}

/// A kind of message. Each stands as a `static` beside the function that writes it, and in the list `courriels()` of its crate.
#[derive(Debug)]
pub struct Genre {
    /// Its key, kept with each message: `contrat.valide`.
    pub cle: &'static str,
    /// What it says, in a few words.
    pub nom: &'static str,
    /// When it leaves.
    pub occasion: &'static str,
    /// Who reads it.
    pub lecteur: &'static str,
    /// Whether its reader may do without it.
    pub portee: Portee,
    /// What ends it, for one that is sent again.
    pub arret: Option<&'static str>,
    /// One with fictitious data, to that address, by the very function that writes the true ones; none when the fictitious data
    /// is wrong, which a test refuses.
    pub apercu: fn(&Site, Email) -> Option<Message>,
}

impl PartialEq for Genre {
    fn eq(&self, other: &Self) -> bool {
        self.cle == other.cle
    }
}

impl Eq for Genre {}

/// How many messages of a kind were written, as long as the outbox keeps them.
#[derive(Clone, PartialEq, Eq, Debug, FromQueryResult)]
pub struct Compte {
    /// Key of the kind; empty for messages that are older than kinds.
    pub genre: String,
    /// Messages that left.
    pub partis: i64,
    /// Messages that did not leave yet.
    pub en_attente: i64,
    /// When the last one was written.
    pub dernier: DateTime<Utc>,
}

/// Counts by kind of what the outbox keeps: thirty days.
///
/// # Errors
/// When the database does not answer.
pub async fn comptes(conn: &impl ConnectionTrait) -> Result<Vec<Compte>, DbErr> {
    let sql = "SELECT genre, CAST(SUM(CASE WHEN etat = 'parti' THEN 1 ELSE 0 END) AS BIGINT) AS partis, \
               CAST(SUM(CASE WHEN etat = 'parti' THEN 0 ELSE 1 END) AS BIGINT) AS en_attente, MAX(ecrit_le) AS dernier \
               FROM courriel GROUP BY genre ORDER BY genre";
    kit::query_as(conn, sql, []).await
}
