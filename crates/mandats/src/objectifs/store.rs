//! Rows of targets, and how far départements are.

use std::collections::HashMap;

use chrono::NaiveDate;
use kernel::CodeDepartement;
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};

use super::model::{Objectif, Quoi};

#[derive(FromQueryResult)]
struct Row {
    departement: String,
    nombre: i64,
    echeance: NaiveDate,
}

/// Targets of a kind, by département.
pub(super) async fn tous(
    conn: &impl ConnectionTrait,
    quoi: Quoi,
) -> Result<HashMap<CodeDepartement, Objectif>, DbErr> {
    let sql = "SELECT departement, nombre, echeance FROM mandat_objectif WHERE quoi = $1";
    let rows: Vec<Row> = kit::query_as(conn, sql, [quoi.cle().into()]).await?;
    rows.into_iter()
        .map(|r| {
            let abime = || DbErr::Type(format!("mandat_objectif {}", r.departement));
            let departement = CodeDepartement::parse(&r.departement).ok_or_else(abime)?;
            let nombre = u32::try_from(r.nombre).map_err(|_| abime())?;
            Ok((departement.clone(), Objectif { departement, quoi, nombre, echeance: r.echeance }))
        })
        .collect()
}

/// Sets a target; the one of before goes.
pub(super) async fn fixer(tx: &Tx, o: &Objectif) -> Result<(), DbErr> {
    let values: [Value; 4] =
        [o.departement.as_str().into(), o.quoi.cle().into(), i64::from(o.nombre).into(), o.echeance.into()];
    let sql = "INSERT INTO mandat_objectif (departement, quoi, nombre, echeance) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (departement, quoi) DO UPDATE SET nombre = excluded.nombre, echeance = excluded.echeance";
    kit::execute(tx, sql, values).await.map(drop)
}

/// Takes a target away; says whether there was one.
pub(super) async fn retirer(tx: &Tx, departement: &CodeDepartement, quoi: Quoi) -> Result<bool, DbErr> {
    let sql = "DELETE FROM mandat_objectif WHERE departement = $1 AND quoi = $2";
    let values: [Value; 2] = [departement.as_str().into(), quoi.cle().into()];
    Ok(kit::execute(tx, sql, values).await?.rows_affected() > 0)
}

#[derive(FromQueryResult)]
struct Compte {
    departement: String,
    n: i64,
}

/// How many there are today, by département; one aidant of two organisations of a département counts once there.
pub(super) async fn atteints(
    conn: &impl ConnectionTrait,
    quoi: Quoi,
    jour: NaiveDate,
) -> Result<HashMap<CodeDepartement, u32>, DbErr> {
    let sql = match quoi {
        Quoi::Organisations => {
            "SELECT o.departement, COUNT(*) AS n FROM organisation_habilitee o \
             WHERE (o.desactivee_le IS NULL OR o.desactivee_le > $1) GROUP BY o.departement"
        }
        Quoi::Aidants => {
            "SELECT o.departement, COUNT(DISTINCT p.aidant_id) AS n FROM aidant_appartenance p \
             JOIN aidant a ON a.id = p.aidant_id JOIN organisation_habilitee o ON o.structure_id = p.structure_id \
             WHERE p.fin IS NULL AND p.fait_mandats AND a.etat = 'actif' \
             AND (o.desactivee_le IS NULL OR o.desactivee_le > $1) GROUP BY o.departement"
        }
    };
    let rows: Vec<Compte> = kit::query_as(conn, sql, [jour.into()]).await?;
    Ok(rows
        .into_iter()
        .filter_map(|c| Some((CodeDepartement::parse(&c.departement)?, u32::try_from(c.n).ok()?)))
        .collect())
}
