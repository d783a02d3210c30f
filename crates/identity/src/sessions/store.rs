//! Rows of sessions and devices.

use chrono::{DateTime, Utc};
use kernel::ids::CompteId;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::model::{Appareil, AppareilId, Methode, Session, SessionId};
use super::rules::{APPAREIL_DUREE, INACTIVITE};
use crate::comptes::model::{AttributionId, VueId};

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    compte_id: Uuid,
    methode: String,
    appareil: String,
    appareil_id: Option<Uuid>,
    attribution_id: Option<Uuid>,
    vue_id: Option<Uuid>,
    cree_le: DateTime<Utc>,
    vu_le: DateTime<Utc>,
    expire_le: DateTime<Utc>,
    confirme_le: DateTime<Utc>,
    reprise_le: Option<DateTime<Utc>>,
    fermee_le: Option<DateTime<Utc>>,
    jeton: Option<String>,
}

const COLUMNS: &str = "id, compte_id, methode, appareil, appareil_id, attribution_id, vue_id, cree_le, vu_le, \
                       expire_le, confirme_le, reprise_le, fermee_le, jeton";

fn session(r: Row) -> Result<Session, DbErr> {
    Ok(Session {
        id: SessionId(r.id),
        compte: CompteId(r.compte_id),
        methode: Methode::from_key(&r.methode)
            .ok_or_else(|| DbErr::Type("compte_session.methode".to_owned()))?,
        appareil: r.appareil,
        appareil_id: r.appareil_id.map(AppareilId),
        attribution: r.attribution_id.map(AttributionId),
        vue: r.vue_id.map(VueId),
        cree_le: r.cree_le,
        vu_le: r.vu_le,
        expire_le: r.expire_le,
        confirme_le: r.confirme_le,
        reprise_le: r.reprise_le,
        fermee_le: r.fermee_le,
        jeton: r.jeton,
    })
}

pub(crate) async fn insert(conn: &impl ConnectionTrait, s: &Session, empreinte: &str) -> Result<(), DbErr> {
    kit::execute(
        conn,
        "INSERT INTO compte_session (id, compte_id, empreinte, methode, appareil, appareil_id, attribution_id, \
         cree_le, vu_le, expire_le, confirme_le, jeton) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        [
            s.id.0.into(),
            s.compte.0.into(),
            empreinte.into(),
            s.methode.key().into(),
            s.appareil.clone().into(),
            s.appareil_id.map(|a| a.0).into(),
            s.attribution.map(|a| a.0).into(),
            s.cree_le.into(),
            s.vu_le.into(),
            s.expire_le.into(),
            s.confirme_le.into(),
            s.jeton.clone().into(),
        ],
    )
    .await
    .map(|_| ())
}

pub(crate) async fn by_empreinte(
    conn: &impl ConnectionTrait,
    empreinte: &str,
) -> Result<Option<Session>, DbErr> {
    let sql = format!("SELECT {COLUMNS} FROM compte_session WHERE empreinte = $1");
    kit::query_one_as(conn, &sql, [empreinte.into()]).await?.map(session).transpose()
}

/// Sessions of the account that still live, the latest used first.
pub(crate) async fn vivantes(
    conn: &impl ConnectionTrait,
    compte: CompteId,
    now: DateTime<Utc>,
) -> Result<Vec<Session>, DbErr> {
    let sql = format!(
        "SELECT {COLUMNS} FROM compte_session WHERE compte_id = $1 AND fermee_le IS NULL AND expire_le > $2 \
         AND vu_le > $3 ORDER BY vu_le DESC, id LIMIT 100"
    );
    let rows = kit::query_as(conn, &sql, [compte.0.into(), now.into(), (now - INACTIVITE).into()]).await?;
    rows.into_iter().map(session).collect()
}

pub(crate) async fn touch(
    conn: &impl ConnectionTrait,
    id: SessionId,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    kit::execute(
        conn,
        "UPDATE compte_session SET vu_le = $1 WHERE id = $2 AND vu_le < $1",
        [now.into(), id.0.into()],
    )
    .await
    .map(|_| ())
}

/// Notes that the session is taken up again after a silence that began before that instant, unless another request just
/// did, or a proof was given meanwhile.
pub(crate) async fn reprendre(
    conn: &impl ConnectionTrait,
    id: SessionId,
    now: DateTime<Utc>,
    silence: DateTime<Utc>,
) -> Result<(), DbErr> {
    kit::execute(
        conn,
        "UPDATE compte_session SET vu_le = $1, reprise_le = $1 WHERE id = $2 AND vu_le <= $3",
        [now.into(), id.0.into(), silence.into()],
    )
    .await
    .map(|_| ())
}

/// Somebody has proved who is there.
pub(crate) async fn eveiller(conn: &impl ConnectionTrait, id: SessionId) -> Result<(), DbErr> {
    kit::execute(conn, "UPDATE compte_session SET reprise_le = NULL WHERE id = $1", [id.0.into()])
        .await
        .map(|_| ())
}

/// Gives the session a new secret: the one before opens nothing any more. False when the session
/// was closed meanwhile, or when another request has already changed the secret.
pub(crate) async fn rotate(
    conn: &impl ConnectionTrait,
    id: SessionId,
    empreinte: &str,
    confirme_le: DateTime<Utc>,
    attribution: Option<AttributionId>,
    vue: Option<VueId>,
) -> Result<bool, DbErr> {
    let done = kit::execute(
        conn,
        "UPDATE compte_session SET empreinte = $1, confirme_le = $2, attribution_id = $3, vue_id = $4 \
         WHERE id = $5 AND fermee_le IS NULL",
        [
            empreinte.into(),
            confirme_le.into(),
            attribution.map(|a| a.0).into(),
            vue.map(|v| v.0).into(),
            id.0.into(),
        ],
    )
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Closes one session of the account; false when there is none of that name.
pub(crate) async fn close(
    conn: &impl ConnectionTrait,
    compte: CompteId,
    id: SessionId,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let done = kit::execute(
        conn,
        "UPDATE compte_session SET fermee_le = $1, jeton = NULL WHERE id = $2 AND compte_id = $3 AND fermee_le IS NULL",
        [now.into(), id.0.into(), compte.0.into()],
    )
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Closes every session of the account but one; returns how many.
pub(crate) async fn close_all(
    conn: &impl ConnectionTrait,
    compte: CompteId,
    sauf: Option<SessionId>,
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    let done = kit::execute(
        conn,
        "UPDATE compte_session SET fermee_le = $1, jeton = NULL WHERE compte_id = $2 AND id <> $3 AND fermee_le IS NULL",
        [now.into(), compte.0.into(), sauf.map_or(Uuid::nil(), |s| s.0).into()],
    )
    .await?;
    Ok(done.rows_affected())
}

/// The last role that the account acted in, to begin with it next time.
pub(crate) async fn dernier_role(
    conn: &impl ConnectionTrait,
    compte: CompteId,
) -> Result<Option<AttributionId>, DbErr> {
    #[derive(FromQueryResult)]
    struct Last {
        attribution_id: Option<Uuid>,
    }
    let last: Option<Last> = kit::query_one_as(
        conn,
        "SELECT attribution_id FROM compte_session WHERE compte_id = $1 AND attribution_id IS NOT NULL \
         ORDER BY cree_le DESC, id DESC LIMIT 1",
        [compte.0.into()],
    )
    .await?;
    Ok(last.and_then(|l| l.attribution_id).map(AttributionId))
}

#[derive(FromQueryResult)]
struct AppareilRow {
    id: Uuid,
    compte_id: Uuid,
    nom: String,
    cree_le: DateTime<Utc>,
    vu_le: DateTime<Utc>,
}

fn appareil(r: AppareilRow) -> Appareil {
    Appareil {
        id: AppareilId(r.id),
        compte: CompteId(r.compte_id),
        nom: r.nom,
        cree_le: r.cree_le,
        vu_le: r.vu_le,
    }
}

const APPAREIL: &str = "SELECT id, compte_id, nom, cree_le, vu_le FROM compte_appareil";

pub(crate) async fn insert_appareil(
    conn: &impl ConnectionTrait,
    a: &Appareil,
    empreinte: &str,
) -> Result<(), DbErr> {
    kit::execute(
        conn,
        "INSERT INTO compte_appareil (id, compte_id, empreinte, nom, cree_le, vu_le) VALUES ($1, $2, $3, $4, $5, $6)",
        [a.id.0.into(), a.compte.0.into(), empreinte.into(), a.nom.clone().into(), a.cree_le.into(), a.vu_le.into()],
    )
    .await
    .map(|_| ())
}

/// The remembered device of that secret, if it is not forgotten.
pub(crate) async fn appareil_connu(
    conn: &impl ConnectionTrait,
    empreinte: &str,
    now: DateTime<Utc>,
) -> Result<Option<Appareil>, DbErr> {
    let sql = format!("{APPAREIL} WHERE empreinte = $1 AND retire_le IS NULL AND vu_le > $2");
    let row: Option<AppareilRow> =
        kit::query_one_as(conn, &sql, [empreinte.into(), (now - APPAREIL_DUREE).into()]).await?;
    Ok(row.map(appareil))
}

pub(crate) async fn touch_appareil(
    conn: &impl ConnectionTrait,
    id: AppareilId,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    kit::execute(conn, "UPDATE compte_appareil SET vu_le = $1 WHERE id = $2", [now.into(), id.0.into()])
        .await
        .map(|_| ())
}

pub(crate) async fn appareils(
    conn: &impl ConnectionTrait,
    compte: CompteId,
    now: DateTime<Utc>,
) -> Result<Vec<Appareil>, DbErr> {
    let sql = format!(
        "{APPAREIL} WHERE compte_id = $1 AND retire_le IS NULL AND vu_le > $2 ORDER BY vu_le DESC, id LIMIT 100"
    );
    let rows: Vec<AppareilRow> =
        kit::query_as(conn, &sql, [compte.0.into(), (now - APPAREIL_DUREE).into()]).await?;
    Ok(rows.into_iter().map(appareil).collect())
}

/// Forgets a device of the account and closes its sessions; false when there is none of that name.
pub(crate) async fn retire_appareil(
    conn: &impl ConnectionTrait,
    compte: CompteId,
    id: AppareilId,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let done = kit::execute(
        conn,
        "UPDATE compte_appareil SET retire_le = $1 WHERE id = $2 AND compte_id = $3 AND retire_le IS NULL",
        [now.into(), id.0.into(), compte.0.into()],
    )
    .await?;
    kit::execute(
        conn,
        "UPDATE compte_session SET fermee_le = $1, jeton = NULL WHERE appareil_id = $2 AND compte_id = $3 AND fermee_le IS NULL",
        [now.into(), id.0.into(), compte.0.into()],
    )
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets every device of the account.
pub(crate) async fn retire_appareils(
    conn: &impl ConnectionTrait,
    compte: CompteId,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    kit::execute(
        conn,
        "UPDATE compte_appareil SET retire_le = $1 WHERE compte_id = $2 AND retire_le IS NULL",
        [now.into(), compte.0.into()],
    )
    .await
    .map(|_| ())
}

/// Deletes sessions ended and devices forgotten before that instant, and devices that serve no more.
pub(crate) async fn purge(
    conn: &impl ConnectionTrait,
    now: DateTime<Utc>,
    before: DateTime<Utc>,
) -> Result<(), DbErr> {
    kit::execute(conn, "DELETE FROM compte_session WHERE expire_le < $1", [before.into()]).await?;
    kit::execute(
        conn,
        "DELETE FROM compte_appareil WHERE (vu_le < $1 OR retire_le < $2) AND NOT EXISTS \
         (SELECT 1 FROM compte_session s WHERE s.appareil_id = compte_appareil.id)",
        [(now - APPAREIL_DUREE).into(), before.into()],
    )
    .await
    .map(|_| ())
}
