//! Rows of deliveries: counts, report, and the file while it waits for its job.

use std::io::{Read, Write};

use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};

use super::super::model::{Issue, Livraison, LivraisonId, SourceId};

/// Size of a piece of a file in the database.
const MORCEAU: usize = 512 * 1024;

/// Writes the line of a delivery, over the one that waited for it.
pub(in crate::lieux) async fn enregistre_livraison(
    tx: &Tx,
    source: Option<SourceId>,
    l: &Livraison,
) -> Result<(), DbErr> {
    let json = |v: serde_json::Result<String>| v.map_err(|e| DbErr::Custom(e.to_string()));
    kit::execute(
        tx,
        "INSERT INTO lieu_livraison (id, source_id, fichier, recue_le, par, issue, message, tache, bilan, comptes) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO UPDATE SET \
         source_id = excluded.source_id, issue = excluded.issue, message = excluded.message, \
         bilan = excluded.bilan, comptes = excluded.comptes",
        [
            l.id.0.into(),
            source.map(|s| s.0).into(),
            l.fichier.as_str().into(),
            l.recue_le.into(),
            l.par.into(),
            l.issue.cle().into(),
            l.message.clone().into(),
            l.tache.into(),
            json(serde_json::to_string(&l.bilan))?.into(),
            json(serde_json::to_string(&l.comptes))?.into(),
        ],
    )
    .await
    .map(|_| ())
}

const COLONNES: &str = "l.id, COALESCE(s.nom, '') AS source, l.fichier, l.recue_le, l.par, l.issue, l.message, l.tache, \
     l.bilan, l.comptes";

fn lit(row: &QueryResult) -> Result<Livraison, DbErr> {
    let (bilan, comptes): (String, String) = (row.try_get("", "bilan")?, row.try_get("", "comptes")?);
    Ok(Livraison {
        id: LivraisonId(row.try_get("", "id")?),
        source: row.try_get("", "source")?,
        fichier: row.try_get("", "fichier")?,
        recue_le: row.try_get("", "recue_le")?,
        par: row.try_get("", "par")?,
        issue: Issue::de_cle(&row.try_get::<String>("", "issue")?).unwrap_or(Issue::Attente),
        message: row.try_get("", "message")?,
        tache: row.try_get("", "tache")?,
        bilan: serde_json::from_str(&bilan).unwrap_or_default(),
        comptes: serde_json::from_str(&comptes).unwrap_or_default(),
    })
}

/// The last deliveries, the latest first; those of one account when it is given.
pub(in crate::lieux) async fn livraisons(
    conn: &impl ConnectionTrait,
    par: Option<uuid::Uuid>,
    limite: i64,
) -> Result<Vec<Livraison>, DbErr> {
    let (filtre, mut valeurs): (&str, Vec<Value>) = match par {
        Some(par) => ("WHERE l.par = $2", vec![limite.into(), par.into()]),
        None => ("", vec![limite.into()]),
    };
    let sql = format!(
        "SELECT {COLONNES} FROM lieu_livraison l LEFT JOIN lieu_source s ON s.id = l.source_id {filtre} \
         ORDER BY l.recue_le DESC, l.id DESC LIMIT $1"
    );
    kit::query(conn, &sql, valeurs.drain(..)).await?.iter().map(lit).collect()
}

/// The last deliveries of a source that were written, the latest first.
pub(super) async fn de_la_source(
    conn: &impl ConnectionTrait,
    source: SourceId,
    limite: i64,
) -> Result<Vec<Livraison>, DbErr> {
    let sql = format!(
        "SELECT {COLONNES} FROM lieu_livraison l LEFT JOIN lieu_source s ON s.id = l.source_id \
         WHERE l.source_id = $1 AND l.issue = 'enregistree' ORDER BY l.recue_le DESC, l.id DESC LIMIT $2"
    );
    kit::query(conn, &sql, [source.0.into(), limite.into()]).await?.iter().map(lit).collect()
}

/// A delivery.
pub(in crate::lieux) async fn livraison(
    conn: &impl ConnectionTrait,
    id: LivraisonId,
) -> Result<Option<Livraison>, DbErr> {
    let sql = format!(
        "SELECT {COLONNES} FROM lieu_livraison l LEFT JOIN lieu_source s ON s.id = l.source_id WHERE l.id = $1"
    );
    kit::query(conn, &sql, [id.0.into()]).await?.first().map(lit).transpose()
}

/// Keeps the report of a delivery, compressed.
pub(in crate::lieux) async fn enregistre_rapport(
    tx: &Tx,
    id: LivraisonId,
    contenu: impl Read,
) -> Result<(), DbErr> {
    morceaux(tx, "lieu_livraison_rapport", id, contenu).await
}

/// Writes out the report of a delivery, compressed; nothing when it has none.
pub(in crate::lieux) async fn rapport(
    conn: &impl ConnectionTrait,
    id: LivraisonId,
    sortie: impl Write,
) -> Result<(), DbErr> {
    relit(conn, "lieu_livraison_rapport", id, sortie).await
}

/// Keeps the corrected file of a delivery, compressed.
pub(in crate::lieux) async fn enregistre_corrige(
    tx: &Tx,
    id: LivraisonId,
    contenu: impl Read,
) -> Result<(), DbErr> {
    morceaux(tx, "lieu_livraison_corrige", id, contenu).await
}

/// Writes out the corrected file of a delivery, compressed; nothing when it has none.
pub(in crate::lieux) async fn corrige(
    conn: &impl ConnectionTrait,
    id: LivraisonId,
    sortie: impl Write,
) -> Result<(), DbErr> {
    relit(conn, "lieu_livraison_corrige", id, sortie).await
}

/// Keeps a delivered file, compressed, until its job.
pub(in crate::lieux) async fn depose(tx: &Tx, id: LivraisonId, contenu: impl Read) -> Result<(), DbErr> {
    morceaux(tx, "lieu_depot", id, contenu).await
}

/// Writes out a delivered file, compressed.
pub(in crate::lieux) async fn depot(
    conn: &impl ConnectionTrait,
    id: LivraisonId,
    sortie: impl Write,
) -> Result<(), DbErr> {
    relit(conn, "lieu_depot", id, sortie).await
}

/// Forgets a delivered file.
pub(in crate::lieux) async fn efface_depot(tx: &Tx, id: LivraisonId) -> Result<(), DbErr> {
    kit::execute(tx, "DELETE FROM lieu_depot WHERE livraison_id = $1", [id.0.into()]).await.map(|_| ())
}

async fn morceaux(tx: &Tx, table: &str, id: LivraisonId, mut contenu: impl Read) -> Result<(), DbErr> {
    let disque = |e: std::io::Error| DbErr::Custom(e.to_string());
    let sql = format!("INSERT INTO {table} (livraison_id, rang, contenu) VALUES ($1, $2, $3)");
    for rang in 0_i64.. {
        let mut morceau = Vec::with_capacity(MORCEAU);
        contenu.by_ref().take(MORCEAU as u64).read_to_end(&mut morceau).map_err(disque)?;
        if morceau.is_empty() {
            break;
        }
        kit::execute(tx, &sql, [id.0.into(), rang.into(), morceau.into()]).await?;
    }
    Ok(())
}

async fn relit(
    conn: &impl ConnectionTrait,
    table: &str,
    id: LivraisonId,
    mut sortie: impl Write,
) -> Result<(), DbErr> {
    let sql = format!("SELECT contenu FROM {table} WHERE livraison_id = $1 AND rang = $2");
    for rang in 0_i64.. {
        let rows = kit::query(conn, &sql, [id.0.into(), rang.into()]).await?;
        let Some(row) = rows.first() else { break };
        let morceau: Vec<u8> = row.try_get_by_index(0)?;
        sortie.write_all(&morceau).map_err(|e| DbErr::Custom(e.to_string()))?;
    }
    Ok(())
}
