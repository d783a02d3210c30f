//! Rows of contracts.

pub mod liste;

use annuaire::structures::Conditions;
use chrono::{DateTime, NaiveDate, Utc};
use kernel::ids::StructureId;
use kernel::{CodeDepartement, CodeRegion, Perimetre};
use platform::db::kit;
use platform::{Site, Tx};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Value};
use uuid::Uuid;

use super::model::{Contrat, Etat, Genre, Montant, MotifRupture, Phase, Prolongation, Rupture, Termes};
use crate::ids::{CandidatId, ContratId, PosteId};
use crate::postes::Place;

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    candidat_id: Uuid,
    poste_id: Uuid,
    structure_id: Uuid,
    departement: String,
    region: String,
    genre: String,
    debut: NaiveDate,
    fin: Option<NaiveDate>,
    salaire_cents: i64,
    phase: i64,
    suite_de: Option<Uuid>,
    etat: String,
    motif: Option<String>,
    rupture_le: Option<NaiveDate>,
    dossier_incomplet: bool,
    prolongation_fin: Option<NaiveDate>,
    prolongation_salaire_cents: Option<i64>,
    prolongation_demandee_le: Option<DateTime<Utc>>,
    saisi_le: DateTime<Utc>,
    etat_le: DateTime<Utc>,
    version: i64,
}

const COLONNES: &str = "c.id, c.candidat_id, c.poste_id, c.structure_id, c.departement, c.region, c.genre, c.debut, c.fin, \
     c.salaire_cents, c.phase, c.suite_de, c.etat, c.motif, c.rupture_le, c.dossier_incomplet, c.prolongation_fin, \
     c.prolongation_salaire_cents, c.prolongation_demandee_le, c.saisi_le, c.etat_le, c.version";

fn abime(id: Uuid, colonne: &str) -> DbErr {
    DbErr::Custom(format!("contrat {id}: column {colonne} holds what no rule writes"))
}

impl Row {
    fn contrat(self) -> Result<Contrat, DbErr> {
        let bad = |colonne| move || abime(self.id, colonne);
        let rupture = match (self.rupture_le, self.motif.as_deref().and_then(MotifRupture::from_cle)) {
            (Some(le), Some(motif)) => Some(Rupture { le, motif, dossier_incomplet: self.dossier_incomplet }),
            _ => None,
        };
        let etat = match (self.etat.as_str(), rupture) {
            ("saisi", _) => Etat::Saisi,
            ("refuse", _) => Etat::Refuse { motif: self.motif.ok_or_else(bad("motif"))? },
            ("retire", _) => Etat::Retire,
            ("valide", _) => Etat::Valide,
            ("rupture_notifiee", Some(r)) => Etat::RuptureNotifiee(r),
            ("rompu", Some(r)) => Etat::Rompu(r),
            _ => return Err(abime(self.id, "etat")),
        };
        let prolongation =
            match (self.prolongation_fin, self.prolongation_salaire_cents, self.prolongation_demandee_le) {
                (Some(fin), Some(cents), Some(demandee_le)) => {
                    Some(Prolongation { fin, salaire: Montant(cents), demandee_le })
                }
                _ => None,
            };
        Ok(Contrat {
            id: ContratId(self.id),
            candidat: CandidatId(self.candidat_id),
            poste: PosteId(self.poste_id),
            place: Place {
                structure: StructureId(self.structure_id),
                departement: CodeDepartement::parse(&self.departement).ok_or_else(bad("departement"))?,
                region: CodeRegion::parse(&self.region).ok_or_else(bad("region"))?,
            },
            termes: Termes {
                genre: Genre::from_cle(&self.genre).ok_or_else(bad("genre"))?,
                debut: self.debut,
                fin: self.fin,
                salaire: Montant(self.salaire_cents),
                phase: Phase::from_numero(self.phase).ok_or_else(bad("phase"))?,
            },
            suite_de: self.suite_de.map(ContratId),
            etat,
            prolongation,
            saisi_le: self.saisi_le,
            etat_le: self.etat_le,
            version: self.version,
        })
    }
}

async fn lire(conn: &impl ConnectionTrait, suite: &str, c: &Conditions) -> Result<Vec<Contrat>, DbErr> {
    let sql = format!("SELECT {COLONNES} FROM contrat c{}{suite}", c.clause());
    let rows: Vec<Row> = kit::query_as(conn, &sql, c.values().to_vec()).await?;
    rows.into_iter().map(Row::contrat).collect()
}

/// That contract.
///
/// # Errors
/// The database.
pub async fn get(conn: &impl ConnectionTrait, id: ContratId) -> Result<Option<Contrat>, DbErr> {
    let mut c = Conditions::default();
    let place = c.place(id.0);
    c.et(format!("c.id = {place}"));
    Ok(lire(conn, "", &c).await?.pop())
}

async fn par(conn: &impl ConnectionTrait, colonne: &str, id: Uuid) -> Result<Vec<Contrat>, DbErr> {
    let mut c = Conditions::default();
    let place = c.place(id);
    c.et(format!("c.{colonne} = {place}"));
    lire(conn, " ORDER BY c.debut, c.saisi_le, c.id", &c).await
}

/// Every contract of a person, oldest first.
///
/// # Errors
/// The database.
pub async fn de_candidat(conn: &impl ConnectionTrait, candidat: CandidatId) -> Result<Vec<Contrat>, DbErr> {
    par(conn, "candidat_id", candidat.0).await
}

/// Every contract of a post, oldest first.
///
/// # Errors
/// The database.
pub async fn de_poste(conn: &impl ConnectionTrait, poste: PosteId) -> Result<Vec<Contrat>, DbErr> {
    par(conn, "poste_id", poste.0).await
}

/// What renews that contract, refused and taken back included.
///
/// # Errors
/// The database.
pub async fn suites(conn: &impl ConnectionTrait, id: ContratId) -> Result<Vec<Contrat>, DbErr> {
    par(conn, "suite_de", id.0).await
}

/// Every contract of these structures, latest beginning first; at most 1 000.
///
/// # Errors
/// The database.
pub async fn de_structures(
    conn: &impl ConnectionTrait,
    structures: &[StructureId],
) -> Result<Vec<Contrat>, DbErr> {
    let mut c = Conditions::default();
    let liste = c.liste(structures.iter().map(|s| s.0));
    c.et(format!("c.structure_id IN ({liste})"));
    lire(conn, " ORDER BY c.debut DESC, c.id LIMIT 1000", &c).await
}

/// Holds every contract of that person until the end of the transaction: two decisions about one person follow one another.
///
/// # Errors
/// The database.
pub async fn tenir_personne(tx: &Tx, candidat: CandidatId) -> Result<(), DbErr> {
    // SQLite has one writer at a time, and this transaction is it.
    if tx.get_database_backend() == DbBackend::Postgres {
        let sql = "SELECT id FROM contrat WHERE candidat_id = $1 ORDER BY id FOR UPDATE";
        kit::query(tx, sql, [candidat.0.into()]).await?;
    }
    Ok(())
}

/// Gives every contract of a person to another, in the transaction that makes one file of theirs; which ones. Each is a new
/// version: who read it before reads it again.
///
/// # Errors
/// The database.
pub(crate) async fn passer(tx: &Tx, de: CandidatId, a: CandidatId) -> Result<Vec<Uuid>, DbErr> {
    #[derive(FromQueryResult)]
    struct Passe {
        id: Uuid,
    }
    let sql =
        "UPDATE contrat SET candidat_id = $2, version = version + 1 WHERE candidat_id = $1 RETURNING id";
    let rows: Vec<Passe> = kit::query_as(tx, sql, [de.0.into(), a.0.into()]).await?;
    Ok(rows.into_iter().map(|r| r.id).collect())
}

/// Gives these contracts to a person.
///
/// # Errors
/// The database.
pub(crate) async fn rendre(tx: &Tx, contrats: &[Uuid], a: CandidatId) -> Result<(), DbErr> {
    let mut c = Conditions::default();
    let qui = c.place(a.0);
    let liste = c.liste(contrats.iter().copied());
    let sql = format!("UPDATE contrat SET candidat_id = {qui}, version = version + 1 WHERE id IN ({liste})");
    kit::execute(tx, &sql, c.values().to_vec()).await.map(|_| ())
}

/// The posts of these structures for which a first contract waits for its validation.
///
/// # Errors
/// The database.
pub async fn attendus(
    conn: &impl ConnectionTrait,
    structures: &[StructureId],
) -> Result<std::collections::HashSet<PosteId>, DbErr> {
    #[derive(FromQueryResult)]
    struct Attendu {
        poste_id: Uuid,
    }
    let mut c = Conditions::default();
    let liste = c.liste(structures.iter().map(|s| s.0));
    let sql = format!(
        "SELECT DISTINCT poste_id FROM contrat WHERE etat = 'saisi' AND suite_de IS NULL AND structure_id IN ({liste})"
    );
    let rows: Vec<Attendu> = kit::query_as(conn, &sql, c.values().to_vec()).await?;
    Ok(rows.into_iter().map(|r| PosteId(r.poste_id)).collect())
}

/// Writes a new contract, in whatever state it begins.
///
/// # Errors
/// The database.
pub async fn inserer(tx: &Tx, c: &Contrat) -> Result<(), DbErr> {
    inserer_tous(tx, std::slice::from_ref(c)).await
}

/// Writes new contracts.
///
/// # Errors
/// The database.
pub async fn inserer_tous(tx: &Tx, contrats: &[Contrat]) -> Result<(), DbErr> {
    let row = |c: &Contrat| -> Vec<Value> {
        let rupture = c.etat.rupture();
        vec![
            c.id.0.into(),
            c.candidat.0.into(),
            c.poste.0.into(),
            c.place.structure.0.into(),
            c.place.departement.to_string().into(),
            c.place.region.to_string().into(),
            c.termes.genre.cle().into(),
            c.termes.debut.into(),
            c.termes.fin.into(),
            c.termes.salaire.0.into(),
            c.termes.phase.numero().into(),
            c.suite_de.map(|s| s.0).into(),
            c.etat.cle().into(),
            motif(c).into(),
            rupture.map(|r| r.le).into(),
            rupture.is_some_and(|r| r.dossier_incomplet).into(),
            c.saisi_le.into(),
            c.etat_le.into(),
            0_i64.into(),
        ]
    };
    let into = "contrat (id, candidat_id, poste_id, structure_id, departement, region, genre, debut, fin, salaire_cents, \
                phase, suite_de, etat, motif, rupture_le, dossier_incomplet, saisi_le, etat_le, version)";
    kit::insert_many(tx, into, contrats.iter().map(row).collect(), "").await.map(|_| ())
}

/// Why a contract was refused or broken.
fn motif(c: &Contrat) -> Option<String> {
    match &c.etat {
        Etat::Refuse { motif } => Some(motif.clone()),
        etat => etat.rupture().map(|r| r.motif.cle().to_owned()),
    }
}

/// Writes what became of a contract, if it is still the version that was read: says whether it was.
///
/// # Errors
/// The database.
pub async fn enregistrer(tx: &Tx, c: &Contrat) -> Result<bool, DbErr> {
    let rupture = c.etat.rupture();
    let done = kit::execute(
        tx,
        "UPDATE contrat SET fin = $2, salaire_cents = $3, etat = $4, motif = $5, rupture_le = $6, dossier_incomplet = $7, \
         prolongation_fin = $8, prolongation_salaire_cents = $9, prolongation_demandee_le = $10, etat_le = $11, \
         version = version + 1 WHERE id = $1 AND version = $12",
        [
            c.id.0.into(),
            c.termes.fin.into(),
            c.termes.salaire.0.into(),
            c.etat.cle().into(),
            motif(c).into(),
            rupture.map(|r| r.le).into(),
            rupture.is_some_and(|r| r.dossier_incomplet).into(),
            c.prolongation.map(|p| p.fin).into(),
            c.prolongation.map(|p| p.salaire.0).into(),
            c.prolongation.map(|p| p.demandee_le).into(),
            c.etat_le.into(),
            c.version.into(),
        ],
    )
    .await?;
    Ok(done.rows_affected() == 1)
}

/// What waits for the administration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Attente {
    /// A first contract.
    Recrutement,
    /// A contract that follows another.
    Renouvellement,
    /// A later end.
    Prolongation,
    /// A break.
    Rupture,
}

impl Attente {
    /// Every kind, in the order of the tabs.
    pub const TOUTES: [Self; 4] =
        [Self::Recrutement, Self::Renouvellement, Self::Prolongation, Self::Rupture];

    /// Its key in addresses.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Recrutement => "recrutement",
            Self::Renouvellement => "renouvellement",
            Self::Prolongation => "prolongation",
            Self::Rupture => "rupture",
        }
    }

    /// Its name on the screen.
    pub fn nom(self) -> &'static str {
        match self {
            Self::Recrutement => "Recrutements",
            Self::Renouvellement => "Renouvellements",
            Self::Prolongation => "Prolongations",
            Self::Rupture => "Ruptures",
        }
    }

    /// The kind of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUTES.into_iter().find(|a| a.cle() == cle)
    }

    fn condition(self) -> &'static str {
        match self {
            Self::Recrutement => "c.etat = 'saisi' AND c.suite_de IS NULL",
            Self::Renouvellement => "c.etat = 'saisi' AND c.suite_de IS NOT NULL",
            Self::Prolongation => "c.prolongation_fin IS NOT NULL",
            Self::Rupture => "c.etat = 'rupture_notifiee'",
        }
    }

    /// Since when it waits.
    fn depuis(self) -> &'static str {
        match self {
            Self::Prolongation => "c.prolongation_demandee_le",
            Self::Recrutement | Self::Renouvellement | Self::Rupture => "c.etat_le",
        }
    }
}

/// How many wait, of each kind, within a scope.
///
/// # Errors
/// The database.
pub async fn compter_file(
    conn: &impl ConnectionTrait,
    perimetre: &Perimetre,
) -> Result<Vec<(Attente, usize)>, DbErr> {
    let mut out = Vec::new();
    for attente in Attente::TOUTES {
        let mut c = Conditions::default();
        c.et(attente.condition());
        c.dans(perimetre, "c", "structure_id");
        let sql = format!("SELECT COUNT(*) FROM contrat c{}", c.clause());
        let n = kit::count(conn, &sql, c.values().to_vec()).await?;
        out.push((attente, usize::try_from(n).unwrap_or_default()));
    }
    Ok(out)
}

/// A page of what waits, longest first.
///
/// # Errors
/// The database.
pub async fn file(
    conn: &impl ConnectionTrait,
    perimetre: &Perimetre,
    attente: Attente,
    (offset, limit): (usize, usize),
) -> Result<Vec<Contrat>, DbErr> {
    let mut c = Conditions::default();
    c.et(attente.condition());
    c.dans(perimetre, "c", "structure_id");
    let (limit, offset) =
        (i64::try_from(limit).unwrap_or(i64::MAX), i64::try_from(offset).unwrap_or(i64::MAX));
    let (limit, offset) = (c.place(limit), c.place(offset));
    let suite = format!(" ORDER BY {}, c.id LIMIT {limit} OFFSET {offset}", attente.depuis());
    lire(conn, &suite, &c).await
}

/// Accepted contracts whose last day lies between these days, and that nothing prolongs or renews, by last day.
///
/// # Errors
/// The database.
pub async fn finissent(
    conn: &impl ConnectionTrait,
    (du, au): (NaiveDate, NaiveDate),
) -> Result<Vec<Contrat>, DbErr> {
    let mut c = Conditions::default();
    let (du, au) = (c.place(du), c.place(au));
    c.et(format!("c.etat = 'valide' AND c.fin >= {du} AND c.fin <= {au} AND c.prolongation_fin IS NULL"));
    c.et(
        "NOT EXISTS (SELECT 1 FROM contrat s WHERE s.suite_de = c.id AND s.etat NOT IN ('refuse', 'retire'))",
    );
    lire(conn, " ORDER BY c.fin, c.id", &c).await
}

/// Accepted contracts that are over, that nothing renews or may still prolong, and whose end was not told: over since that
/// instant, or since a renewal or a later end that was asked in time was refused.
///
/// # Errors
/// The database.
pub async fn finis(
    conn: &impl ConnectionTrait,
    depuis: DateTime<Utc>,
    hier: NaiveDate,
) -> Result<Vec<Contrat>, DbErr> {
    let mut c = Conditions::default();
    let hier = c.place(hier);
    c.et(format!("c.etat = 'valide' AND c.fin <= {hier} AND c.prolongation_fin IS NULL"));
    let (jour, instant) = (c.place(kernel::calendrier::jour(&depuis)), c.place(depuis));
    c.et(format!(
        "(c.fin >= {jour} OR c.etat_le >= {instant} OR EXISTS (SELECT 1 FROM contrat s WHERE s.suite_de = c.id \
         AND s.etat IN ('refuse', 'retire') AND s.etat_le >= {instant}))"
    ));
    c.et(
        "NOT EXISTS (SELECT 1 FROM contrat s WHERE s.suite_de = c.id AND s.etat NOT IN ('refuse', 'retire'))",
    );
    c.et("NOT EXISTS (SELECT 1 FROM conseillers_alerte a WHERE a.sujet_id = c.id AND a.alerte = 'terme' AND a.echeance = c.fin)");
    lire(conn, " ORDER BY c.fin, c.id", &c).await
}

/// Notes that an alert is sent; says whether it was not already.
///
/// # Errors
/// The database.
pub async fn noter_alerte(
    site: &Site,
    tx: &Tx,
    sujet: Uuid,
    alerte: &str,
    echeance: NaiveDate,
) -> Result<bool, DbErr> {
    let done = kit::execute(
        tx,
        "INSERT INTO conseillers_alerte (sujet_id, alerte, echeance, envoyee_le) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        [sujet.into(), alerte.into(), echeance.into(), site.clock.now().into()],
    )
    .await?;
    Ok(done.rows_affected() == 1)
}
