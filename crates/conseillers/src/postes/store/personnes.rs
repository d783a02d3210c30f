//! Who held and holds posts.

use std::collections::HashSet;

use annuaire::structures::Conditions;
use chrono::NaiveDate;
use kernel::Periode;
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use super::{AffectationRow, IdRow};
use crate::ids::{CandidatId, PosteId};

/// What a person held and holds, oldest first: (post, from when to when).
///
/// # Errors
/// The database.
pub async fn de_candidat(
    conn: &impl ConnectionTrait,
    candidat: CandidatId,
) -> Result<Vec<(PosteId, Periode)>, DbErr> {
    let rows: Vec<AffectationRow> = kit::query_as(
        conn,
        "SELECT id, poste_id, candidat_id, contrat_id, debut, fin FROM poste_affectation WHERE candidat_id = $1 \
         ORDER BY debut, id",
        [candidat.0.into()],
    )
    .await?;
    Ok(rows.into_iter().map(|r| (PosteId(r.poste_id), Periode { debut: r.debut, fin: r.fin })).collect())
}

/// What is true, in a query, of a candidat who holds a post on that day or will: the column that names them, the place of the day.
pub(crate) fn en_poste(candidat: &str, jour: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM poste_affectation tenu WHERE tenu.candidat_id = {candidat} AND (tenu.fin IS NULL OR tenu.fin >= {jour}))"
    )
}

/// Whether that person holds a post on that day, or will.
///
/// # Errors
/// The database.
pub async fn tient_un_poste(
    conn: &impl ConnectionTrait,
    candidat: CandidatId,
    le: NaiveDate,
) -> Result<bool, DbErr> {
    let tenus = de_candidat(conn, candidat).await?;
    Ok(tenus.iter().any(|(_, periode)| periode.fin.is_none_or(|fin| fin >= le)))
}

/// Everybody who holds or held a post.
///
/// # Errors
/// The database.
pub async fn ont_tenu(conn: &impl ConnectionTrait) -> Result<HashSet<CandidatId>, DbErr> {
    let rows: Vec<IdRow> =
        kit::query_as(conn, "SELECT DISTINCT candidat_id AS id FROM poste_affectation", []).await?;
    Ok(rows.into_iter().map(|r| CandidatId(r.id)).collect())
}

/// Gives what a person held and holds to another, in the transaction that makes one file of theirs, which holds the posts; which
/// assignments.
///
/// # Errors
/// The database.
pub(crate) async fn passer(tx: &Tx, de: CandidatId, a: CandidatId) -> Result<Vec<Uuid>, DbErr> {
    let sql = "UPDATE poste_affectation SET candidat_id = $2 WHERE candidat_id = $1 RETURNING id";
    let rows: Vec<IdRow> = kit::query_as(tx, sql, [de.0.into(), a.0.into()]).await?;
    Ok(rows.into_iter().map(|r| r.id).collect())
}

/// Gives these assignments to a person.
///
/// # Errors
/// The database.
pub(crate) async fn rendre(tx: &Tx, affectations: &[Uuid], a: CandidatId) -> Result<(), DbErr> {
    let mut c = Conditions::default();
    let qui = c.place(a.0);
    let liste = c.liste(affectations.iter().copied());
    let sql = format!("UPDATE poste_affectation SET candidat_id = {qui} WHERE id IN ({liste})");
    kit::execute(tx, &sql, c.values().to_vec()).await.map(|_| ())
}
