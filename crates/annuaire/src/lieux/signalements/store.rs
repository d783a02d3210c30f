//! Rows of reports.

use chrono::{DateTime, Utc};
use kernel::ids::{LieuId, StructureId};
use kernel::{CodeDepartement, CodeRegion};
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, QueryResult};
use uuid::Uuid;

use super::model::{Etat, Signalement, SignalementId};

const COLONNES: &str = "id, lieu_id, (SELECT l.structure_id FROM lieu l WHERE l.id = lieu_id) AS structure_id, nom, commune, region, departement, champs, mot, courriel, etat, reponse, \
                        recu_le, traite_le";

fn lit(row: &QueryResult) -> Result<Signalement, DbErr> {
    let texte = |c: &str| row.try_get::<String>("", c);
    let texte_opt = |c: &str| row.try_get::<Option<String>>("", c);
    Ok(Signalement {
        id: SignalementId(row.try_get("", "id")?),
        lieu: row.try_get::<Option<Uuid>>("", "lieu_id")?.map(LieuId),
        structure: row.try_get::<Option<Uuid>>("", "structure_id")?.map(StructureId),
        nom: texte("nom")?,
        commune: texte("commune")?,
        region: texte_opt("region")?.and_then(|c| CodeRegion::parse(&c)),
        departement: texte_opt("departement")?.and_then(|c| CodeDepartement::parse(&c)),
        champs: serde_json::from_str(&texte("champs")?).map_err(|e| DbErr::Custom(e.to_string()))?,
        mot: texte("mot")?,
        courriel: texte_opt("courriel")?,
        etat: Etat::de_cle(&texte("etat")?).unwrap_or(Etat::Recu),
        reponse: texte("reponse")?,
        recu_le: row.try_get("", "recu_le")?,
        traite_le: row.try_get("", "traite_le")?,
    })
}

pub(super) async fn inscrit(tx: &Tx, s: &Signalement) -> Result<(), DbErr> {
    let champs = serde_json::to_string(&s.champs).map_err(|e| DbErr::Custom(e.to_string()))?;
    kit::execute(
        tx,
        "INSERT INTO lieu_signalement (id, lieu_id, nom, commune, region, departement, champs, mot, courriel, etat, \
         reponse, recu_le) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'recu', '', $10)",
        [
            s.id.0.into(),
            s.lieu.map(|l| l.0).into(),
            s.nom.clone().into(),
            s.commune.clone().into(),
            s.region.as_ref().map(|c| c.as_str().to_owned()).into(),
            s.departement.as_ref().map(|c| c.as_str().to_owned()).into(),
            champs.into(),
            s.mot.clone().into(),
            s.courriel.clone().into(),
            s.recu_le.into(),
        ],
    )
    .await
    .map(|_| ())
}

/// Reports in that state, the oldest first: those who wait longest are answered first.
pub(super) async fn liste(
    conn: &impl ConnectionTrait,
    etat: Etat,
    nombre: i64,
) -> Result<Vec<Signalement>, DbErr> {
    let sens = if etat == Etat::Recu { "ASC" } else { "DESC" };
    let sql = format!(
        "SELECT {COLONNES} FROM lieu_signalement WHERE etat = $1 ORDER BY recu_le {sens}, id {sens} LIMIT $2"
    );
    kit::query(conn, &sql, [etat.cle().into(), nombre.into()]).await?.iter().map(lit).collect()
}

pub(super) async fn un(conn: &impl ConnectionTrait, id: SignalementId) -> Result<Option<Signalement>, DbErr> {
    let sql = format!("SELECT {COLONNES} FROM lieu_signalement WHERE id = $1");
    kit::query(conn, &sql, [id.0.into()]).await?.first().map(lit).transpose()
}

/// How many came since: about that lieu, or in all.
pub(super) async fn depuis(
    conn: &impl ConnectionTrait,
    lieu: Option<LieuId>,
    instant: DateTime<Utc>,
) -> Result<i64, DbErr> {
    match lieu {
        Some(lieu) => {
            let sql = "SELECT COUNT(*) FROM lieu_signalement WHERE recu_le > $1 AND lieu_id = $2";
            kit::count(conn, sql, [instant.into(), lieu.0.into()]).await
        }
        None => {
            let sql = "SELECT COUNT(*) FROM lieu_signalement WHERE recu_le > $1";
            kit::count(conn, sql, [instant.into()]).await
        }
    }
}

/// Writes the decision and erases the address; false when somebody decided before.
pub(super) async fn traite(
    tx: &Tx,
    s: &Signalement,
    etat: Etat,
    reponse: &str,
    par: Uuid,
    le: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let fait = kit::execute(
        tx,
        "UPDATE lieu_signalement SET etat = $1, reponse = $2, traite_par = $3, traite_le = $4, courriel = NULL \
         WHERE id = $5 AND etat = 'recu'",
        [etat.cle().into(), reponse.into(), par.into(), le.into(), s.id.0.into()],
    )
    .await?;
    Ok(fait.rows_affected() == 1)
}

/// Erases the addresses of reports that came before and were never answered.
pub(super) async fn oublie(tx: &Tx, avant: DateTime<Utc>) -> Result<u64, DbErr> {
    let sql = "UPDATE lieu_signalement SET courriel = NULL WHERE courriel IS NOT NULL AND recu_le < $1";
    Ok(kit::execute(tx, sql, [avant.into()]).await?.rows_affected())
}
