//! Rows of organisations.

use annuaire::structures::Conditions;
use chrono::{DateTime, NaiveDate, Utc};
use kernel::ids::StructureId;
use kernel::{CodeDepartement, CodeRegion, Perimetre};
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use uuid::Uuid;

use super::model::{Demarches, Organisation};
use crate::aidants::{EtatAidant, Fonction};
use crate::ids::AidantId;

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

/// The organisation of that number of habilitation.
///
/// # Errors
/// The database.
pub async fn du_numero(conn: &impl ConnectionTrait, numero: i64) -> Result<Option<Organisation>, DbErr> {
    let sql = format!("SELECT {COLONNES} FROM organisation_habilitee WHERE numero = $1");
    kit::query_one_as::<Row>(conn, &sql, [numero.into()]).await?.map(Row::organisation).transpose()
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

/// Which organisations.
#[derive(Clone, Debug, Default)]
pub(super) struct Filtre {
    /// Of that number.
    pub(super) numero: Option<i64>,
    /// Among these structures.
    pub(super) parmi: Option<Vec<StructureId>>,
    /// In that département.
    pub(super) departement: Option<CodeDepartement>,
    /// Active that day, or not any more.
    pub(super) active: Option<bool>,
    /// That day.
    pub(super) jour: NaiveDate,
}

fn conditions(perimetre: &Perimetre, f: &Filtre) -> Conditions {
    let mut c = Conditions::default();
    c.dans(perimetre, "o", "structure_id");
    if let Some(n) = f.numero {
        let n = c.place(n);
        c.et(format!("o.numero = {n}"));
    }
    if let Some(ids) = &f.parmi {
        let ids = c.liste(ids.iter().map(|id| id.0));
        c.et(format!("o.structure_id IN ({ids})"));
    }
    if let Some(d) = &f.departement {
        let d = c.place(d.to_string());
        c.et(format!("o.departement = {d}"));
    }
    if let Some(active) = f.active {
        let jour = c.place(f.jour);
        c.et(if active {
            format!("(o.desactivee_le IS NULL OR o.desactivee_le > {jour})")
        } else {
            format!("o.desactivee_le <= {jour}")
        });
    }
    c
}

/// How many the list has.
pub(super) async fn compter(
    conn: &impl ConnectionTrait,
    perimetre: &Perimetre,
    f: &Filtre,
) -> Result<usize, DbErr> {
    let c = conditions(perimetre, f);
    let sql = format!("SELECT COUNT(*) FROM organisation_habilitee o{}", c.clause());
    Ok(usize::try_from(kit::count(conn, &sql, c.values().to_vec()).await?).unwrap_or_default())
}

/// Those whose number follows that one, by number; `offset` of them left out.
pub(super) async fn lister(
    conn: &impl ConnectionTrait,
    perimetre: &Perimetre,
    f: &Filtre,
    apres: Option<i64>,
    (offset, limit): (usize, usize),
) -> Result<Vec<Organisation>, DbErr> {
    let mut c = conditions(perimetre, f);
    if let Some(n) = apres {
        let n = c.place(n);
        c.et(format!("o.numero > {n}"));
    }
    let limit = c.place(i64::try_from(limit).unwrap_or(i64::MAX));
    let offset = c.place(i64::try_from(offset).unwrap_or(i64::MAX));
    let sql = format!(
        "SELECT {COLONNES} FROM organisation_habilitee o{} ORDER BY o.numero LIMIT {limit} OFFSET {offset}",
        c.clause()
    );
    kit::query_as::<Row>(conn, &sql, c.values().to_vec()).await?.into_iter().map(Row::organisation).collect()
}

/// Who belongs to an organisation today, by identifier.
pub(super) async fn membres(
    conn: &impl ConnectionTrait,
    structure: StructureId,
) -> Result<Vec<AidantId>, DbErr> {
    let sql = "SELECT aidant_id FROM aidant_appartenance WHERE structure_id = $1 AND fin IS NULL ORDER BY aidant_id";
    let rows = kit::query(conn, sql, [structure.0.into()]).await?;
    rows.iter().map(|r| r.try_get("", "aidant_id").map(AidantId)).collect()
}

/// Somebody of an organisation, on its sheet.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct Membre {
    pub(super) prenom: String,
    pub(super) nom: String,
    etat: String,
    pub(super) fait_mandats: bool,
    pub(super) referent: bool,
    debut: NaiveDate,
}

impl Membre {
    pub(super) fn etat(&self) -> Option<EtatAidant> {
        EtatAidant::from_cle(&self.etat)
    }

    /// First day, in letters.
    pub(super) fn depuis(&self) -> String {
        kernel::calendrier::jour_en_lettres(self.debut)
    }

    /// What they do there, in words.
    pub(super) fn fonction_nom(&self) -> &'static str {
        Fonction::de(self.fait_mandats, self.referent).map_or("", Fonction::nom)
    }

    /// In words.
    pub(super) fn etat_nom(&self) -> &'static str {
        self.etat().map_or("", EtatAidant::nom)
    }
}

/// Who belongs to an organisation today, by name.
pub(super) async fn gens(conn: &impl ConnectionTrait, structure: StructureId) -> Result<Vec<Membre>, DbErr> {
    let sql = "SELECT a.prenom, a.nom, a.etat, p.fait_mandats, p.referent, p.debut FROM aidant_appartenance p \
               JOIN aidant a ON a.id = p.aidant_id WHERE p.structure_id = $1 AND p.fin IS NULL \
               ORDER BY a.nom, a.prenom, a.id LIMIT 1000";
    kit::query_as(conn, sql, [structure.0.into()]).await
}

/// What was done in the name of an organisation.
#[derive(Clone, Copy, Debug, Default, FromQueryResult)]
pub struct Activite {
    /// Mandats ever made.
    pub crees: i64,
    /// Mandats of which something is still allowed.
    pub en_cours: i64,
    /// People ever helped under a mandat.
    pub personnes: i64,
}

/// Those counts, for the référents of the organisation.
///
/// # Errors
/// The database.
pub async fn activite(
    conn: &impl ConnectionTrait,
    structure: StructureId,
    now: DateTime<Utc>,
) -> Result<Activite, DbErr> {
    let sql = "SELECT (SELECT COUNT(*) FROM mandat WHERE structure_id = $1) AS crees, \
               (SELECT COUNT(DISTINCT mandat_id) FROM mandat_autorisation WHERE structure_id = $1 AND fin_le IS NULL \
               AND expire_le > $2) AS en_cours, \
               (SELECT COUNT(DISTINCT usager_id) FROM mandat WHERE structure_id = $1) AS personnes";
    let lue = kit::query_one_as(conn, sql, [structure.0.into(), now.into()]).await?;
    Ok(lue.unwrap_or_default())
}

/// Organisations that are active that day, of a département or of the country, by number.
///
/// # Errors
/// The database.
pub async fn actives(
    conn: &impl ConnectionTrait,
    departement: Option<&CodeDepartement>,
    jour: NaiveDate,
    (offset, limit): (usize, usize),
) -> Result<Vec<Organisation>, DbErr> {
    let sql = format!(
        "SELECT {COLONNES} FROM organisation_habilitee WHERE {ACTIVES} ORDER BY numero LIMIT $3 OFFSET $4"
    );
    let values: [Value; 4] = [
        jour.into(),
        departement.map(|d| d.as_str().to_owned()).unwrap_or_default().into(),
        i64::try_from(limit).unwrap_or(100).into(),
        i64::try_from(offset).unwrap_or(i64::MAX).into(),
    ];
    let rows: Vec<Row> = kit::query_as(conn, &sql, values).await?;
    rows.into_iter().map(Row::organisation).collect()
}

/// How many of them there are.
///
/// # Errors
/// The database.
pub async fn compter_actives(
    conn: &impl ConnectionTrait,
    departement: Option<&CodeDepartement>,
    jour: NaiveDate,
) -> Result<usize, DbErr> {
    let sql = format!("SELECT COUNT(*) FROM organisation_habilitee WHERE {ACTIVES}");
    let departement = departement.map(|d| d.as_str().to_owned()).unwrap_or_default();
    let n = kit::count(conn, &sql, [jour.into(), departement.into()]).await?;
    Ok(usize::try_from(n).unwrap_or(0))
}

const ACTIVES: &str = "(desactivee_le IS NULL OR desactivee_le > $1) AND ($2 = '' OR departement = $2)";
