//! Rows of the dashboard, private to the room.

use chrono::{DateTime, NaiveDate, Utc};
use kernel::Actor;
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::model::{EtatId, Fige, Jalon};

#[derive(FromQueryResult)]
struct JalonRow {
    cle: String,
    nom: String,
    echeance: NaiveDate,
    cible: i64,
    prevision: Option<i64>,
}

/// The milestones, in the order of their days.
pub(super) async fn jalons(conn: &impl ConnectionTrait) -> Result<Vec<Jalon>, DbErr> {
    let sql = "SELECT cle, nom, echeance, cible, prevision FROM jalon ORDER BY echeance, cle";
    let rows: Vec<JalonRow> = kit::query_as(conn, sql, []).await?;
    Ok(rows
        .into_iter()
        .map(|r| Jalon {
            cle: r.cle,
            nom: r.nom,
            echeance: r.echeance,
            cible: r.cible,
            prevision: r.prevision,
        })
        .collect())
}

/// Writes the forecast of a milestone; `false` when there is none of that key.
pub(super) async fn prevoir(tx: &Tx, cle: &str, prevision: Option<i64>) -> Result<bool, DbErr> {
    let sql = "UPDATE jalon SET prevision = $2 WHERE cle = $1";
    Ok(kit::execute(tx, sql, [cle.into(), prevision.into()]).await?.rows_affected() == 1)
}

/// Writes a state of progress; it is never changed.
pub(super) async fn figer(tx: &Tx, f: &Fige, par: &Actor, contenu: &str) -> Result<(), DbErr> {
    kit::execute(
        tx,
        "INSERT INTO etat_avancement (id, le, fige_le, par, contenu, empreinte) VALUES ($1, $2, $3, $4, $5, $6)",
        [
            f.id.0.into(),
            f.le.into(),
            f.fige_le.into(),
            par.compte.0.into(),
            contenu.into(),
            f.empreinte.clone().into(),
        ],
    )
    .await
    .map(|_| ())
}

#[derive(FromQueryResult)]
struct FigeRow {
    id: Uuid,
    le: NaiveDate,
    fige_le: DateTime<Utc>,
    empreinte: String,
}

impl FigeRow {
    fn fige(self) -> Fige {
        Fige { id: EtatId(self.id), le: self.le, fige_le: self.fige_le, empreinte: self.empreinte }
    }
}

/// A page of the states that were frozen, latest first.
pub(super) async fn figes(
    conn: &impl ConnectionTrait,
    (offset, limit): (usize, usize),
) -> Result<Vec<Fige>, DbErr> {
    let sql =
        "SELECT id, le, fige_le, empreinte FROM etat_avancement ORDER BY fige_le DESC, id LIMIT $1 OFFSET $2";
    let n = |n: usize| sea_orm::Value::from(i64::try_from(n).unwrap_or(i64::MAX));
    let rows: Vec<FigeRow> = kit::query_as(conn, sql, [n(limit), n(offset)]).await?;
    Ok(rows.into_iter().map(FigeRow::fige).collect())
}

/// How many states were frozen.
pub(super) async fn combien_de_figes(conn: &impl ConnectionTrait) -> Result<usize, DbErr> {
    let n = kit::count(conn, "SELECT COUNT(*) FROM etat_avancement", []).await?;
    Ok(usize::try_from(n).unwrap_or(0))
}

/// A state that was frozen, and what it holds.
pub(super) async fn fige(conn: &impl ConnectionTrait, id: EtatId) -> Result<Option<(Fige, String)>, DbErr> {
    #[derive(FromQueryResult)]
    struct ContenuRow {
        contenu: String,
    }
    let sql = "SELECT id, le, fige_le, empreinte FROM etat_avancement WHERE id = $1";
    let Some(f) = kit::query_one_as::<FigeRow>(conn, sql, [id.0.into()]).await? else { return Ok(None) };
    let sql = "SELECT contenu FROM etat_avancement WHERE id = $1";
    let contenu = kit::query_one_as::<ContenuRow>(conn, sql, [id.0.into()]).await?;
    Ok(contenu.map(|c| (f.fige(), c.contenu)))
}
