//! Many mandats at once: what a take-over reads and writes.

use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, Value};

use super::super::model::{Autorisation, Mandat};
use super::rows::{AUTORISATION, MANDAT, MandatRow, autorisation_values, fin_values};
use crate::ids::{AutorisationId, MandatId, UsagerId};

/// These mandats, in no order.
pub(crate) async fn plusieurs(
    conn: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = MandatId>,
) -> Result<Vec<Mandat>, DbErr> {
    let ids: Vec<Value> = ids.into_iter().map(|m| m.0.into()).collect();
    let mut out = Vec::with_capacity(ids.len());
    for lot in ids.chunks(1_000) {
        let sql = format!("SELECT {MANDAT} FROM mandat WHERE id IN ({})", kit::places(1, lot.len()));
        let rows: Vec<MandatRow> = kit::query_as(conn, &sql, lot.to_vec()).await?;
        for row in rows {
            out.push(row.mandat()?);
        }
    }
    Ok(out)
}

async fn parmi(
    conn: &impl ConnectionTrait,
    colonne: &str,
    ids: Vec<Value>,
) -> Result<Vec<Autorisation>, DbErr> {
    let mut out = Vec::new();
    for lot in ids.chunks(1_000) {
        let ou = format!("{colonne} IN ({})", kit::places(1, lot.len()));
        out.extend(super::autorisations(conn, &ou, lot.to_vec()).await?);
    }
    Ok(out)
}

/// These autorisations, in no order.
pub(crate) async fn autorisations_parmi(
    conn: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = AutorisationId>,
) -> Result<Vec<Autorisation>, DbErr> {
    parmi(conn, "id", ids.into_iter().map(|a| a.0.into()).collect()).await
}

/// Everything that these people allowed, to any organisation.
pub(crate) async fn de_personnes(
    conn: &impl ConnectionTrait,
    usagers: impl IntoIterator<Item = UsagerId>,
) -> Result<Vec<Autorisation>, DbErr> {
    parmi(conn, "usager_id", usagers.into_iter().map(|u| u.0.into()).collect()).await
}

/// What these mandats allow, or allowed.
pub(crate) async fn de_mandats(
    conn: &impl ConnectionTrait,
    mandats: impl IntoIterator<Item = MandatId>,
) -> Result<Vec<Autorisation>, DbErr> {
    parmi(conn, "mandat_id", mandats.into_iter().map(|m| m.0.into()).collect()).await
}

/// Writes how an autorisation ended, whatever was written before: for those of another system only.
pub(crate) async fn reprendre_fin(tx: &Tx, a: &Autorisation) -> Result<(), DbErr> {
    let sql = "UPDATE mandat_autorisation SET fin_le = $2, fin_mandat_id = $3, fin_auteur = $4, fin_auteur_id = $5, \
               fin_raison = $6, fin_precision = $7 WHERE id = $1";
    let values = [Value::from(a.id.0)].into_iter().chain(fin_values(a.fin.as_ref()));
    kit::execute(tx, sql, values).await.map(drop)
}

/// Writes new autorisations.
pub(crate) async fn inserer_autorisations(tx: &Tx, neuves: &[Autorisation]) -> Result<(), DbErr> {
    let rows = neuves.iter().map(autorisation_values).collect();
    kit::insert_many(tx, &format!("mandat_autorisation ({AUTORISATION})"), rows, "").await.map(drop)
}
