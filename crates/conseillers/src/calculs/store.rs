//! Rows of computations.

use chrono::{DateTime, Utc};
use kernel::ids::CompteId;
use kernel::{CodeRegion, Perimetre};
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::model::{Calcul, CalculId, Etat, Genre};
use crate::ids::SeanceId;

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    nom: String,
    region: Option<String>,
    seance_id: Option<Uuid>,
    parametres: String,
    etat: String,
    message: Option<String>,
    bilan: Option<String>,
    tache: Option<Uuid>,
    cree_le: DateTime<Utc>,
    calcule_le: Option<DateTime<Utc>>,
    duree_ms: Option<i64>,
}

const COLUMNS: &str =
    "id, nom, region, seance_id, parametres, etat, message, bilan, tache, cree_le, calcule_le, duree_ms";

fn abime(id: Uuid, colonne: &str) -> DbErr {
    DbErr::Type(format!("calcul {id}: column {colonne} does not hold what it should"))
}

fn json(value: &impl serde::Serialize) -> Result<String, DbErr> {
    serde_json::to_string(value).map_err(|e| DbErr::Custom(e.to_string()))
}

impl Row {
    fn calcul<G: Genre>(self) -> Result<Calcul<G>, DbErr> {
        let id = self.id;
        let bad = |colonne: &'static str| move || abime(id, colonne);
        let etat = match (self.etat.as_str(), self.bilan, self.calcule_le, self.message) {
            ("en_calcul", None, None, None) => Etat::EnCalcul,
            ("calcule", Some(bilan), Some(le), None) => Etat::Calcule {
                le,
                #[expect(clippy::cast_precision_loss, reason = "a few seconds")]
                secondes: self.duree_ms.unwrap_or(0) as f64 / 1_000.0,
                bilan: Box::new(serde_json::from_str::<G::Bilan>(&bilan).map_err(|_| abime(id, "bilan"))?),
            },
            ("refuse", None, _, Some(message)) => Etat::Refuse { message },
            _ => return Err(abime(id, "etat")),
        };
        Ok(Calcul {
            id: CalculId(id),
            nom: self.nom,
            region: match self.region {
                Some(code) => Some(CodeRegion::parse(&code).ok_or_else(bad("region"))?),
                None => None,
            },
            seance: self.seance_id.map(SeanceId),
            parametres: serde_json::from_str(&self.parametres).map_err(|_| abime(id, "parametres"))?,
            etat,
            tache: self.tache,
            cree_le: self.cree_le,
        })
    }
}

/// Computations that a list shows.
const MONTRES: usize = 100;

/// The computations of a kind within a scope, newest first.
pub(crate) async fn lister<G: Genre>(
    conn: &impl ConnectionTrait,
    p: &Perimetre,
) -> Result<Vec<Calcul<G>>, DbErr> {
    let sql =
        format!("SELECT {COLUMNS} FROM calcul WHERE genre = $1 ORDER BY cree_le DESC, id DESC LIMIT 1000");
    let rows: Vec<Row> = kit::query_as(conn, &sql, [G::CLE.into()]).await?;
    let all: Result<Vec<Calcul<G>>, DbErr> = rows.into_iter().map(Row::calcul).collect();
    Ok(all?.into_iter().filter(|s| p.couvre(&s.cible())).take(MONTRES).collect())
}

/// That computation, if it is of that kind.
pub(crate) async fn get<G: Genre>(
    conn: &impl ConnectionTrait,
    id: CalculId,
) -> Result<Option<Calcul<G>>, DbErr> {
    let sql = format!("SELECT {COLUMNS} FROM calcul WHERE id = $1 AND genre = $2");
    kit::query_one_as::<Row>(conn, &sql, [id.0.into(), G::CLE.into()]).await?.map(Row::calcul).transpose()
}

/// What was found, line by line; none before it is done.
pub(crate) async fn lignes<G: Genre>(
    conn: &impl ConnectionTrait,
    id: CalculId,
) -> Result<Vec<G::Ligne>, DbErr> {
    #[derive(FromQueryResult)]
    struct Lignes {
        lignes: Option<String>,
    }
    let sql = "SELECT lignes FROM calcul WHERE id = $1 AND genre = $2";
    let row: Option<Lignes> = kit::query_one_as(conn, sql, [id.0.into(), G::CLE.into()]).await?;
    match row.and_then(|r| r.lignes) {
        Some(text) => serde_json::from_str(&text).map_err(|_| abime(id.0, "lignes")),
        None => Ok(Vec::new()),
    }
}

/// Writes a computation that waits for its job.
pub(crate) async fn inserer<G: Genre>(tx: &Tx, s: &Calcul<G>, par: CompteId) -> Result<(), DbErr> {
    let sql = format!(
        "INSERT INTO calcul (id, genre, nom, region, seance_id, parametres, etat, tache, cree_le, par) VALUES ({})",
        kit::places(1, 10)
    );
    let values = [
        s.id.0.into(),
        G::CLE.into(),
        s.nom.clone().into(),
        s.region.as_ref().map(ToString::to_string).into(),
        s.seance.map(|id| id.0).into(),
        json(&s.parametres)?.into(),
        "en_calcul".into(),
        s.tache.into(),
        s.cree_le.into(),
        par.0.into(),
    ];
    kit::execute(tx, &sql, values).await.map(|_| ())
}

/// Writes what was found; nothing when the computation was removed meanwhile, or is done already.
pub(crate) async fn conclure<G: Genre>(
    tx: &Tx,
    id: CalculId,
    (le, duree_ms): (DateTime<Utc>, i64),
    (bilan, lignes): (&G::Bilan, &[G::Ligne]),
) -> Result<(), DbErr> {
    let sql = "UPDATE calcul SET etat = 'calcule', bilan = $2, lignes = $3, calcule_le = $4, duree_ms = $5 \
               WHERE id = $1 AND etat = 'en_calcul'";
    let values = [id.0.into(), json(bilan)?.into(), json(&lignes)?.into(), le.into(), duree_ms.into()];
    kit::execute(tx, sql, values).await.map(|_| ())
}

/// Writes that it cannot be done.
pub(super) async fn refuser(tx: &Tx, id: CalculId, message: &str) -> Result<(), DbErr> {
    let sql = "UPDATE calcul SET etat = 'refuse', message = $2 WHERE id = $1 AND etat = 'en_calcul'";
    kit::execute(tx, sql, [id.0.into(), message.into()]).await.map(|_| ())
}

/// Removes a computation.
pub(crate) async fn effacer(tx: &Tx, id: CalculId) -> Result<(), DbErr> {
    kit::execute(tx, "DELETE FROM calcul WHERE id = $1", [id.0.into()]).await.map(|_| ())
}

/// Removes the computations of a kind asked for before that instant.
pub(crate) async fn effacer_avant(tx: &Tx, genre: &str, avant: DateTime<Utc>) -> Result<(), DbErr> {
    let sql = "DELETE FROM calcul WHERE genre = $1 AND cree_le < $2";
    kit::execute(tx, sql, [genre.into(), avant.into()]).await.map(|_| ())
}
