//! Rows of the agreements by a call: the code that was sent, the witness who is awaited.

use chrono::{DateTime, Utc};
use kernel::ids::StructureId;
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr};

use super::super::model::{Consentement, ConsentementId};

/// Keeps the print of the code that is sent, in the place of the one before: its tries begin again.
pub(in crate::consentements) async fn coder(tx: &Tx, id: ConsentementId, code: &str) -> Result<(), DbErr> {
    let sql = "UPDATE consentement SET code = $1, essais = 0 WHERE id = $2 AND etat = 'acceptation_demandee'";
    kit::execute(tx, sql, [code.into(), id.0.into()]).await.map(drop)
}

/// Counts a try, before anything is compared; gives the print of the code, and how many tries are left. None when no code may
/// be tried: none was sent since `depuis`, or it was tried too often.
pub(in crate::consentements) async fn essayer(
    tx: &Tx,
    id: ConsentementId,
    au_plus: i64,
    (depuis, now): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Option<(String, i64)>, DbErr> {
    let sql = "UPDATE consentement SET essais = essais + 1 WHERE id = $1 AND etat = 'acceptation_demandee' \
               AND code IS NOT NULL AND essais < $2 AND dernier_le > $3 AND expire_le > $4";
    let values = [id.0.into(), au_plus.into(), depuis.into(), now.into()];
    if kit::execute(tx, sql, values).await?.rows_affected() == 0 {
        return Ok(None);
    }
    let rows = kit::query(tx, "SELECT code, essais FROM consentement WHERE id = $1", [id.0.into()]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let essais: i64 = row.try_get_by_index(1)?;
    Ok(Some((row.try_get_by_index(0)?, au_plus - essais)))
}

/// They said yes: the colleague who listened is awaited, until then.
pub(in crate::consentements) async fn entendre(
    tx: &Tx,
    id: ConsentementId,
    (now, jusqu_a): (DateTime<Utc>, DateTime<Utc>),
) -> Result<bool, DbErr> {
    let sql = "UPDATE consentement SET etat = 'attente_temoin', dernier_le = $1, \
               expire_le = CASE WHEN expire_le < $2 THEN expire_le ELSE $2 END \
               WHERE id = $3 AND etat = 'acceptation_demandee' AND canal = 'telephone_temoin' AND expire_le > $1";
    Ok(kit::execute(tx, sql, [now.into(), jusqu_a.into(), id.0.into()]).await?.rows_affected() == 1)
}

/// Those of an organisation that await a witness.
pub(in crate::consentements) async fn sans_temoin(
    conn: &impl ConnectionTrait,
    structure: StructureId,
    now: DateTime<Utc>,
) -> Result<Vec<Consentement>, DbErr> {
    let ou =
        "structure_id = $1 AND etat = 'attente_temoin' AND expire_le > $2 ORDER BY expire_le, id LIMIT 50";
    super::tous(conn, ou, [structure.0.into(), now.into()]).await
}
