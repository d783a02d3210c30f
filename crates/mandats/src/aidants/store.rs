//! Rows of professionals and of their memberships.

use chrono::{DateTime, NaiveDate, Utc};
use kernel::ids::{CompteId, StructureId};
use kernel::{Email, Telephone};
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use uuid::Uuid;

use super::model::{Aidant, Appartenance, EtatAidant, Fonction};
use crate::ids::{AidantId, AppartenanceId, EquipeId};

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    compte_id: Option<Uuid>,
    prenom: String,
    nom: String,
    courriel: String,
    telephone: Option<String>,
    profession: String,
    conseiller_numerique: bool,
    etat: String,
    etat_le: DateTime<Utc>,
    conditions_version: Option<i64>,
    cree_le: DateTime<Utc>,
    version: i64,
}

impl Row {
    fn aidant(self) -> Result<Aidant, DbErr> {
        let abime = |colonne: &str| DbErr::Type(format!("aidant {}: {colonne}", self.id));
        let telephone =
            self.telephone.as_deref().map(|t| Telephone::parse(t).ok_or_else(|| abime("telephone")));
        Ok(Aidant {
            id: AidantId(self.id),
            compte: self.compte_id.map(CompteId),
            courriel: Email::parse(&self.courriel).map_err(|_| abime("courriel"))?,
            telephone: telephone.transpose()?,
            etat: EtatAidant::from_cle(&self.etat).ok_or_else(|| abime("etat"))?,
            prenom: self.prenom,
            nom: self.nom,
            profession: self.profession,
            conseiller_numerique: self.conseiller_numerique,
            etat_le: self.etat_le,
            conditions_version: self.conditions_version,
            cree_le: self.cree_le,
            version: self.version,
        })
    }
}

const COLONNES: &str = "id, compte_id, prenom, nom, courriel, telephone, profession, conseiller_numerique, etat, etat_le, \
                        conditions_version, cree_le, version";

async fn un(conn: &impl ConnectionTrait, ou: &str, value: Value) -> Result<Option<Aidant>, DbErr> {
    let sql = format!("SELECT {COLONNES} FROM aidant WHERE {ou} = $1");
    kit::query_one_as::<Row>(conn, &sql, [value]).await?.map(Row::aidant).transpose()
}

/// That professional.
///
/// # Errors
/// The database.
pub async fn lire(conn: &impl ConnectionTrait, id: AidantId) -> Result<Option<Aidant>, DbErr> {
    un(conn, "id", id.0.into()).await
}

/// The professional of that account.
///
/// # Errors
/// The database.
pub async fn du_compte(conn: &impl ConnectionTrait, compte: CompteId) -> Result<Option<Aidant>, DbErr> {
    un(conn, "compte_id", compte.0.into()).await
}

/// The professional of that address.
///
/// # Errors
/// The database.
pub async fn du_courriel(conn: &impl ConnectionTrait, courriel: &Email) -> Result<Option<Aidant>, DbErr> {
    un(conn, "courriel_cle", courriel.key().into()).await
}

/// Writes a professional: a new one, or the next version of a known one.
///
/// # Errors
/// The database; [`DbErr::RecordNotUpdated`] when somebody changed it meanwhile.
pub async fn enregistrer(tx: &Tx, a: &Aidant) -> Result<(), DbErr> {
    let values: Vec<Value> = vec![
        a.id.0.into(),
        a.compte.map(|c| c.0).into(),
        a.prenom.clone().into(),
        a.nom.clone().into(),
        a.courriel.as_str().into(),
        a.telephone.as_ref().map(|t| t.as_str().to_owned()).into(),
        a.profession.clone().into(),
        a.conseiller_numerique.into(),
        a.etat.cle().into(),
        a.etat_le.into(),
        a.conditions_version.into(),
        a.cree_le.into(),
        a.version.into(),
        a.courriel.key().into(),
    ];
    let sql = format!(
        "INSERT INTO aidant ({COLONNES}, courriel_cle) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13 + 1, $14) \
         ON CONFLICT (id) DO UPDATE SET compte_id = excluded.compte_id, prenom = excluded.prenom, nom = excluded.nom, \
         courriel = excluded.courriel, courriel_cle = excluded.courriel_cle, telephone = excluded.telephone, \
         profession = excluded.profession, conseiller_numerique = excluded.conseiller_numerique, etat = excluded.etat, \
         etat_le = excluded.etat_le, conditions_version = excluded.conditions_version, version = excluded.version \
         WHERE aidant.version = excluded.version - 1"
    );
    match kit::execute(tx, &sql, values).await?.rows_affected() {
        0 => Err(DbErr::RecordNotUpdated),
        _ => Ok(()),
    }
}

#[derive(FromQueryResult)]
struct AppartenanceRow {
    id: Uuid,
    aidant_id: Uuid,
    structure_id: Uuid,
    equipe_id: Option<Uuid>,
    fait_mandats: bool,
    referent: bool,
    debut: NaiveDate,
    fin: Option<NaiveDate>,
}

impl AppartenanceRow {
    fn appartenance(self) -> Result<Appartenance, DbErr> {
        let fonction = Fonction::de(self.fait_mandats, self.referent);
        Ok(Appartenance {
            id: AppartenanceId(self.id),
            aidant: AidantId(self.aidant_id),
            structure: StructureId(self.structure_id),
            equipe: self.equipe_id.map(EquipeId),
            fonction: fonction.ok_or_else(|| DbErr::Type(format!("appartenance {}", self.id)))?,
            debut: self.debut,
            fin: self.fin,
        })
    }
}

const APPARTENANCE: &str = "id, aidant_id, structure_id, equipe_id, fait_mandats, referent, debut, fin";

/// Memberships of a professional, past and present, in order.
///
/// # Errors
/// The database.
pub async fn appartenances(
    conn: &impl ConnectionTrait,
    aidant: AidantId,
) -> Result<Vec<Appartenance>, DbErr> {
    let sql =
        format!("SELECT {APPARTENANCE} FROM aidant_appartenance WHERE aidant_id = $1 ORDER BY debut, id");
    let rows: Vec<AppartenanceRow> = kit::query_as(conn, &sql, [aidant.0.into()]).await?;
    rows.into_iter().map(AppartenanceRow::appartenance).collect()
}

/// The open membership of that professional in that organisation.
///
/// # Errors
/// The database.
pub async fn appartenance(
    conn: &impl ConnectionTrait,
    aidant: AidantId,
    structure: StructureId,
) -> Result<Option<Appartenance>, DbErr> {
    let sql = format!(
        "SELECT {APPARTENANCE} FROM aidant_appartenance WHERE aidant_id = $1 AND structure_id = $2 AND fin IS NULL"
    );
    let row: Option<AppartenanceRow> =
        kit::query_one_as(conn, &sql, [aidant.0.into(), structure.0.into()]).await?;
    row.map(AppartenanceRow::appartenance).transpose()
}

/// Whose membership that is.
///
/// # Errors
/// The database.
pub async fn de_l_appartenance(
    conn: &impl ConnectionTrait,
    id: AppartenanceId,
) -> Result<Option<Aidant>, DbErr> {
    let rows =
        kit::query(conn, "SELECT aidant_id FROM aidant_appartenance WHERE id = $1", [id.0.into()]).await?;
    match rows.first() {
        Some(row) => lire(conn, AidantId(row.try_get_by_index(0)?)).await,
        None => Ok(None),
    }
}

/// Opens a membership.
///
/// # Errors
/// The database; a second open one of the same person in the same organisation.
pub async fn ouvrir_appartenance(tx: &Tx, a: &Appartenance) -> Result<(), DbErr> {
    let values: Vec<Value> = vec![
        a.id.0.into(),
        a.aidant.0.into(),
        a.structure.0.into(),
        a.equipe.map(|e| e.0).into(),
        a.fonction.fait_mandats().into(),
        a.fonction.referent().into(),
        a.debut.into(),
        a.fin.into(),
    ];
    let sql =
        format!("INSERT INTO aidant_appartenance ({APPARTENANCE}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
    kit::execute(tx, &sql, values).await.map(drop)
}

/// Ends a membership after that day. One that began that day or later never was: it ends on its first day.
///
/// # Errors
/// The database.
pub async fn fermer_appartenance(tx: &Tx, id: AppartenanceId, fin: NaiveDate) -> Result<(), DbErr> {
    let sql = "UPDATE aidant_appartenance SET fin = CASE WHEN debut > $2 THEN debut ELSE $2 END \
               WHERE id = $1 AND fin IS NULL";
    kit::execute(tx, sql, [id.0.into(), fin.into()]).await.map(drop)
}

/// These professionals, in no order; those that do not exist are left out.
///
/// # Errors
/// The database.
pub async fn lire_plusieurs(conn: &impl ConnectionTrait, ids: &[AidantId]) -> Result<Vec<Aidant>, DbErr> {
    let mut out = Vec::with_capacity(ids.len());
    for lot in ids.chunks(500) {
        let sql = format!("SELECT {COLONNES} FROM aidant WHERE id IN ({})", kit::places(1, lot.len()));
        let rows: Vec<Row> = kit::query_as(conn, &sql, lot.iter().map(|a| Value::from(a.0))).await?;
        for row in rows {
            out.push(row.aidant()?);
        }
    }
    Ok(out)
}

/// Open memberships of an organisation, in no order.
///
/// # Errors
/// The database.
pub async fn appartenances_de(
    conn: &impl ConnectionTrait,
    structure: StructureId,
) -> Result<Vec<Appartenance>, DbErr> {
    let sql =
        format!("SELECT {APPARTENANCE} FROM aidant_appartenance WHERE structure_id = $1 AND fin IS NULL");
    let rows: Vec<AppartenanceRow> = kit::query_as(conn, &sql, [structure.0.into()]).await?;
    rows.into_iter().map(AppartenanceRow::appartenance).collect()
}
