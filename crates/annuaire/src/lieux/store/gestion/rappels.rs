//! Rows of reminders: which message asked about which lieu, and what came of it. Addresses are kept as hashes.

use chrono::{DateTime, NaiveDate, Utc};
use kernel::ids::{LieuId, StructureId};
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, Value};
use uuid::Uuid;

/// A lieu that may be asked whether its sheet is right.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::lieux) struct Candidat {
    pub(in crate::lieux) id: LieuId,
    pub(in crate::lieux) courriels: String,
    pub(in crate::lieux) structure: Option<StructureId>,
}

/// Open lieux whose sheet is not fresh, the oldest first, that nobody asked lately nor too often since it last changed.
pub(in crate::lieux) async fn candidats(
    conn: &impl ConnectionTrait,
    (avant, recent): (NaiveDate, DateTime<Utc>),
    (maximum, limite): (i64, i64),
) -> Result<Vec<Candidat>, DbErr> {
    let rows = kit::query(
        conn,
        "SELECT l.id, l.courriels, l.structure_id FROM lieu l \
         WHERE l.ferme_le IS NULL AND (l.date_maj IS NULL OR l.date_maj < $1) \
         AND (l.courriels <> '' OR l.structure_id IS NOT NULL) \
         AND NOT EXISTS (SELECT 1 FROM lieu_rappel_lieu x JOIN lieu_rappel r ON r.id = x.rappel_id \
                         WHERE x.lieu_id = l.id AND r.envoye_le > $2) \
         AND (SELECT COUNT(*) FROM lieu_rappel_lieu x JOIN lieu_rappel r ON r.id = x.rappel_id \
              WHERE x.lieu_id = l.id AND r.envoye_le >= l.modifie_le) < $3 \
         ORDER BY CASE WHEN l.date_maj IS NULL THEN 0 ELSE 1 END, l.date_maj, l.id LIMIT $4",
        [avant.into(), recent.into(), maximum.into(), limite.into()],
    )
    .await?;
    rows.iter()
        .map(|r| {
            Ok(Candidat {
                id: LieuId(r.try_get("", "id")?),
                courriels: r.try_get("", "courriels")?,
                structure: r.try_get::<Option<Uuid>>("", "structure_id")?.map(StructureId),
            })
        })
        .collect()
}

/// When that address was last written to.
pub(in crate::lieux) async fn dernier_pour(
    conn: &impl ConnectionTrait,
    destinataire: &str,
) -> Result<Option<DateTime<Utc>>, DbErr> {
    let sql = "SELECT envoye_le FROM lieu_rappel WHERE destinataire = $1 ORDER BY envoye_le DESC LIMIT 1";
    let rows = kit::query(conn, sql, [destinataire.into()]).await?;
    rows.first().map(|r| r.try_get("", "envoye_le")).transpose()
}

/// When messages about that lieu left, since an instant.
pub(in crate::lieux) async fn envois_depuis(
    conn: &impl ConnectionTrait,
    lieu: LieuId,
    depuis: DateTime<Utc>,
) -> Result<Vec<DateTime<Utc>>, DbErr> {
    let rows = kit::query(
        conn,
        "SELECT r.envoye_le FROM lieu_rappel r JOIN lieu_rappel_lieu x ON x.rappel_id = r.id \
         WHERE x.lieu_id = $1 AND r.envoye_le >= $2 ORDER BY r.envoye_le DESC LIMIT 100",
        [lieu.0.into(), depuis.into()],
    )
    .await?;
    rows.iter().map(|r| r.try_get("", "envoye_le")).collect()
}

/// Whether that address wants no more of them.
pub(in crate::lieux) async fn refuse(conn: &impl ConnectionTrait, destinataire: &str) -> Result<bool, DbErr> {
    let sql = "SELECT COUNT(*) FROM lieu_rappel_refus WHERE destinataire = $1";
    Ok(kit::count(conn, sql, [destinataire.into()]).await? > 0)
}

/// That address wants no more of them.
pub(in crate::lieux) async fn note_refus(
    tx: &Tx,
    destinataire: &str,
    le: DateTime<Utc>,
) -> Result<(), DbErr> {
    kit::execute(
        tx,
        "INSERT INTO lieu_rappel_refus (destinataire, le) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        [destinataire.into(), le.into()],
    )
    .await
    .map(|_| ())
}

/// A message that asked about lieux.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::lieux) struct Rappel {
    pub(in crate::lieux) id: Uuid,
    /// Hash of the secret of its link.
    pub(in crate::lieux) jeton: String,
    /// Hash of the address.
    pub(in crate::lieux) destinataire: String,
    pub(in crate::lieux) envoye_le: DateTime<Utc>,
    pub(in crate::lieux) expire_le: DateTime<Utc>,
    /// Lieux that it asked about, and when each was confirmed by its link.
    pub(in crate::lieux) lieux: Vec<(LieuId, Option<DateTime<Utc>>)>,
}

/// Writes a message down.
pub(in crate::lieux) async fn note_rappel(tx: &Tx, r: &Rappel) -> Result<(), DbErr> {
    kit::execute(
        tx,
        "INSERT INTO lieu_rappel (id, jeton, destinataire, envoye_le, expire_le) VALUES ($1, $2, $3, $4, $5)",
        [
            r.id.into(),
            r.jeton.as_str().into(),
            r.destinataire.as_str().into(),
            r.envoye_le.into(),
            r.expire_le.into(),
        ],
    )
    .await?;
    for (lieu, _) in &r.lieux {
        let valeurs: [Value; 2] = [r.id.into(), lieu.0.into()];
        kit::execute(tx, "INSERT INTO lieu_rappel_lieu (rappel_id, lieu_id) VALUES ($1, $2)", valeurs)
            .await?;
    }
    Ok(())
}

/// The message whose link has that hash.
pub(in crate::lieux) async fn rappel(
    conn: &impl ConnectionTrait,
    jeton: &str,
) -> Result<Option<Rappel>, DbErr> {
    let sql = "SELECT id, destinataire, envoye_le, expire_le FROM lieu_rappel WHERE jeton = $1";
    let rows = kit::query(conn, sql, [jeton.into()]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let id: Uuid = row.try_get("", "id")?;
    let sql = "SELECT lieu_id, confirme_le FROM lieu_rappel_lieu WHERE rappel_id = $1 ORDER BY lieu_id";
    let lieux = kit::query(conn, sql, [id.into()])
        .await?
        .iter()
        .map(|r| Ok((LieuId(r.try_get("", "lieu_id")?), r.try_get("", "confirme_le")?)))
        .collect::<Result<_, DbErr>>()?;
    Ok(Some(Rappel {
        id,
        jeton: jeton.to_owned(),
        destinataire: row.try_get("", "destinataire")?,
        envoye_le: row.try_get("", "envoye_le")?,
        expire_le: row.try_get("", "expire_le")?,
        lieux,
    }))
}

/// Notes that the link confirmed a lieu.
pub(in crate::lieux) async fn confirme_rappel(
    tx: &Tx,
    rappel: Uuid,
    lieu: LieuId,
    le: DateTime<Utc>,
) -> Result<(), DbErr> {
    kit::execute(
        tx,
        "UPDATE lieu_rappel_lieu SET confirme_le = $3 WHERE rappel_id = $1 AND lieu_id = $2",
        [rappel.into(), lieu.0.into(), le.into()],
    )
    .await
    .map(|_| ())
}

/// Forgets the messages sent before that instant.
pub(in crate::lieux) async fn oublie(tx: &Tx, avant: DateTime<Utc>) -> Result<(), DbErr> {
    for sql in [
        "DELETE FROM lieu_rappel_lieu WHERE rappel_id IN (SELECT id FROM lieu_rappel WHERE envoye_le < $1)",
        "DELETE FROM lieu_rappel WHERE envoye_le < $1",
    ] {
        kit::execute(tx, sql, [avant.into()]).await?;
    }
    Ok(())
}
