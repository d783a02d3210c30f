//! Rows of relations.

use annuaire::structures::Conditions;
use chrono::{DateTime, NaiveDate, Utc};
use kernel::ids::StructureId;
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult};
use uuid::Uuid;

use super::model::{Etat, Origine, Relation, Resultat};
use crate::ids::{CandidatId, RelationId};

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    candidat_id: Uuid,
    structure_id: Uuid,
    origine: String,
    etat: String,
    avant: Option<String>,
    motif: Option<String>,
    note: String,
    entretien: String,
    resultat: Option<String>,
    proposee_le: DateTime<Utc>,
    repondre_avant: NaiveDate,
    repondue_le: Option<DateTime<Utc>>,
    version: i64,
}

const COLONNES: &str = "id, candidat_id, structure_id, origine, etat, avant, motif, note, entretien, resultat, proposee_le, \
     repondre_avant, repondue_le, version";

impl Row {
    fn relation(self) -> Result<Relation, DbErr> {
        let id = self.id;
        let bad = move |colonne: &str| {
            DbErr::Custom(format!("relation {id}: column {colonne} holds what no rule writes"))
        };
        Ok(Relation {
            id: RelationId(self.id),
            candidat: CandidatId(self.candidat_id),
            structure: StructureId(self.structure_id),
            origine: Origine::from_cle(&self.origine).ok_or_else(|| bad("origine"))?,
            etat: Etat::from_cle(&self.etat).ok_or_else(|| bad("etat"))?,
            avant: self.avant.as_deref().and_then(Etat::from_cle),
            motif: self.motif,
            note: self.note,
            entretien: serde_json::from_str(&self.entretien).map_err(|_| bad("entretien"))?,
            resultat: self.resultat.as_deref().and_then(Resultat::from_cle),
            proposee_le: self.proposee_le,
            repondre_avant: self.repondre_avant,
            repondue_le: self.repondue_le,
            version: self.version,
        })
    }
}

async fn lire(conn: &impl ConnectionTrait, c: &Conditions, suite: &str) -> Result<Vec<Relation>, DbErr> {
    let sql = format!("SELECT {COLONNES} FROM relation{}{suite}", c.clause());
    let rows: Vec<Row> = kit::query_as(conn, &sql, c.values().to_vec()).await?;
    rows.into_iter().map(Row::relation).collect()
}

/// That relation.
///
/// # Errors
/// The database.
pub async fn get(conn: &impl ConnectionTrait, id: RelationId) -> Result<Option<Relation>, DbErr> {
    let mut c = Conditions::default();
    let id = c.place(id.0);
    c.et(format!("id = {id}"));
    Ok(lire(conn, &c, "").await?.pop())
}

/// Every relation of a candidat, latest first.
///
/// # Errors
/// The database.
pub async fn de_candidat(conn: &impl ConnectionTrait, id: CandidatId) -> Result<Vec<Relation>, DbErr> {
    let mut c = Conditions::default();
    let id = c.place(id.0);
    c.et(format!("candidat_id = {id}"));
    lire(conn, &c, " ORDER BY proposee_le DESC, id").await
}

/// Every relation of a structure under any of its identities, latest first.
///
/// # Errors
/// The database.
pub async fn de_structure(conn: &impl ConnectionTrait, ids: &[StructureId]) -> Result<Vec<Relation>, DbErr> {
    let mut c = Conditions::default();
    let liste = c.liste(ids.iter().map(|s| s.0));
    c.et(format!("structure_id IN ({liste})"));
    lire(conn, &c, " ORDER BY proposee_le DESC, id LIMIT 2000").await
}

/// Questions whose time has passed.
///
/// # Errors
/// The database.
pub async fn echues(conn: &impl ConnectionTrait, jour: NaiveDate) -> Result<Vec<Relation>, DbErr> {
    let mut c = Conditions::default();
    let jour = c.place(jour);
    c.et(format!("etat = 'proposee' AND repondre_avant < {jour}"));
    lire(conn, &c, " ORDER BY repondre_avant, id LIMIT 5000").await
}

/// Every relation, for the fairness monitor: (candidat, when asked, when answered).
///
/// # Errors
/// The database.
pub async fn toutes(
    conn: &impl ConnectionTrait,
) -> Result<Vec<(CandidatId, DateTime<Utc>, Option<DateTime<Utc>>)>, DbErr> {
    #[derive(FromQueryResult)]
    struct Fait {
        candidat_id: Uuid,
        proposee_le: DateTime<Utc>,
        repondue_le: Option<DateTime<Utc>>,
    }
    let faits: Vec<Fait> =
        kit::query_as(conn, "SELECT candidat_id, proposee_le, repondue_le FROM relation", []).await?;
    Ok(faits.into_iter().map(|f| (CandidatId(f.candidat_id), f.proposee_le, f.repondue_le)).collect())
}

/// Holds these two until the end of the transaction, whoever else opens a contact with either: bounds are counted behind it.
/// Structures are taken before people, and both before any row, so that nobody waits in a ring.
///
/// # Errors
/// The database.
pub async fn tenir(tx: &Tx, structure: StructureId, candidat: CandidatId) -> Result<(), DbErr> {
    prendre(tx, structure.0).await?;
    tenir_personne(tx, candidat).await
}

/// Holds that person alone: whoever changes what contacts depend on, before any row is read.
///
/// # Errors
/// The database.
pub async fn tenir_personne(tx: &Tx, candidat: CandidatId) -> Result<(), DbErr> {
    prendre(tx, candidat.0).await
}

async fn prendre(tx: &Tx, id: Uuid) -> Result<(), DbErr> {
    // SQLite has one writer at a time, and this transaction is it.
    if tx.get_database_backend() == DbBackend::Postgres {
        let (haut, bas) = id.as_u64_pair();
        let cle = i64::from_be_bytes((haut ^ bas).to_be_bytes());
        kit::query(tx, "SELECT pg_advisory_xact_lock($1)", [cle.into()]).await?;
    }
    Ok(())
}

/// The relations of a candidat and of these structures, each held until the end of the transaction, in one order for all.
///
/// # Errors
/// The database.
pub async fn tenues(
    tx: &Tx,
    candidat: CandidatId,
    structures: &[StructureId],
) -> Result<Vec<Relation>, DbErr> {
    let mut c = Conditions::default();
    let mut clause = format!("candidat_id = {}", c.place(candidat.0));
    if !structures.is_empty() {
        let liste = c.liste(structures.iter().map(|s| s.0));
        clause = format!("({clause} OR structure_id IN ({liste}))");
    }
    c.et(clause);
    if tx.get_database_backend() == DbBackend::Postgres {
        let sql = format!("SELECT id FROM relation{} ORDER BY id FOR UPDATE", c.clause());
        kit::query(tx, &sql, c.values().to_vec()).await?;
    }
    lire(tx, &c, " ORDER BY id").await
}

/// Gives these relations to a person, in the transaction that makes one file of two of theirs, which holds them.
///
/// # Errors
/// The database.
pub(super) async fn passer(tx: &Tx, relations: &[Uuid], a: CandidatId) -> Result<(), DbErr> {
    let mut c = Conditions::default();
    let qui = c.place(a.0);
    let liste = c.liste(relations.iter().copied());
    let sql = format!("UPDATE relation SET candidat_id = {qui}, version = version + 1 WHERE id IN ({liste})");
    kit::execute(tx, &sql, c.values().to_vec()).await.map(|_| ())
}

/// Writes a relation, new or changed; says whether it was still the version that was read.
///
/// # Errors
/// The database.
pub async fn ecrire(tx: &Tx, r: &Relation) -> Result<bool, DbErr> {
    let entretien = serde_json::to_string(&r.entretien).map_err(|e| DbErr::Custom(e.to_string()))?;
    let sql = format!(
        "INSERT INTO relation ({COLONNES}) VALUES ({}) ON CONFLICT (id) DO UPDATE SET origine = excluded.origine, \
         etat = excluded.etat, avant = excluded.avant, motif = excluded.motif, note = excluded.note, \
         entretien = excluded.entretien, resultat = excluded.resultat, proposee_le = excluded.proposee_le, \
         repondre_avant = excluded.repondre_avant, repondue_le = excluded.repondue_le, version = relation.version + 1 \
         WHERE relation.version = excluded.version",
        kit::places(1, 14)
    );
    let done = kit::execute(
        tx,
        &sql,
        [
            r.id.0.into(),
            r.candidat.0.into(),
            r.structure.0.into(),
            r.origine.cle().into(),
            r.etat.cle().into(),
            r.avant.map(Etat::cle).into(),
            r.motif.clone().into(),
            r.note.clone().into(),
            entretien.into(),
            r.resultat.map(Resultat::cle).into(),
            r.proposee_le.into(),
            r.repondre_avant.into(),
            r.repondue_le.into(),
            r.version.into(),
        ],
    )
    .await?;
    Ok(done.rows_affected() == 1)
}

/// How many relations of a scope are in each state, by its key.
///
/// # Errors
/// The database.
pub(crate) async fn par_etat(
    conn: &impl ConnectionTrait,
    perimetre: &kernel::Perimetre,
) -> Result<Vec<(String, i64)>, DbErr> {
    #[derive(FromQueryResult)]
    struct Compte {
        etat: String,
        nombre: i64,
    }
    let mut c = Conditions::default();
    c.par_structure(perimetre, "structure_id");
    let sql = format!("SELECT etat, COUNT(*) AS nombre FROM relation{} GROUP BY etat", c.clause());
    let lus: Vec<Compte> = kit::query_as(conn, &sql, c.values().to_vec()).await?;
    Ok(lus.into_iter().map(|l| (l.etat, l.nombre)).collect())
}
