//! What each source delivers of merged lieux.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kernel::ids::LieuId;
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, QueryResult};
use uuid::Uuid;

use super::super::composition::Apport;
use super::{LOT, json, places};
use crate::lieux::standard::{Champ, Fiche};

/// A record as text: the fields that have a value.
fn ecrit(fiche: &Fiche) -> Result<String, DbErr> {
    let valeurs: BTreeMap<&str, String> = Champ::TOUS
        .into_iter()
        .map(|c| (c.nom(), fiche.valeur(c).into_owned()))
        .filter(|(_, v)| !v.is_empty())
        .collect();
    json(&valeurs)
}

fn lit(texte: &str) -> Fiche {
    let valeurs: BTreeMap<String, String> = serde_json::from_str(texte).unwrap_or_default();
    Fiche::depuis_valeurs(|c| valeurs.get(c.nom()).map_or("", String::as_str))
}

/// Writes what a source delivers of a merged lieu.
pub(in crate::lieux::doublons) async fn ecrit_apport(tx: &Tx, lieu: LieuId, a: &Apport) -> Result<(), DbErr> {
    kit::execute(
        tx,
        "INSERT INTO lieu_apport (source_id, id_local, lieu_id, origine, recu_le, fiche) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (source_id, id_local) DO UPDATE SET recu_le = excluded.recu_le, fiche = excluded.fiche",
        [
            a.source_id.into(),
            a.id_local.as_str().into(),
            lieu.0.into(),
            a.origine.into(),
            a.recu_le.into(),
            ecrit(&a.fiche)?.into(),
        ],
    )
    .await
    .map(|_| ())
}

/// The records of these lieux; a lieu that was never merged has none.
pub(in crate::lieux::doublons) async fn apports(
    conn: &impl ConnectionTrait,
    lieux: &[LieuId],
) -> Result<BTreeMap<LieuId, Vec<Apport>>, DbErr> {
    let mut out: BTreeMap<LieuId, Vec<Apport>> = BTreeMap::new();
    for lot in lieux.chunks(LOT) {
        let sql = format!("{APPORTS} WHERE p.lieu_id IN ({}) {ORDRE}", places(lot.len(), 1));
        for row in kit::query(conn, &sql, lot.iter().map(|l| l.0.into())).await? {
            let (lieu, apport) = apport(&row)?;
            out.entry(lieu).or_default().push(apport);
        }
    }
    Ok(out)
}

const APPORTS: &str = "SELECT p.source_id, p.id_local, p.lieu_id, p.origine, p.recu_le, p.fiche, s.nom AS source_nom, \
                       a.absent_depuis FROM lieu_apport p JOIN lieu_source s ON s.id = p.source_id \
                       LEFT JOIN lieu_alias a ON a.source_id = p.source_id AND a.id_local = p.id_local";
const ORDRE: &str = "ORDER BY p.lieu_id, p.source_id, p.id_local";

fn apport(row: &QueryResult) -> Result<(LieuId, Apport), DbErr> {
    let absent: Option<DateTime<Utc>> = row.try_get("", "absent_depuis")?;
    let apport = Apport {
        source_id: row.try_get("", "source_id")?,
        source: row.try_get("", "source_nom")?,
        id_local: row.try_get("", "id_local")?,
        origine: row.try_get("", "origine")?,
        absent: absent.is_some(),
        recu_le: row.try_get("", "recu_le")?,
        fiche: lit(&row.try_get::<String>("", "fiche")?),
    };
    Ok((LieuId(row.try_get("", "lieu_id")?), apport))
}

/// Every record of a merged lieu that is still delivered.
pub(in crate::lieux::doublons) async fn tous_les_apports(
    conn: &impl ConnectionTrait,
) -> Result<Vec<(LieuId, Apport)>, DbErr> {
    let rows = kit::query(conn, &format!("{APPORTS} WHERE a.absent_depuis IS NULL {ORDRE}"), []).await?;
    rows.iter().map(apport).collect()
}

/// What sources call a lieu: their identifier, the identifier that each gives.
pub(in crate::lieux::doublons) async fn alias(
    conn: &impl ConnectionTrait,
    lieu: LieuId,
) -> Result<Vec<(Uuid, String)>, DbErr> {
    let rows = kit::query(
        conn,
        "SELECT source_id, id_local FROM lieu_alias WHERE lieu_id = $1 ORDER BY source_id, id_local",
        [lieu.0.into()],
    )
    .await?;
    rows.iter().map(|r| Ok((r.try_get("", "source_id")?, r.try_get("", "id_local")?))).collect()
}

/// The source whose row a lieu is.
pub(in crate::lieux::doublons) async fn source_de(
    conn: &impl ConnectionTrait,
    lieu: LieuId,
) -> Result<Uuid, DbErr> {
    let rows = kit::query(conn, "SELECT source_id FROM lieu WHERE id = $1", [lieu.0.into()]).await?;
    rows.first().map_or(Ok(Uuid::nil()), |r| r.try_get("", "source_id"))
}

/// Moves records and the identifiers that sources give from one lieu to another: all of them, or those named.
pub(in crate::lieux::doublons) async fn deplace(
    tx: &Tx,
    de: LieuId,
    vers: LieuId,
    seulement: Option<&[(Uuid, String)]>,
) -> Result<(), DbErr> {
    for table in ["lieu_apport", "lieu_alias"] {
        match seulement {
            None => {
                let sql = format!("UPDATE {table} SET lieu_id = $1 WHERE lieu_id = $2");
                kit::execute(tx, &sql, [vers.0.into(), de.0.into()]).await?;
            }
            Some(cles) => {
                let sql = format!(
                    "UPDATE {table} SET lieu_id = $1 WHERE lieu_id = $2 AND source_id = $3 AND id_local = $4"
                );
                for (source, id) in cles {
                    let valeurs = [vers.0.into(), de.0.into(), (*source).into(), id.as_str().into()];
                    kit::execute(tx, &sql, valeurs).await?;
                }
            }
        }
    }
    Ok(())
}

/// Forgets the records of a lieu that only one describes: its row says it all.
pub(in crate::lieux::doublons) async fn oublie_apports(tx: &Tx, lieu: LieuId) -> Result<(), DbErr> {
    kit::execute(tx, "DELETE FROM lieu_apport WHERE lieu_id = $1", [lieu.0.into()]).await.map(|_| ())
}

/// Says into which lieu this one goes, or that it is itself again.
pub(in crate::lieux::doublons) async fn mene_a(
    tx: &Tx,
    lieu: LieuId,
    dans: Option<LieuId>,
    ferme_le: Option<DateTime<Utc>>,
    maintenant: DateTime<Utc>,
) -> Result<(), DbErr> {
    kit::execute(
        tx,
        "UPDATE lieu SET fusionne_dans = $2, ferme_le = $3, modifie_le = $4, version = version + 1 WHERE id = $1",
        [lieu.0.into(), dans.map(|d| d.0).into(), ferme_le.into(), maintenant.into()],
    )
    .await
    .map(|_| ())
}

/// Whether a source still delivers the lieu; a lieu that no source ever delivered counts as delivered.
pub(in crate::lieux::doublons) async fn livre(
    conn: &impl ConnectionTrait,
    lieu: LieuId,
) -> Result<bool, DbErr> {
    let sql = "SELECT COUNT(*) FROM lieu_alias WHERE lieu_id = $1 AND absent_depuis IS NULL";
    let tous = "SELECT COUNT(*) FROM lieu_alias WHERE lieu_id = $1";
    Ok(kit::count(conn, sql, [lieu.0.into()]).await? > 0
        || kit::count(conn, tous, [lieu.0.into()]).await? == 0)
}
