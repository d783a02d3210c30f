//! Files that a job made and that wait to be fetched: kept in pieces, so that neither writing nor reading holds them
//! whole, and forgotten after a week, since they can be made again.

use std::io::Read;

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use crate::db::kit;
use crate::{Site, Tx};

/// How long a file waits.
const GARDE: TimeDelta = TimeDelta::days(7);
/// Size of a piece, in bytes.
const MORCEAU: usize = 512 << 10;

/// A file that was asked for, made or not yet.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Depose {
    /// Its identifier.
    pub id: Uuid,
    /// The job that makes it.
    pub tache: Uuid,
    /// Its name, once made.
    pub nom: String,
    /// Its media type, once made.
    pub media: String,
    /// Its size in bytes, once made.
    pub octets: i64,
    /// When it was asked for.
    pub demande_le: DateTime<Utc>,
    /// When it was made.
    pub fait_le: Option<DateTime<Utc>>,
}

/// Says that a job will make the file of that key. The one made before for it is forgotten.
///
/// # Errors
/// When the database refuses.
pub async fn ouvre(site: &Site, tx: &Tx, cle: &str, tache: Uuid) -> Result<(), DbErr> {
    efface(tx, cle).await?;
    let sql = "INSERT INTO document (id, cle, tache, nom, media, octets, demande_le) VALUES ($1, $2, $3, '', '', 0, $4)";
    let id = kernel::ids::uuid_v7(&site.clock, &site.chance);
    kit::execute(tx, sql, [id.into(), cle.into(), tache.into(), site.clock.now().into()]).await.map(|_| ())
}

/// The file of that key, if somebody asked for it.
///
/// # Errors
/// When the database does not answer.
pub async fn trouve(conn: &impl ConnectionTrait, cle: &str) -> Result<Option<Depose>, DbErr> {
    let sql = "SELECT id, tache, nom, media, octets, demande_le, fait_le FROM document WHERE cle = $1";
    kit::query_one_as(conn, sql, [cle.into()]).await
}

/// Keeps what the job made: whole, or not at all. Nothing when nobody waits for it any more.
///
/// # Errors
/// When the database or the disk fails.
pub async fn enregistre(
    site: &Site,
    cle: &str,
    (nom, media): (&str, &str),
    mut contenu: impl Read + Send,
) -> Result<(), DbErr> {
    let disque = |e: std::io::Error| DbErr::Custom(e.to_string());
    site.db
        .write(async |tx| {
            let Some(document) = trouve(tx, cle).await? else { return Ok(()) };
            oublie(tx, document.id).await?;
            let mut octets = 0_i64;
            for rang in 0_i64.. {
                let mut morceau = Vec::with_capacity(MORCEAU);
                contenu.by_ref().take(MORCEAU as u64).read_to_end(&mut morceau).map_err(disque)?;
                if morceau.is_empty() {
                    break;
                }
                octets += i64::try_from(morceau.len()).unwrap_or(0);
                let sql = "INSERT INTO document_morceau (document_id, rang, contenu) VALUES ($1, $2, $3)";
                kit::execute(tx, sql, [document.id.into(), rang.into(), morceau.into()]).await?;
            }
            let sql = "UPDATE document SET nom = $1, media = $2, octets = $3, fait_le = $4 WHERE id = $5";
            let values =
                [nom.into(), media.into(), octets.into(), site.clock.now().into(), document.id.into()];
            kit::execute(tx, sql, values).await.map(|_| ())
        })
        .await
}

async fn morceau(conn: &impl ConnectionTrait, id: Uuid, rang: i64) -> Result<Option<Vec<u8>>, DbErr> {
    let sql = "SELECT contenu FROM document_morceau WHERE document_id = $1 AND rang = $2";
    kit::query(conn, sql, [id.into(), rang.into()])
        .await?
        .first()
        .map(|row| row.try_get_by_index(0))
        .transpose()
}

/// The file, piece by piece, to be kept under its name.
pub fn lit(site: &Site, document: &Depose) -> Response {
    let headers = [
        (CONTENT_TYPE, document.media.clone()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", document.nom)),
        (CONTENT_LENGTH, document.octets.to_string()),
    ];
    let depart = (site.clone(), document.id, 0_i64);
    let suite = futures::stream::try_unfold(depart, async |(site, id, rang)| {
        let lu = morceau(site.db.read(), id, rang).await?;
        Ok::<_, DbErr>(lu.map(|octets| (Bytes::from(octets), (site, id, rang + 1))))
    });
    (headers, Body::from_stream(suite)).into_response()
}

async fn oublie(tx: &Tx, id: Uuid) -> Result<(), DbErr> {
    kit::execute(tx, "DELETE FROM document_morceau WHERE document_id = $1", [id.into()]).await.map(|_| ())
}

/// Forgets the file of that key, if there is one.
///
/// # Errors
/// When the database refuses.
pub async fn efface(tx: &Tx, cle: &str) -> Result<(), DbErr> {
    if let Some(document) = trouve(tx, cle).await? {
        oublie(tx, document.id).await?;
        kit::execute(tx, "DELETE FROM document WHERE id = $1", [document.id.into()]).await?;
    }
    Ok(())
}

/// Forgets the files that were asked for more than a week ago. Run by the clean-up schedule.
///
/// # Errors
/// When the database refuses.
pub async fn clean_up(site: &Site) -> Result<u64, DbErr> {
    let avant = site.clock.now() - GARDE;
    site.db
        .write(async |tx| {
            let vieux = "DELETE FROM document_morceau WHERE document_id IN (SELECT id FROM document WHERE demande_le < $1)";
            kit::execute(tx, vieux, [avant.into()]).await?;
            let oublies = kit::execute(tx, "DELETE FROM document WHERE demande_le < $1", [avant.into()]).await?;
            Ok(oublies.rows_affected())
        })
        .await
}
