//! Rows of sessions, enveloppes and decisions.

mod decisions;
mod enveloppes;

use chrono::{DateTime, NaiveDate, Utc};
use kernel::{CodeRegion, Perimetre};
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult};
use uuid::Uuid;

use super::model::{Copie, EtatSeance, Inscrite, Seance};
use crate::ids::{DemandeId, SeanceId};

pub(super) use decisions::{
    annuler, decisions_de, derniere, dernieres, enveloppes_de, insert as inserer_decision, notifiee, une,
};
pub(crate) use enveloppes::enveloppes;
pub(super) use enveloppes::{ecrire, prendre, rendre, tenir_la_table, tenir_tout};

fn abime(id: Uuid, colonne: &str) -> DbErr {
    DbErr::Type(format!("selection {id}: column {colonne} does not hold what it should"))
}

fn json(value: &impl serde::Serialize) -> Result<String, DbErr> {
    serde_json::to_string(value).map_err(|e| DbErr::Custom(e.to_string()))
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    numero: i64,
    jour: NaiveDate,
    region: Option<String>,
    ordre_du_jour: String,
    etat: String,
    gelee_le: Option<DateTime<Utc>>,
    empreinte: Option<String>,
    close_le: Option<DateTime<Utc>>,
}

impl Row {
    fn seance(self) -> Result<Seance, DbErr> {
        let etat = match (self.etat.as_str(), self.gelee_le, self.empreinte, self.close_le) {
            ("preparation", None, None, None) => EtatSeance::Preparation,
            ("ouverte", Some(gelee_le), Some(empreinte), None) => EtatSeance::Ouverte { gelee_le, empreinte },
            ("close", Some(gelee_le), Some(empreinte), Some(le)) => {
                EtatSeance::Close { gelee_le, empreinte, le }
            }
            _ => return Err(abime(self.id, "etat")),
        };
        let region = match self.region {
            Some(code) => Some(CodeRegion::parse(&code).ok_or_else(|| abime(self.id, "region"))?),
            None => None,
        };
        Ok(Seance {
            id: SeanceId(self.id),
            numero: self.numero,
            jour: self.jour,
            region,
            ordre_du_jour: self.ordre_du_jour,
            etat,
        })
    }
}

const COLUMNS: &str = "id, numero, jour, region, ordre_du_jour, etat, gelee_le, empreinte, close_le";

/// The sessions of a scope, newest first.
pub(crate) async fn seances(conn: &impl ConnectionTrait, p: &Perimetre) -> Result<Vec<Seance>, DbErr> {
    let sql = format!("SELECT {COLUMNS} FROM seance ORDER BY numero DESC LIMIT 200");
    let all: Result<Vec<Seance>, DbErr> =
        kit::query_as::<Row>(conn, &sql, []).await?.into_iter().map(Row::seance).collect();
    Ok(all?.into_iter().filter(|s| p.couvre(&s.cible())).collect())
}

/// That session.
pub(super) async fn seance(conn: &impl ConnectionTrait, id: SeanceId) -> Result<Option<Seance>, DbErr> {
    let sql = format!("SELECT {COLUMNS} FROM seance WHERE id = $1");
    kit::query_one_as::<Row>(conn, &sql, [id.0.into()]).await?.map(Row::seance).transpose()
}

/// That session, held: alone to change it, or with others who decide in it.
pub(super) async fn tenir(tx: &Tx, id: SeanceId, seul: bool) -> Result<Option<Seance>, DbErr> {
    // SQLite has one writer at a time, and this transaction is it.
    if tx.get_database_backend() == DbBackend::Postgres {
        let how = if seul { "UPDATE" } else { "SHARE" };
        kit::query(tx, &format!("SELECT id FROM seance WHERE id = $1 FOR {how}"), [id.0.into()]).await?;
    }
    seance(tx, id).await
}

/// Writes a session, new or changed.
pub(super) async fn ecrire_seance(tx: &Tx, s: &Seance) -> Result<(), DbErr> {
    let (gelee_le, empreinte, close_le) = match &s.etat {
        EtatSeance::Preparation => (None, None, None),
        EtatSeance::Ouverte { gelee_le, empreinte } => (Some(*gelee_le), Some(empreinte.clone()), None),
        EtatSeance::Close { gelee_le, empreinte, le } => {
            (Some(*gelee_le), Some(empreinte.clone()), Some(*le))
        }
    };
    let sql = format!(
        "INSERT INTO seance ({COLUMNS}) VALUES ({}) ON CONFLICT (id) DO UPDATE SET jour = excluded.jour, \
         ordre_du_jour = excluded.ordre_du_jour, etat = excluded.etat, gelee_le = excluded.gelee_le, \
         empreinte = excluded.empreinte, close_le = excluded.close_le",
        kit::places(1, 9)
    );
    let values = [
        s.id.0.into(),
        s.numero.into(),
        s.jour.into(),
        s.region.as_ref().map(ToString::to_string).into(),
        s.ordre_du_jour.clone().into(),
        s.etat.cle().into(),
        gelee_le.into(),
        empreinte.into(),
        close_le.into(),
    ];
    kit::execute(tx, &sql, values).await.map(|_| ())
}

/// Adds a demande at the end of a list.
pub(super) async fn inscrire(tx: &Tx, seance: SeanceId, demande: DemandeId) -> Result<(), DbErr> {
    let sql = "SELECT COALESCE(MAX(rang), 0) FROM seance_demande WHERE seance_id = $1";
    let rang = kit::count(tx, sql, [seance.0.into()]).await? + 1;
    let sql = "INSERT INTO seance_demande (seance_id, demande_id, rang) VALUES ($1, $2, $3)";
    kit::execute(tx, sql, [seance.0.into(), demande.0.into(), rang.into()]).await.map(|_| ())
}

/// Takes a demande off a list.
pub(super) async fn retirer(tx: &Tx, seance: SeanceId, demande: DemandeId) -> Result<(), DbErr> {
    let sql = "DELETE FROM seance_demande WHERE seance_id = $1 AND demande_id = $2";
    kit::execute(tx, sql, [seance.0.into(), demande.0.into()]).await.map(|_| ())
}

/// Keeps what the committee reads of a demande; gives the text that is kept.
pub(super) async fn copier(
    tx: &Tx,
    seance: SeanceId,
    demande: DemandeId,
    copie: &Copie,
) -> Result<String, DbErr> {
    let text = json(copie)?;
    let sql =
        "UPDATE seance_demande SET copie = $3 WHERE seance_id = $1 AND demande_id = $2 AND copie IS NULL";
    kit::execute(tx, sql, [seance.0.into(), demande.0.into(), text.clone().into()]).await?;
    Ok(text)
}

/// The list of a session, in order, with what was decided.
pub(crate) async fn inscrites(conn: &impl ConnectionTrait, seance: SeanceId) -> Result<Vec<Inscrite>, DbErr> {
    #[derive(FromQueryResult)]
    struct Ligne {
        demande_id: Uuid,
        rang: i64,
        copie: Option<String>,
    }
    let sql = "SELECT demande_id, rang, copie FROM seance_demande WHERE seance_id = $1 ORDER BY rang";
    let rows: Vec<Ligne> = kit::query_as(conn, sql, [seance.0.into()]).await?;
    let mut decisions: std::collections::HashMap<DemandeId, super::model::Decision> =
        decisions_de(conn, seance).await?.into_iter().map(|d| (d.demande, d)).collect();
    rows.into_iter()
        .map(|r| {
            let copie = r.copie.as_deref().map(serde_json::from_str).transpose();
            Ok(Inscrite {
                demande: DemandeId(r.demande_id),
                rang: r.rang,
                copie: copie.map_err(|_| abime(r.demande_id, "copie"))?,
                decision: decisions.remove(&DemandeId(r.demande_id)),
            })
        })
        .collect()
}
