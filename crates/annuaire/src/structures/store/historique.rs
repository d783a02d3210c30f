//! The history of a structure: every value before and after, by whom, when.

use chrono::{DateTime, Utc};
use kernel::Actor;
use kernel::ids::CompteId;
use platform::db::kit;
use platform::{Site, Tx};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use crate::structures::model::{Changement, StructureId};

/// One thing that changed: what, before, after.
pub(crate) type Ecrit = (String, String, String);

/// Writes what changed, in the transaction of the change, at the end of the history of a structure that the caller
/// holds.
pub(crate) async fn noter(
    site: &Site,
    tx: &Tx,
    id: StructureId,
    par: Option<&Actor>,
    action: &str,
    ecrits: &[Ecrit],
) -> Result<(), DbErr> {
    let last = kit::count(
        tx,
        "SELECT COALESCE(MAX(rang), 0) FROM structure_historique WHERE structure_id = $1",
        [id.0.into()],
    )
    .await?;
    for (rang, (quoi, avant, apres)) in (last + 1..).zip(ecrits) {
        kit::execute(
            tx,
            "INSERT INTO structure_historique (structure_id, rang, le, par, role, action, quoi, avant, apres) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            [
                id.0.into(),
                rang.into(),
                site.clock.now().into(),
                par.map(|a| a.compte.0).into(),
                par.map(|a| a.role.ligne().key).into(),
                action.into(),
                quoi.clone().into(),
                avant.clone().into(),
                apres.clone().into(),
            ],
        )
        .await?;
    }
    Ok(())
}

/// What stands in the place of coordinates that were forgotten.
const EFFACE: &str = "(effacé après un an)";

/// Takes the coordinates of contacts out of the lines written before that instant.
pub(crate) async fn oublier_contacts(tx: &Tx, avant: DateTime<Utc>) -> Result<(), DbErr> {
    kit::execute(
        tx,
        "UPDATE structure_historique SET avant = CASE avant WHEN '' THEN '' ELSE $1 END, \
         apres = CASE apres WHEN '' THEN '' ELSE $1 END \
         WHERE quoi = 'Contact' AND le < $2 AND (avant NOT IN ('', $1) OR apres NOT IN ('', $1))",
        [EFFACE.into(), avant.into()],
    )
    .await
    .map(|_| ())
}

#[derive(FromQueryResult)]
struct Row {
    le: DateTime<Utc>,
    par: Option<Uuid>,
    role: Option<String>,
    action: String,
    quoi: String,
    avant: String,
    apres: String,
}

/// A page of the history, newest first.
pub(crate) async fn historique(
    conn: &impl ConnectionTrait,
    id: StructureId,
    offset: usize,
    limit: usize,
) -> Result<Vec<Changement>, DbErr> {
    let rows: Vec<Row> = kit::query_as(
        conn,
        "SELECT le, par, role, action, quoi, avant, apres FROM structure_historique WHERE structure_id = $1 \
         ORDER BY rang DESC LIMIT $2 OFFSET $3",
        [
            id.0.into(),
            i64::try_from(limit).unwrap_or(100).into(),
            i64::try_from(offset).unwrap_or(i64::MAX).into(),
        ],
    )
    .await?;
    let changement = |r: Row| Changement {
        le: r.le,
        par: r.par.map(CompteId),
        role: r.role,
        action: r.action,
        quoi: r.quoi,
        avant: r.avant,
        apres: r.apres,
    };
    Ok(rows.into_iter().map(changement).collect())
}

/// How many lines the history has.
pub(crate) async fn longueur_historique(
    conn: &impl ConnectionTrait,
    id: StructureId,
) -> Result<usize, DbErr> {
    let n =
        kit::count(conn, "SELECT COUNT(*) FROM structure_historique WHERE structure_id = $1", [id.0.into()])
            .await?;
    Ok(usize::try_from(n).unwrap_or(0))
}
