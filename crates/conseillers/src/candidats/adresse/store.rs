//! Rows of changes of address.

use chrono::{DateTime, Utc};
use kernel::Email;
use kernel::ids::CompteId;
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use crate::ids::CandidatId;

/// A change that was asked for.
#[derive(Debug)]
pub(super) struct Demandee {
    pub(super) candidat: CandidatId,
    pub(super) compte: CompteId,
    pub(super) courriel: Email,
}

/// Keeps a change, in place of the one before.
pub(super) async fn garder(
    tx: &Tx,
    (candidat, compte): (CandidatId, CompteId),
    courriel: &Email,
    (empreinte, fin): (&str, DateTime<Utc>),
) -> Result<(), DbErr> {
    let sql = "INSERT INTO candidat_adresse (candidat_id, compte_id, courriel, empreinte, expire_le) VALUES ($1, $2, $3, $4, $5) \
               ON CONFLICT (candidat_id) DO UPDATE SET compte_id = excluded.compte_id, courriel = excluded.courriel, \
               empreinte = excluded.empreinte, expire_le = excluded.expire_le";
    let values = [candidat.0.into(), compte.0.into(), courriel.as_str().into(), empreinte.into(), fin.into()];
    kit::execute(tx, sql, values).await.map(|_| ())
}

/// Forgets the change of a person; says whether there was one.
pub(super) async fn oublier(tx: &Tx, id: CandidatId) -> Result<bool, DbErr> {
    let sql = "DELETE FROM candidat_adresse WHERE candidat_id = $1";
    Ok(kit::execute(tx, sql, [id.0.into()]).await?.rows_affected() == 1)
}

/// The change behind a link, while it serves.
pub(super) async fn de_lien(
    conn: &impl ConnectionTrait,
    empreinte: &str,
    le: DateTime<Utc>,
) -> Result<Option<Demandee>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        candidat_id: Uuid,
        compte_id: Uuid,
        courriel: String,
    }
    let sql = "SELECT candidat_id, compte_id, courriel FROM candidat_adresse WHERE empreinte = $1 AND expire_le > $2";
    let row: Option<Row> = kit::query_one_as(conn, sql, [empreinte.into(), le.into()]).await?;
    row.map(|r| {
        Ok(Demandee {
            candidat: CandidatId(r.candidat_id),
            compte: CompteId(r.compte_id),
            courriel: Email::parse(&r.courriel)
                .map_err(|_| DbErr::Type("candidat_adresse.courriel".to_owned()))?,
        })
    })
    .transpose()
}

/// The address that waits for its confirmation, and until when.
pub(in crate::candidats) async fn en_attente(
    conn: &impl ConnectionTrait,
    id: CandidatId,
    le: DateTime<Utc>,
) -> Result<Option<(String, DateTime<Utc>)>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        courriel: String,
        expire_le: DateTime<Utc>,
    }
    let sql = "SELECT courriel, expire_le FROM candidat_adresse WHERE candidat_id = $1 AND expire_le > $2";
    let row: Option<Row> = kit::query_one_as(conn, sql, [id.0.into(), le.into()]).await?;
    Ok(row.map(|r| (r.courriel, r.expire_le)))
}
