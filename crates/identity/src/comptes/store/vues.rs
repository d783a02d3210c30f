//! Rows of the looks taken as another person.

use chrono::{DateTime, Utc};
use kernel::ids::CompteId;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::super::model::{Vue, VueId};

#[derive(FromQueryResult)]
struct VueRow {
    id: Uuid,
    vu_id: Uuid,
    par_id: Uuid,
    par_nom: String,
    motif: String,
    debut: DateTime<Utc>,
    fin: Option<DateTime<Utc>>,
}

const VUE: &str = "SELECT v.id, v.vu_id, v.par_id, c.nom AS par_nom, v.motif, v.debut, v.fin \
                   FROM compte_vue v JOIN compte c ON c.id = v.par_id";

fn vue(r: VueRow) -> Vue {
    Vue {
        id: VueId(r.id),
        vu: CompteId(r.vu_id),
        par: CompteId(r.par_id),
        par_nom: r.par_nom,
        motif: r.motif,
        debut: r.debut,
        fin: r.fin,
    }
}

pub(crate) async fn insert_vue(conn: &impl ConnectionTrait, v: &Vue) -> Result<(), DbErr> {
    kit::execute(
        conn,
        "INSERT INTO compte_vue (id, vu_id, par_id, motif, debut) VALUES ($1, $2, $3, $4, $5)",
        [v.id.0.into(), v.vu.0.into(), v.par.0.into(), v.motif.clone().into(), v.debut.into()],
    )
    .await
    .map(|_| ())
}

/// Ends the look; false when it was over already.
pub(crate) async fn end_vue(
    conn: &impl ConnectionTrait,
    id: VueId,
    fin: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let done = kit::execute(
        conn,
        "UPDATE compte_vue SET fin = $1 WHERE id = $2 AND fin IS NULL",
        [fin.into(), id.0.into()],
    )
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Looks that nobody ended and that began before that instant, a few at a time.
pub(crate) async fn vues_ouvertes(
    conn: &impl ConnectionTrait,
    avant: DateTime<Utc>,
) -> Result<Vec<Vue>, DbErr> {
    let sql = format!("{VUE} WHERE v.fin IS NULL AND v.debut <= $1 ORDER BY v.debut, v.id LIMIT 500");
    let rows: Vec<VueRow> = kit::query_as(conn, &sql, [avant.into()]).await?;
    Ok(rows.into_iter().map(vue).collect())
}

pub(crate) async fn find_vue(conn: &impl ConnectionTrait, id: VueId) -> Result<Option<Vue>, DbErr> {
    let row: Option<VueRow> =
        kit::query_one_as(conn, &format!("{VUE} WHERE v.id = $1"), [id.0.into()]).await?;
    Ok(row.map(vue))
}

/// Who looked at the site as that person, newest first.
pub(crate) async fn vues_de(conn: &impl ConnectionTrait, vu: CompteId) -> Result<Vec<Vue>, DbErr> {
    let sql = format!("{VUE} WHERE v.vu_id = $1 ORDER BY v.debut DESC, v.id DESC LIMIT 200");
    let rows: Vec<VueRow> = kit::query_as(conn, &sql, [vu.0.into()]).await?;
    Ok(rows.into_iter().map(vue).collect())
}
