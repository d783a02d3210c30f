//! Rows of kept forms.

use chrono::{DateTime, Utc};
use kernel::ids::CompteId;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

/// A kept form; what was typed is sealed.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Ligne {
    pub(crate) id: Uuid,
    pub(crate) compte_id: Uuid,
    pub(crate) attribution_id: Option<Uuid>,
    pub(crate) contenu: String,
    pub(crate) cree_le: DateTime<Utc>,
    pub(crate) expire_le: DateTime<Utc>,
}

/// How many an account may have at once: the oldest leaves its place.
const PLACES: i64 = 10;

pub(crate) async fn insert(conn: &impl ConnectionTrait, l: &Ligne, empreinte: &str) -> Result<(), DbErr> {
    kit::execute(
        conn,
        "INSERT INTO compte_saisie (id, compte_id, empreinte, attribution_id, contenu, cree_le, expire_le) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        [
            l.id.into(),
            l.compte_id.into(),
            empreinte.into(),
            l.attribution_id.into(),
            l.contenu.clone().into(),
            l.cree_le.into(),
            l.expire_le.into(),
        ],
    )
    .await?;
    kit::execute(
        conn,
        "DELETE FROM compte_saisie WHERE compte_id = $1 AND id NOT IN \
         (SELECT id FROM compte_saisie WHERE compte_id = $1 ORDER BY cree_le DESC, id DESC LIMIT $2)",
        [l.compte_id.into(), PLACES.into()],
    )
    .await
    .map(|_| ())
}

/// What that browser keeps for that account.
pub(crate) async fn gardees(
    conn: &impl ConnectionTrait,
    c: CompteId,
    empreinte: &str,
    now: DateTime<Utc>,
) -> Result<Vec<Ligne>, DbErr> {
    kit::query_as(
        conn,
        "SELECT id, compte_id, attribution_id, contenu, cree_le, expire_le FROM compte_saisie \
         WHERE compte_id = $1 AND empreinte = $2 AND expire_le > $3 ORDER BY cree_le DESC, id DESC",
        [c.0.into(), empreinte.into(), now.into()],
    )
    .await
}

/// Erases it; false when it was erased meanwhile: it serves once.
pub(crate) async fn effacer(conn: &impl ConnectionTrait, id: Uuid) -> Result<bool, DbErr> {
    let done = kit::execute(conn, "DELETE FROM compte_saisie WHERE id = $1", [id.into()]).await?;
    Ok(done.rows_affected() == 1)
}

/// Erases everything that the account has typed and not sent.
pub(crate) async fn oublier(conn: &impl ConnectionTrait, c: CompteId) -> Result<(), DbErr> {
    kit::execute(conn, "DELETE FROM compte_saisie WHERE compte_id = $1", [c.0.into()]).await.map(|_| ())
}

/// Erases what was kept for its hour.
pub(crate) async fn purge(conn: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<(), DbErr> {
    kit::execute(conn, "DELETE FROM compte_saisie WHERE expire_le <= $1", [now.into()]).await.map(|_| ())
}
