//! Rows of notifications, and who read them.

use annuaire::structures::Conditions;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use kernel::Perimetre;
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use uuid::Uuid;

use super::model::{Genre, Notification, NotificationId, Public, Recue};
use crate::aidants::{Aidant, registre};
use crate::ids::AidantId;

/// How long after its last day a notification stays in the lists of people.
pub(super) const GARDEE: TimeDelta = TimeDelta::days(366);
/// Most of them in one list.
const LISTE: i64 = 200;

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    genre: String,
    public: String,
    aidant_id: Option<Uuid>,
    titre: String,
    texte: String,
    jusqu_au: NaiveDate,
    cree_le: DateTime<Utc>,
    retiree_le: Option<DateTime<Utc>>,
}

const COLONNES: &str =
    "n.id, n.genre, n.public, n.aidant_id, n.titre, n.texte, n.jusqu_au, n.cree_le, n.retiree_le";

impl Row {
    fn notification(self) -> Result<Notification, DbErr> {
        let abime = |colonne: &str| DbErr::Type(format!("aidant_notification {}: {colonne}", self.id));
        let public = match (self.public.as_str(), self.aidant_id) {
            ("tous", None) => Public::Tous,
            ("referents", None) => Public::Referents,
            ("aidants", None) => Public::Aidants,
            ("personne", Some(a)) => Public::Personne(AidantId(a)),
            _ => return Err(abime("public")),
        };
        Ok(Notification {
            id: NotificationId(self.id),
            genre: Genre::from_cle(&self.genre).ok_or_else(|| abime("genre"))?,
            public,
            titre: self.titre,
            texte: self.texte,
            jusqu_au: self.jusqu_au,
            cree_le: self.cree_le,
            retiree_le: self.retiree_le,
        })
    }
}

async fn lues(
    conn: &impl ConnectionTrait,
    suite: &str,
    values: Vec<Value>,
) -> Result<Vec<Notification>, DbErr> {
    let sql = format!("SELECT {COLONNES} FROM aidant_notification n {suite}");
    kit::query_as::<Row>(conn, &sql, values).await?.into_iter().map(Row::notification).collect()
}

pub(super) async fn lire(
    conn: &impl ConnectionTrait,
    id: NotificationId,
) -> Result<Option<Notification>, DbErr> {
    Ok(lues(conn, "WHERE n.id = $1", vec![id.0.into()]).await?.pop())
}

/// The latest that somebody of the team sees: those for many are the country's, those for one person are of the scopes where
/// they are or were.
pub(super) async fn toutes(
    conn: &impl ConnectionTrait,
    perimetre: &Perimetre,
) -> Result<Vec<Notification>, DbErr> {
    let mut c = Conditions::default();
    c.dans(perimetre, "o", "structure_id");
    let siennes = if *perimetre == Perimetre::National {
        String::new()
    } else {
        format!(
            "WHERE n.aidant_id IN (SELECT p.aidant_id FROM aidant_appartenance p \
             JOIN organisation_habilitee o ON o.structure_id = p.structure_id{}) ",
            c.clause()
        )
    };
    let limite = c.place(LISTE);
    let suite = format!("{siennes}ORDER BY n.cree_le DESC, n.id DESC LIMIT {limite}");
    lues(conn, &suite, c.values().to_vec()).await
}

/// What is for somebody, newest first, with when they read it; those that ended long ago are left out, those that were taken
/// back too.
pub(super) async fn de_aidant(
    conn: &impl ConnectionTrait,
    a: &Aidant,
    jour: NaiveDate,
) -> Result<Vec<Recue>, DbErr> {
    let siennes = registre::ouvertes(conn, a.id).await?;
    let fait_mandats = siennes.iter().any(|o| o.fonction.fait_mandats());
    let referent = siennes.iter().any(|o| o.fonction.referent());
    let suite = "WHERE n.retiree_le IS NULL AND n.jusqu_au >= $1 AND (n.aidant_id IS NULL OR n.aidant_id = $2) \
                 ORDER BY n.cree_le DESC, n.id DESC LIMIT $3";
    let mut siennes = lues(conn, suite, vec![(jour - GARDEE).into(), a.id.0.into(), LISTE.into()]).await?;
    siennes.retain(|n| n.public.concerne(a.id, fait_mandats, referent));
    let sql = "SELECT notification_id, lue_le FROM aidant_notification_lue WHERE aidant_id = $1";
    let mut lues = std::collections::HashMap::new();
    for row in kit::query(conn, sql, [a.id.0.into()]).await? {
        lues.insert(row.try_get::<Uuid>("", "notification_id")?, row.try_get("", "lue_le")?);
    }
    Ok(siennes.into_iter().map(|n| Recue { lue_le: lues.get(&n.id.0).copied(), notification: n }).collect())
}

pub(super) async fn ajouter(tx: &Tx, n: &Notification) -> Result<(), DbErr> {
    let aidant = match n.public {
        Public::Personne(a) => Some(a.0),
        _ => None,
    };
    let values: Vec<Value> = vec![
        n.id.0.into(),
        n.genre.cle().into(),
        n.public.cle().into(),
        aidant.into(),
        n.titre.clone().into(),
        n.texte.clone().into(),
        n.jusqu_au.into(),
        n.cree_le.into(),
    ];
    let sql = "INSERT INTO aidant_notification (id, genre, public, aidant_id, titre, texte, jusqu_au, cree_le) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    kit::execute(tx, sql, values).await.map(drop)
}

/// Takes it back; says whether it was shown.
pub(super) async fn retirer(tx: &Tx, id: NotificationId, now: DateTime<Utc>) -> Result<bool, DbErr> {
    let sql = "UPDATE aidant_notification SET retiree_le = $2 WHERE id = $1 AND retiree_le IS NULL";
    Ok(kit::execute(tx, sql, [id.0.into(), now.into()]).await?.rows_affected() > 0)
}

/// Notes that somebody read it (`Some`), or has not (`None`).
pub(super) async fn noter(
    tx: &Tx,
    id: NotificationId,
    a: AidantId,
    lue_le: Option<DateTime<Utc>>,
) -> Result<(), DbErr> {
    match lue_le {
        Some(le) => {
            let sql = "INSERT INTO aidant_notification_lue (notification_id, aidant_id, lue_le) VALUES ($1, $2, $3) \
                       ON CONFLICT (notification_id, aidant_id) DO NOTHING";
            kit::execute(tx, sql, [id.0.into(), a.0.into(), le.into()]).await.map(drop)
        }
        None => {
            let sql = "DELETE FROM aidant_notification_lue WHERE notification_id = $1 AND aidant_id = $2";
            kit::execute(tx, sql, [id.0.into(), a.0.into()]).await.map(drop)
        }
    }
}

/// How many people read each of these.
pub(super) async fn lecteurs(
    conn: &impl ConnectionTrait,
) -> Result<std::collections::HashMap<Uuid, i64>, DbErr> {
    let sql = "SELECT notification_id, COUNT(*) AS n FROM aidant_notification_lue GROUP BY notification_id";
    let rows = kit::query(conn, sql, []).await?;
    rows.iter().map(|r| Ok((r.try_get("", "notification_id")?, r.try_get("", "n")?))).collect()
}

/// The notification, held, and how far its messages went.
pub(super) async fn tenir(
    tx: &Tx,
    id: NotificationId,
) -> Result<Option<(Notification, Option<Uuid>)>, DbErr> {
    let sql = "UPDATE aidant_notification SET genre = genre WHERE id = $1";
    kit::execute(tx, sql, [id.0.into()]).await?;
    let Some(n) = lire(tx, id).await? else { return Ok(None) };
    let sql = "SELECT ecrit_jusque FROM aidant_notification WHERE id = $1";
    let rows = kit::query(tx, sql, [id.0.into()]).await?;
    let jusque = rows.first().map(|r| r.try_get("", "ecrit_jusque")).transpose()?.flatten();
    Ok(Some((n, jusque)))
}

pub(super) async fn avancer(tx: &Tx, id: NotificationId, jusque: Uuid) -> Result<(), DbErr> {
    let sql = "UPDATE aidant_notification SET ecrit_jusque = $2 WHERE id = $1";
    kit::execute(tx, sql, [id.0.into(), jusque.into()]).await.map(drop)
}

/// Erases those whose last day was before that one, with who read them; gives how many.
pub(super) async fn oublier(tx: &Tx, avant: NaiveDate) -> Result<u64, DbErr> {
    let sql = "DELETE FROM aidant_notification_lue WHERE notification_id IN \
               (SELECT id FROM aidant_notification WHERE jusqu_au < $1)";
    kit::execute(tx, sql, [avant.into()]).await?;
    let sql = "DELETE FROM aidant_notification WHERE jusqu_au < $1";
    Ok(kit::execute(tx, sql, [avant.into()]).await?.rows_affected())
}

#[derive(FromQueryResult)]
pub(super) struct Destinataire {
    pub(super) id: Uuid,
    pub(super) courriel: String,
}

/// Active people of a public after a mark, by identifier.
pub(super) async fn destinataires(
    conn: &impl ConnectionTrait,
    public: Public,
    apres: Option<Uuid>,
    limite: i64,
) -> Result<Vec<Destinataire>, DbErr> {
    let ou = match public {
        Public::Tous => "p.fait_mandats OR p.referent",
        Public::Referents => "p.referent",
        Public::Aidants => "p.fait_mandats",
        Public::Personne(_) => "a.id = $3",
    };
    let mut values: Vec<Value> = vec![apres.unwrap_or_else(Uuid::nil).into(), limite.into()];
    if let Public::Personne(a) = public {
        values.push(a.0.into());
    }
    let sql = format!(
        "SELECT a.id, a.courriel FROM aidant a WHERE a.etat = 'actif' AND a.id > $1 AND EXISTS (SELECT 1 FROM aidant_appartenance p \
         WHERE p.aidant_id = a.id AND p.fin IS NULL AND ({ou})) ORDER BY a.id LIMIT $2"
    );
    kit::query_as(conn, &sql, values).await
}
