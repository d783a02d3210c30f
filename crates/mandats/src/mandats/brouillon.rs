//! Drafts of mandats: what was chosen, kept on the server, so that nothing is lost with a connection, a proof to give
//! again, or a person who takes their time. Only the aidant who began it, in the same organisation, sees it.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::ids::{CompteId, StructureId};
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ids::{MandatId, UsagerId};

/// How long a draft is kept after it was last touched.
pub(super) const GARDE: TimeDelta = TimeDelta::days(1);

/// What was chosen so far.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Choix {
    /// Keys of démarches.
    pub demarches: Vec<String>,
    /// Days.
    pub duree: Option<u16>,
    /// E-mail of the person, as typed and read.
    pub courriel: Option<String>,
    /// Telephone of the person.
    pub telephone: Option<String>,
    /// How the person is asked, when they are not there.
    #[serde(default)]
    pub voie: Option<String>,
    /// Whether the aidant ticked that the person was told and that the paper is kept.
    #[serde(default)]
    pub atteste: bool,
}

/// A draft.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Brouillon {
    /// Its identifier: also the key of idempotency of the mandat that it becomes.
    pub id: Uuid,
    /// Who began it.
    pub compte: CompteId,
    /// In whose name.
    pub structure: StructureId,
    /// What was chosen.
    pub choix: Choix,
    /// For whom, once they are known.
    pub usager: Option<UsagerId>,
    /// When FranceConnect said who they are.
    pub identifie_le: Option<DateTime<Utc>>,
    /// The mandat that it renews.
    pub renouvelle: Option<MandatId>,
    /// What it became.
    pub mandat: Option<MandatId>,
    /// When it was last touched.
    pub modifie_le: DateTime<Utc>,
    /// Grows by one at each change.
    pub version: i64,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    compte_id: Uuid,
    structure_id: Uuid,
    contenu: String,
    usager_id: Option<Uuid>,
    identifie_le: Option<DateTime<Utc>>,
    renouvelle_id: Option<Uuid>,
    mandat_id: Option<Uuid>,
    modifie_le: DateTime<Utc>,
    version: i64,
}

impl From<Row> for Brouillon {
    fn from(r: Row) -> Self {
        Self {
            id: r.id,
            compte: CompteId(r.compte_id),
            structure: StructureId(r.structure_id),
            // A draft of another version of the program is begun again.
            choix: serde_json::from_str(&r.contenu).unwrap_or_default(),
            usager: r.usager_id.map(UsagerId),
            identifie_le: r.identifie_le,
            renouvelle: r.renouvelle_id.map(MandatId),
            mandat: r.mandat_id.map(MandatId),
            modifie_le: r.modifie_le,
            version: r.version,
        }
    }
}

const COLONNES: &str = "id, compte_id, structure_id, contenu, usager_id, identifie_le, renouvelle_id, mandat_id, modifie_le, version";

/// The draft of that identifier, if it is theirs.
///
/// # Errors
/// The database.
pub(super) async fn lire(
    conn: &impl ConnectionTrait,
    id: Uuid,
    (compte, structure): (CompteId, StructureId),
) -> Result<Option<Brouillon>, DbErr> {
    let sql = format!(
        "SELECT {COLONNES} FROM mandat_brouillon WHERE id = $1 AND compte_id = $2 AND structure_id = $3"
    );
    let row: Option<Row> =
        kit::query_one_as(conn, &sql, [id.into(), compte.0.into(), structure.0.into()]).await?;
    Ok(row.map(Brouillon::from))
}

/// The draft of that identifier, for the person that it waits for or waited for: whose it is was checked when they were
/// written to.
///
/// # Errors
/// The database.
pub(super) async fn attendu(conn: &impl ConnectionTrait, id: Uuid) -> Result<Option<Brouillon>, DbErr> {
    let sql = format!("SELECT {COLONNES} FROM mandat_brouillon WHERE id = $1");
    let row: Option<Row> = kit::query_one_as(conn, &sql, [id.into()]).await?;
    Ok(row.map(Brouillon::from))
}

/// Drafts that wait for their aidant, the last touched first.
///
/// # Errors
/// The database.
pub(super) async fn en_attente(
    conn: &impl ConnectionTrait,
    compte: CompteId,
    structure: StructureId,
) -> Result<Vec<Brouillon>, DbErr> {
    let sql = format!(
        "SELECT {COLONNES} FROM mandat_brouillon WHERE compte_id = $1 AND structure_id = $2 AND mandat_id IS NULL \
         ORDER BY modifie_le DESC, id LIMIT 20"
    );
    let rows: Vec<Row> = kit::query_as(conn, &sql, [compte.0.into(), structure.0.into()]).await?;
    Ok(rows.into_iter().map(Brouillon::from).collect())
}

/// Writes a draft: a new one, or the next version of a known one.
///
/// # Errors
/// The database; [`DbErr::RecordNotUpdated`] when another tab changed it meanwhile.
pub(super) async fn enregistrer(tx: &Tx, b: &Brouillon) -> Result<(), DbErr> {
    let contenu = serde_json::to_string(&b.choix).map_err(|e| DbErr::Custom(e.to_string()))?;
    let sql = format!(
        "INSERT INTO mandat_brouillon ({COLONNES}, cree_le) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10 + 1, $9) \
         ON CONFLICT (id) DO UPDATE SET contenu = excluded.contenu, usager_id = excluded.usager_id, \
         identifie_le = excluded.identifie_le, renouvelle_id = excluded.renouvelle_id, mandat_id = excluded.mandat_id, \
         modifie_le = excluded.modifie_le, version = excluded.version \
         WHERE mandat_brouillon.version = excluded.version - 1"
    );
    let values = [
        b.id.into(),
        b.compte.0.into(),
        b.structure.0.into(),
        contenu.into(),
        b.usager.map(|u| u.0).into(),
        b.identifie_le.into(),
        b.renouvelle.map(|m| m.0).into(),
        b.mandat.map(|m| m.0).into(),
        b.modifie_le.into(),
        b.version.into(),
    ];
    match kit::execute(tx, &sql, values).await?.rows_affected() {
        0 => Err(DbErr::RecordNotUpdated),
        _ => Ok(()),
    }
}

/// Throws a draft away; `false` when it became a mandat.
///
/// # Errors
/// The database.
pub(super) async fn oublier(tx: &Tx, id: Uuid) -> Result<bool, DbErr> {
    let sql = "DELETE FROM mandat_brouillon WHERE id = $1 AND mandat_id IS NULL";
    Ok(kit::execute(tx, sql, [id.into()]).await?.rows_affected() > 0)
}

/// Forgets drafts that nobody touched for [`GARDE`], but for those whose person is asked from afar, or agreed; says how
/// many.
///
/// # Errors
/// The database.
pub(super) async fn oublier_perimes(tx: &Tx, now: DateTime<Utc>) -> Result<u64, DbErr> {
    let sql = "DELETE FROM mandat_brouillon WHERE modifie_le < $1 AND (mandat_id IS NOT NULL OR NOT EXISTS (SELECT 1 \
               FROM consentement c WHERE c.brouillon_id = mandat_brouillon.id \
               AND (c.etat = 'offre_envoyee' OR c.etat = 'acceptation_demandee' OR c.etat = 'attente_temoin' OR c.etat = 'acceptee')))";
    Ok(kit::execute(tx, sql, [(now - GARDE).into()]).await?.rows_affected())
}
