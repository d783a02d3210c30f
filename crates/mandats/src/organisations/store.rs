//! Rows of organisations.

use chrono::NaiveDate;
use kernel::ids::StructureId;
use kernel::{CodeDepartement, CodeRegion};
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use uuid::Uuid;

use super::model::{Demarches, Organisation};

#[derive(FromQueryResult)]
struct Row {
    structure_id: Uuid,
    numero: i64,
    departement: String,
    region: String,
    demarches: String,
    france_services: bool,
    habilitee_le: NaiveDate,
    desactivee_le: Option<NaiveDate>,
    version: i64,
}

impl Row {
    fn organisation(self) -> Result<Organisation, DbErr> {
        let abime = |colonne: &str| DbErr::Type(format!("organisation {}: {colonne}", self.structure_id));
        Ok(Organisation {
            structure: StructureId(self.structure_id),
            numero: self.numero,
            departement: CodeDepartement::parse(&self.departement).ok_or_else(|| abime("departement"))?,
            region: CodeRegion::parse(&self.region).ok_or_else(|| abime("region"))?,
            demarches: Demarches::lire(&self.demarches),
            france_services: self.france_services,
            habilitee_le: self.habilitee_le,
            desactivee_le: self.desactivee_le,
            version: self.version,
        })
    }
}

const COLONNES: &str = "structure_id, numero, departement, region, demarches, france_services, habilitee_le, desactivee_le, version";

/// The organisation that this structure is, if it is one.
///
/// # Errors
/// The database.
pub async fn lire(
    conn: &impl ConnectionTrait,
    structure: StructureId,
) -> Result<Option<Organisation>, DbErr> {
    let sql = format!("SELECT {COLONNES} FROM organisation_habilitee WHERE structure_id = $1");
    kit::query_one_as::<Row>(conn, &sql, [structure.0.into()]).await?.map(Row::organisation).transpose()
}

/// The same, held until the end of the transaction.
///
/// # Errors
/// The database.
pub async fn tenir(tx: &Tx, structure: StructureId) -> Result<Option<Organisation>, DbErr> {
    let sql = "UPDATE organisation_habilitee SET version = version WHERE structure_id = $1";
    kit::execute(tx, sql, [structure.0.into()]).await?;
    lire(tx, structure).await
}

/// Writes an organisation: a new one, or the next version of a known one.
///
/// # Errors
/// The database; [`DbErr::RecordNotUpdated`] when somebody changed it meanwhile.
pub async fn enregistrer(tx: &Tx, o: &Organisation) -> Result<(), DbErr> {
    let values: Vec<Value> = vec![
        o.structure.0.into(),
        o.numero.into(),
        o.departement.as_str().into(),
        o.region.as_str().into(),
        o.demarches.ecrire().into(),
        o.france_services.into(),
        o.habilitee_le.into(),
        o.desactivee_le.into(),
        o.version.into(),
    ];
    let sql = format!(
        "INSERT INTO organisation_habilitee ({COLONNES}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9 + 1) \
         ON CONFLICT (structure_id) DO UPDATE SET numero = excluded.numero, departement = excluded.departement, \
         region = excluded.region, demarches = excluded.demarches, france_services = excluded.france_services, \
         habilitee_le = excluded.habilitee_le, desactivee_le = excluded.desactivee_le, version = excluded.version \
         WHERE organisation_habilitee.version = excluded.version - 1"
    );
    match kit::execute(tx, &sql, values).await?.rows_affected() {
        0 => Err(DbErr::RecordNotUpdated),
        _ => Ok(()),
    }
}
