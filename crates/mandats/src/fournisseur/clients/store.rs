//! Rows of clients.

use chrono::{DateTime, Utc};
use kernel::Refusal;
use oidc::Secret;
use platform::db::{is_unique_violation, kit};
use platform::{Site, Tx};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use uuid::Uuid;

use super::model::{Inscrit, Reglages};
use crate::Failure;

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    client_id: String,
    nom: String,
    actif: bool,
    reglages: String,
    secrets: Option<String>,
    cree_le: DateTime<Utc>,
    version: i64,
}

const COLONNES: &str = "id, client_id, nom, actif, reglages, secrets, cree_le, version";

fn place(id: Uuid) -> String {
    format!("fournisseur_client/secrets/{id}")
}

impl Row {
    fn inscrit(self, site: &Site) -> Result<Inscrit, Failure> {
        let abime = |colonne: &str| DbErr::Type(format!("fournisseur_client {}: {colonne}", self.id));
        let secrets: Vec<Secret> = match &self.secrets {
            Some(scelles) => {
                let clair = site.secrets.open(&place(self.id), scelles)?;
                serde_json::from_slice(&clair).map_err(|_| abime("secrets"))?
            }
            None => Vec::new(),
        };
        Ok(Inscrit {
            reglages: serde_json::from_str(&self.reglages).map_err(|_| abime("reglages"))?,
            id: self.id,
            client_id: self.client_id,
            nom: self.nom,
            actif: self.actif,
            secrets,
            cree_le: self.cree_le,
            version: self.version,
        })
    }
}

/// Two clients cannot bear one name.
pub(super) fn nom_pris() -> Refusal {
    Refusal::field("client_id", "Un client porte déjà ce nom.")
}

/// The client that the protocol calls so.
pub(in super::super) async fn du_nom(
    site: &Site,
    conn: &impl ConnectionTrait,
    client_id: &str,
) -> Result<Option<Inscrit>, Failure> {
    let sql = format!("SELECT {COLONNES} FROM fournisseur_client WHERE client_id = $1");
    let row: Option<Row> = kit::query_one_as(conn, &sql, [client_id.into()]).await?;
    row.map(|r| r.inscrit(site)).transpose()
}

/// That client.
pub(in super::super) async fn lire(
    site: &Site,
    conn: &impl ConnectionTrait,
    id: Uuid,
) -> Result<Option<Inscrit>, Failure> {
    let sql = format!("SELECT {COLONNES} FROM fournisseur_client WHERE id = $1");
    let row: Option<Row> = kit::query_one_as(conn, &sql, [id.into()]).await?;
    row.map(|r| r.inscrit(site)).transpose()
}

/// What is agreed with those that may ask, secrets left sealed.
pub(in super::super) async fn actifs(conn: &impl ConnectionTrait) -> Result<Vec<Reglages>, DbErr> {
    let sql = "SELECT reglages FROM fournisseur_client WHERE actif ORDER BY cree_le, id";
    let rows = kit::query(conn, sql, []).await?;
    let lire =
        |texte: String| serde_json::from_str(&texte).map_err(|e| DbErr::Type(format!("reglages: {e}")));
    rows.iter().map(|r| lire(r.try_get("", "reglages")?)).collect()
}

/// Every client, by name.
pub(in super::super) async fn tous(
    site: &Site,
    conn: &impl ConnectionTrait,
) -> Result<Vec<Inscrit>, Failure> {
    let sql = format!("SELECT {COLONNES} FROM fournisseur_client ORDER BY cree_le, id");
    let rows: Vec<Row> = kit::query_as(conn, &sql, []).await?;
    rows.into_iter().map(|r| r.inscrit(site)).collect()
}

/// Writes a client: a new one, or the next version of a known one. Somebody who was faster is told in a sentence.
pub(in super::super) async fn enregistrer(site: &Site, tx: &Tx, c: &Inscrit) -> Result<(), Failure> {
    let clair = serde_json::to_string(&c.secrets).map_err(|e| DbErr::Custom(e.to_string()))?;
    let scelles = match c.secrets.is_empty() {
        true => None,
        false => Some(site.secrets.seal(&site.chance, &place(c.id), clair.as_bytes())?),
    };
    let reglages = serde_json::to_string(&c.reglages).map_err(|e| DbErr::Custom(e.to_string()))?;
    let values: [Value; 8] = [
        c.id.into(),
        c.client_id.clone().into(),
        c.nom.clone().into(),
        c.actif.into(),
        reglages.into(),
        scelles.into(),
        c.cree_le.into(),
        c.version.into(),
    ];
    let sql = format!(
        "INSERT INTO fournisseur_client ({COLONNES}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8 + 1) \
         ON CONFLICT (id) DO UPDATE SET nom = excluded.nom, actif = excluded.actif, reglages = excluded.reglages, \
         secrets = excluded.secrets, version = excluded.version WHERE fournisseur_client.version = excluded.version - 1"
    );
    match kit::execute(tx, &sql, values).await {
        Ok(fait) if fait.rows_affected() > 0 => Ok(()),
        Ok(_) => {
            let phrase = "Quelqu’un a modifié ce client entre-temps. Rechargez la page.";
            Err(Refusal::conflict(phrase).into())
        }
        Err(error) if is_unique_violation(&error) => Err(nom_pris().into()),
        Err(error) => Err(error.into()),
    }
}
