//! Rows of sign-ins at ProConnect, and of the identities bound to accounts.

use chrono::{DateTime, Utc};
use kernel::ids::CompteId;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

/// An identity of ProConnect bound to an account.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Identite {
    pub(crate) id: Uuid,
    pub(crate) compte_id: Uuid,
    pub(crate) siret: Option<String>,
    pub(crate) lie_le: DateTime<Utc>,
}

const IDENTITE: &str = "SELECT id, compte_id, siret, lie_le FROM compte_identite";

/// The account's bound identity.
pub(crate) async fn identite_de(conn: &impl ConnectionTrait, c: CompteId) -> Result<Option<Identite>, DbErr> {
    kit::query_one_as(conn, &format!("{IDENTITE} WHERE compte_id = $1 LIMIT 1"), [c.0.into()]).await
}

/// The identity of that issuer and subject: the only pair that opens an account.
pub(crate) async fn identite(
    conn: &impl ConnectionTrait,
    emetteur: &str,
    sujet: &str,
) -> Result<Option<Identite>, DbErr> {
    let sql = format!("{IDENTITE} WHERE emetteur = $1 AND sujet = $2");
    kit::query_one_as(conn, &sql, [emetteur.into(), sujet.into()]).await
}

pub(crate) async fn insert_identite(
    conn: &impl ConnectionTrait,
    i: &Identite,
    emetteur: &str,
    sujet: &str,
) -> Result<(), DbErr> {
    kit::execute(
        conn,
        "INSERT INTO compte_identite (id, compte_id, emetteur, sujet, siret, lie_le, vu_le) VALUES ($1, $2, $3, $4, $5, $6, $6)",
        [
            i.id.into(),
            i.compte_id.into(),
            emetteur.into(),
            sujet.into(),
            i.siret.clone().into(),
            i.lie_le.into(),
        ],
    )
    .await
    .map(|_| ())
}

/// Notes a sign-in, and the organisation that ProConnect told: a signal, never a right.
pub(crate) async fn seen(
    conn: &impl ConnectionTrait,
    id: Uuid,
    siret: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    kit::execute(
        conn,
        "UPDATE compte_identite SET vu_le = $1, siret = $2 WHERE id = $3",
        [now.into(), siret.map(str::to_owned).into(), id.into()],
    )
    .await
    .map(|_| ())
}

/// A sign-in that went to ProConnect.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Flux {
    pub(crate) id: Uuid,
    pub(crate) navigateur_empreinte: String,
    pub(crate) nonce: String,
    pub(crate) verifieur: String,
    pub(crate) suite: String,
    pub(crate) lien_id: Option<Uuid>,
    /// The session that a fresh proof is for.
    pub(crate) session_id: Option<Uuid>,
    pub(crate) expire_le: DateTime<Utc>,
}

pub(crate) async fn insert_flux(conn: &impl ConnectionTrait, f: &Flux, etat: &str) -> Result<(), DbErr> {
    kit::execute(
        conn,
        "INSERT INTO compte_proconnect (id, etat_empreinte, navigateur_empreinte, nonce, verifieur, suite, lien_id, expire_le, session_id) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        [
            f.id.into(),
            etat.into(),
            f.navigateur_empreinte.clone().into(),
            f.nonce.clone().into(),
            f.verifieur.clone().into(),
            f.suite.clone().into(),
            f.lien_id.into(),
            f.expire_le.into(),
            f.session_id.into(),
        ],
    )
    .await
    .map(|_| ())
}

pub(crate) async fn flux(
    conn: &impl ConnectionTrait,
    etat: &str,
    now: DateTime<Utc>,
) -> Result<Option<Flux>, DbErr> {
    kit::query_one_as(
        conn,
        "SELECT id, navigateur_empreinte, nonce, verifieur, suite, lien_id, session_id, expire_le FROM compte_proconnect \
         WHERE etat_empreinte = $1 AND utilise_le IS NULL AND expire_le > $2",
        [etat.into(), now.into()],
    )
    .await
}

/// Uses the flow up; false when another answer just did.
pub(crate) async fn use_flux(
    conn: &impl ConnectionTrait,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let done = kit::execute(
        conn,
        "UPDATE compte_proconnect SET utilise_le = $1 WHERE id = $2 AND utilise_le IS NULL",
        [now.into(), id.into()],
    )
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Deletes flows that are over.
pub(crate) async fn purge(conn: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<(), DbErr> {
    kit::execute(conn, "DELETE FROM compte_proconnect WHERE expire_le < $1", [now.into()]).await.map(|_| ())
}
