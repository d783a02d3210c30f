//! Rows of sessions and of inscriptions, private to the room.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use kernel::CodeDepartement;
use kernel::ids::StructureId;
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use uuid::Uuid;

use super::model::{EtatInscription, Fiche, Inscription, InscriptionId, Session};
use crate::ids::{AidantId, SessionFormationId};

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    organisme_id: Uuid,
    intitule: String,
    debut: NaiveDate,
    fin: NaiveDate,
    heures: i64,
    demi_journees: String,
    lieu: Option<String>,
    departement: Option<String>,
    places: i64,
    prises: i64,
    publiee: bool,
    intra: bool,
    conseillers_numeriques: bool,
    annulee: Option<String>,
    version: i64,
}

const SESSION: &str = "id, organisme_id, intitule, debut, fin, heures, demi_journees, lieu, departement, places, prises, \
                       publiee, intra, conseillers_numeriques, annulee, version";

impl Row {
    fn session(self) -> Result<Session, DbErr> {
        let abime = |colonne: &str| DbErr::Type(format!("formations_session {}: {colonne}", self.id));
        let departement = self
            .departement
            .as_deref()
            .map(|d| CodeDepartement::parse(d).ok_or_else(|| abime("departement")));
        Ok(Session {
            id: SessionFormationId(self.id),
            organisme: StructureId(self.organisme_id),
            fiche: Fiche {
                departement: departement.transpose()?,
                heures: u16::try_from(self.heures).map_err(|_| abime("heures"))?,
                places: u32::try_from(self.places).map_err(|_| abime("places"))?,
                intitule: self.intitule,
                debut: self.debut,
                fin: self.fin,
                demi_journees: self.demi_journees,
                lieu: self.lieu,
                publiee: self.publiee,
                intra: self.intra,
                conseillers_numeriques: self.conseillers_numeriques,
            },
            prises: u32::try_from(self.prises).map_err(|_| DbErr::Type("prises".to_owned()))?,
            annulee: self.annulee,
            version: self.version,
        })
    }
}

async fn sessions(
    conn: &impl ConnectionTrait,
    suite: &str,
    values: Vec<Value>,
) -> Result<Vec<Session>, DbErr> {
    let sql = format!("SELECT {SESSION} FROM formations_session WHERE {suite}");
    let rows: Vec<Row> = kit::query_as(conn, &sql, values).await?;
    rows.into_iter().map(Row::session).collect()
}

pub(super) async fn session(
    conn: &impl ConnectionTrait,
    id: SessionFormationId,
) -> Result<Option<Session>, DbErr> {
    Ok(sessions(conn, "id = $1", vec![id.0.into()]).await?.pop())
}

/// The same, held until the end of the transaction: seats are counted by one person at a time.
pub(super) async fn tenir(tx: &Tx, id: SessionFormationId) -> Result<Option<Session>, DbErr> {
    kit::execute(tx, "UPDATE formations_session SET version = version WHERE id = $1", [id.0.into()]).await?;
    session(tx, id).await
}

/// Sessions of a body (or of all of them), latest first.
pub(super) async fn des_organismes(
    conn: &impl ConnectionTrait,
    organismes: Option<&[StructureId]>,
    (offset, limit): (usize, usize),
) -> Result<Vec<Session>, DbErr> {
    let page = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let (ou, mut values): (String, Vec<Value>) = match organismes {
        None => ("1 = 1".to_owned(), Vec::new()),
        Some([]) => return Ok(Vec::new()),
        Some(ids) => (
            format!("organisme_id IN ({})", kit::places(1, ids.len())),
            ids.iter().map(|s| s.0.into()).collect(),
        ),
    };
    let n = values.len();
    values.extend([page(limit).into(), page(offset).into()]);
    sessions(conn, &format!("{ou} ORDER BY debut DESC, id LIMIT ${} OFFSET ${}", n + 1, n + 2), values).await
}

/// How many people stand where in these sessions, by the key of the state.
pub(super) async fn nombres(
    conn: &impl ConnectionTrait,
    sessions: &[Session],
) -> Result<HashMap<(Uuid, &'static str), i64>, DbErr> {
    let mut out = HashMap::new();
    for lot in sessions.chunks(500) {
        let sql = format!(
            "SELECT session_id, etat, COUNT(*) FROM formations_inscription WHERE session_id IN ({}) \
             GROUP BY session_id, etat",
            kit::places(1, lot.len())
        );
        for row in kit::query(conn, &sql, lot.iter().map(|s| Value::from(s.id.0))).await? {
            let etat: String = row.try_get_by_index(1)?;
            if let Some(etat) = EtatInscription::from_cle(&etat) {
                out.insert((row.try_get_by_index(0)?, etat.cle()), row.try_get_by_index(2)?);
            }
        }
    }
    Ok(out)
}

/// Sessions shown to référents that begin after that day, soonest first.
pub(super) async fn a_venir(conn: &impl ConnectionTrait, jour: NaiveDate) -> Result<Vec<Session>, DbErr> {
    let suite = "publiee AND NOT intra AND annulee IS NULL AND debut > $1 ORDER BY debut, id LIMIT 300";
    sessions(conn, suite, vec![jour.into()]).await
}

/// Writes a session, new or held by the caller; its seats are counted here and nowhere else.
pub(super) async fn enregistrer(tx: &Tx, s: &Session) -> Result<(), DbErr> {
    let f = &s.fiche;
    let values: Vec<Value> = vec![
        s.id.0.into(),
        s.organisme.0.into(),
        f.intitule.clone().into(),
        f.debut.into(),
        f.fin.into(),
        i64::from(f.heures).into(),
        f.demi_journees.clone().into(),
        f.lieu.clone().into(),
        f.departement.as_ref().map(|d| d.as_str().to_owned()).into(),
        i64::from(f.places).into(),
        i64::from(s.prises).into(),
        f.publiee.into(),
        f.intra.into(),
        f.conseillers_numeriques.into(),
        s.annulee.clone().into(),
        s.version.into(),
    ];
    let sql = format!(
        "INSERT INTO formations_session ({SESSION}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, \
         $15, $16 + 1) ON CONFLICT (id) DO UPDATE SET intitule = excluded.intitule, debut = excluded.debut, \
         fin = excluded.fin, heures = excluded.heures, demi_journees = excluded.demi_journees, lieu = excluded.lieu, \
         departement = excluded.departement, places = excluded.places, prises = excluded.prises, \
         publiee = excluded.publiee, intra = excluded.intra, conseillers_numeriques = excluded.conseillers_numeriques, \
         annulee = excluded.annulee, version = excluded.version WHERE formations_session.version = excluded.version - 1"
    );
    match kit::execute(tx, &sql, values).await?.rows_affected() {
        0 => Err(DbErr::RecordNotUpdated),
        _ => Ok(()),
    }
}

#[derive(FromQueryResult)]
struct InscriptionRow {
    id: Uuid,
    session_id: Uuid,
    aidant_id: Uuid,
    etat: String,
    finance_cn: bool,
    demandee_le: DateTime<Utc>,
}

impl InscriptionRow {
    fn inscription(self) -> Result<Inscription, DbErr> {
        let etat = EtatInscription::from_cle(&self.etat);
        Ok(Inscription {
            id: InscriptionId(self.id),
            session: SessionFormationId(self.session_id),
            aidant: AidantId(self.aidant_id),
            etat: etat.ok_or_else(|| DbErr::Type(format!("formations_inscription {}", self.id)))?,
            finance_cn: self.finance_cn,
            demandee_le: self.demandee_le,
        })
    }
}

async fn inscriptions(
    conn: &impl ConnectionTrait,
    suite: &str,
    value: Value,
) -> Result<Vec<Inscription>, DbErr> {
    let sql = format!(
        "SELECT id, session_id, aidant_id, etat, finance_cn, demandee_le FROM formations_inscription WHERE {suite} \
         ORDER BY demandee_le, id"
    );
    let rows: Vec<InscriptionRow> = kit::query_as(conn, &sql, [value]).await?;
    rows.into_iter().map(InscriptionRow::inscription).collect()
}

/// Everybody of a session, by the order of the requests.
pub(super) async fn de_session(
    conn: &impl ConnectionTrait,
    id: SessionFormationId,
) -> Result<Vec<Inscription>, DbErr> {
    inscriptions(conn, "session_id = $1", id.0.into()).await
}

/// Everything that somebody was inscribed in.
pub(super) async fn de_aidant(conn: &impl ConnectionTrait, id: AidantId) -> Result<Vec<Inscription>, DbErr> {
    inscriptions(conn, "aidant_id = $1", id.0.into()).await
}

pub(super) async fn inscription(
    conn: &impl ConnectionTrait,
    id: InscriptionId,
) -> Result<Option<Inscription>, DbErr> {
    Ok(inscriptions(conn, "id = $1", id.0.into()).await?.pop())
}

/// Writes an inscription; the caller holds its session.
pub(super) async fn inscrire(tx: &Tx, i: &Inscription) -> Result<(), DbErr> {
    let values: Vec<Value> = vec![
        i.id.0.into(),
        i.session.0.into(),
        i.aidant.0.into(),
        i.etat.cle().into(),
        i.finance_cn.into(),
        i.demandee_le.into(),
    ];
    let sql = "INSERT INTO formations_inscription (id, session_id, aidant_id, etat, finance_cn, demandee_le) \
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO UPDATE SET session_id = excluded.session_id, etat = excluded.etat";
    kit::execute(tx, sql, values).await.map(drop)
}

/// How many people of an organisation may be trained and are registered nowhere; peers train without a session.
///
/// # Errors
/// The database.
pub(crate) async fn a_inscrire(conn: &impl ConnectionTrait, structure: StructureId) -> Result<usize, DbErr> {
    let sql = "SELECT COUNT(*) FROM aidant a JOIN aidant_appartenance p ON p.aidant_id = a.id AND p.fin IS NULL \
               LEFT JOIN aidant_parcours c ON c.aidant_id = a.id WHERE COALESCE(c.voie, 'classique') = 'classique' AND p.structure_id = $1 \
               AND a.etat = 'eligible' AND NOT EXISTS (SELECT 1 FROM formations_inscription i WHERE i.aidant_id = a.id \
               AND i.etat IN ('en_attente', 'inscrite'))";
    Ok(usize::try_from(kit::count(conn, sql, [structure.0.into()]).await?).unwrap_or(0))
}
