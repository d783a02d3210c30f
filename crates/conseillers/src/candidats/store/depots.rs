//! Drafts, links, and the applications that wait for their confirmation.

use chrono::{DateTime, NaiveDate, Utc};
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::super::model::Motif;
use crate::ids::CandidatId;

/// What a link sent by mail is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::candidats) enum Usage {
    /// Proves the address.
    Confirmer,
    /// Answers whether the person still looks for a post.
    Toujours,
}

impl Usage {
    fn cle(self) -> &'static str {
        match self {
            Self::Confirmer => "confirmer",
            Self::Toujours => "toujours",
        }
    }
}

#[derive(FromQueryResult)]
struct IdRow {
    id: Uuid,
}

async fn ids(
    conn: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = sea_orm::Value>,
) -> Result<Vec<CandidatId>, DbErr> {
    let rows: Vec<IdRow> = kit::query_as(conn, sql, values).await?;
    Ok(rows.into_iter().map(|r| CandidatId(r.id)).collect())
}

pub(in crate::candidats) async fn garder_brouillon(
    tx: &Tx,
    empreinte: &str,
    contenu: &str,
    le: DateTime<Utc>,
) -> Result<(), DbErr> {
    let sql = "INSERT INTO candidat_brouillon (empreinte, contenu, modifie_le) VALUES ($1, $2, $3) \
               ON CONFLICT (empreinte) DO UPDATE SET contenu = excluded.contenu, modifie_le = excluded.modifie_le";
    kit::execute(tx, sql, [empreinte.into(), contenu.into(), le.into()]).await.map(|_| ())
}

pub(in crate::candidats) async fn brouillon(
    conn: &impl ConnectionTrait,
    empreinte: &str,
) -> Result<Option<String>, DbErr> {
    let sql = "SELECT contenu FROM candidat_brouillon WHERE empreinte = $1";
    let rows = kit::query(conn, sql, [empreinte.into()]).await?;
    rows.first().map(|r| r.try_get_by_index(0)).transpose()
}

pub(in crate::candidats) async fn oublier_brouillon(tx: &Tx, empreinte: &str) -> Result<(), DbErr> {
    let sql = "DELETE FROM candidat_brouillon WHERE empreinte = $1";
    kit::execute(tx, sql, [empreinte.into()]).await.map(|_| ())
}

pub(in crate::candidats) async fn oublier_vieux_brouillons(
    tx: &Tx,
    avant: DateTime<Utc>,
) -> Result<u64, DbErr> {
    let sql = "DELETE FROM candidat_brouillon WHERE modifie_le < $1";
    kit::execute(tx, sql, [avant.into()]).await.map(|r| r.rows_affected())
}

/// The application that was filed from that draft.
pub(in crate::candidats) async fn depose(
    conn: &impl ConnectionTrait,
    empreinte: &str,
) -> Result<Option<CandidatId>, DbErr> {
    Ok(ids(conn, "SELECT id FROM candidat WHERE depot = $1", [empreinte.into()]).await?.pop())
}

/// The last application of that address that waits for its confirmation.
pub(in crate::candidats) async fn derniere_a_confirmer(
    conn: &impl ConnectionTrait,
    cle: &str,
) -> Result<Option<CandidatId>, DbErr> {
    Ok(a_confirmer_de(conn, cle).await?.pop())
}

/// Every application of that address that waits for its confirmation, oldest first.
pub(in crate::candidats) async fn a_confirmer_de(
    conn: &impl ConnectionTrait,
    cle: &str,
) -> Result<Vec<CandidatId>, DbErr> {
    let sql = "SELECT id FROM candidat WHERE courriel_cle = $1 AND etat = 'a_confirmer' ORDER BY numero";
    ids(conn, sql, [cle.into()]).await
}

pub(in crate::candidats) async fn lier(
    tx: &Tx,
    id: CandidatId,
    usage: Usage,
    empreinte: &str,
    expire_le: DateTime<Utc>,
) -> Result<(), DbErr> {
    let sql = "INSERT INTO candidat_lien (empreinte, candidat_id, usage, expire_le) VALUES ($1, $2, $3, $4)";
    let values = [empreinte.into(), id.0.into(), usage.cle().into(), expire_le.into()];
    kit::execute(tx, sql, values).await.map(|_| ())
}

/// Whom a link is about, while it serves.
pub(in crate::candidats) async fn lien(
    conn: &impl ConnectionTrait,
    usage: Usage,
    empreinte: &str,
    le: DateTime<Utc>,
) -> Result<Option<CandidatId>, DbErr> {
    let sql =
        "SELECT candidat_id AS id FROM candidat_lien WHERE empreinte = $1 AND usage = $2 AND expire_le > $3";
    Ok(ids(conn, sql, [empreinte.into(), usage.cle().into(), le.into()]).await?.pop())
}

/// The links of a person that still serve: what for, until when. Their secrets are not kept.
pub(in crate::candidats) async fn liens_de(
    conn: &impl ConnectionTrait,
    id: CandidatId,
    le: DateTime<Utc>,
) -> Result<Vec<(&'static str, DateTime<Utc>)>, DbErr> {
    #[derive(FromQueryResult)]
    struct Lien {
        usage: String,
        expire_le: DateTime<Utc>,
    }
    let sql = "SELECT usage, expire_le FROM candidat_lien WHERE candidat_id = $1 AND expire_le > $2 ORDER BY expire_le";
    let lus: Vec<Lien> = kit::query_as(conn, sql, [id.0.into(), le.into()]).await?;
    let pour = |usage: &str| {
        if usage == Usage::Confirmer.cle() { "prouver mon adresse" } else { "dire si je cherche toujours" }
    };
    Ok(lus.into_iter().map(|l| (pour(&l.usage), l.expire_le)).collect())
}

pub(in crate::candidats) async fn oublier_liens(tx: &Tx, id: CandidatId) -> Result<(), DbErr> {
    kit::execute(tx, "DELETE FROM candidat_lien WHERE candidat_id = $1", [id.0.into()]).await.map(|_| ())
}

/// How many links of that use, which end after that instant, went to an address.
pub(in crate::candidats) async fn liens_de_courriel(
    conn: &impl ConnectionTrait,
    cle: &str,
    usage: Usage,
    expirent_apres: DateTime<Utc>,
) -> Result<i64, DbErr> {
    let sql = "SELECT COUNT(*) FROM candidat_lien l JOIN candidat c ON c.id = l.candidat_id \
               WHERE c.courriel_cle = $1 AND l.usage = $2 AND l.expire_le > $3";
    kit::count(conn, sql, [cle.into(), usage.cle().into(), expirent_apres.into()]).await
}

/// Files that are past their time, oldest first: never confirmed, or without a sign of the person. Those of people who hold a
/// post on that day are left out: they would come first every day, and be refused.
pub(in crate::candidats) async fn echus(
    conn: &impl ConnectionTrait,
    motif: Motif,
    (avant, jour): (DateTime<Utc>, NaiveDate),
    limite: usize,
) -> Result<Vec<CandidatId>, DbErr> {
    let (etat, depuis) = match motif {
        Motif::JamaisConfirmee => ("a_confirmer", "depose_le"),
        _ => ("active", "vu_le"),
    };
    let sql = format!(
        "SELECT id FROM candidat WHERE etat = '{etat}' AND {depuis} < $1 AND NOT {} ORDER BY {depuis}, id LIMIT $3",
        crate::postes::store::en_poste("candidat.id", "$2")
    );
    let limite = i64::try_from(limite).unwrap_or(i64::MAX);
    ids(conn, &sql, [avant.into(), jour.into(), limite.into()]).await
}
