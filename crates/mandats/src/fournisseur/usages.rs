//! Uses of mandats: who acted for whom, for which démarche, at which service's request, when. The line is written when the
//! aidant chooses, before anything leaves; `lu_le` says that the identity did leave.

use askama::Template;
use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use kernel::Verb;
use kernel::ids::StructureId;
use platform::Tx;
use platform::db::kit;
use platform::web::{Access, PageResult, Pagination, Requete, Routes, Shell, page};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::choix::titre;
use super::clients;
use crate::ids::{AidantId, AppartenanceId, AutorisationId, MandatId, UsageId, UsagerId};
use crate::{Mandats, aidants};

/// One use.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Usage {
    /// Its identifier.
    pub id: UsageId,
    /// Under what.
    pub autorisation: AutorisationId,
    /// Of which mandat.
    pub mandat: MandatId,
    /// In the name of which organisation.
    pub structure: StructureId,
    /// For whom.
    pub usager: UsagerId,
    /// By whom.
    pub aidant: AidantId,
    /// As what.
    pub appartenance: AppartenanceId,
    /// For which démarche (its key).
    pub demarche: String,
    /// At the request of which client.
    pub client_id: String,
    /// Its name as of that day.
    pub client_nom: String,
    /// When the aidant chose.
    pub cree_le: DateTime<Utc>,
    /// When the identity left.
    pub lu_le: Option<DateTime<Utc>>,
    /// When it was ended.
    pub fini_le: Option<DateTime<Utc>>,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    autorisation_id: Uuid,
    mandat_id: Uuid,
    structure_id: Uuid,
    usager_id: Uuid,
    aidant_id: Uuid,
    appartenance_id: Uuid,
    demarche: String,
    client_id: String,
    client_nom: String,
    cree_le: DateTime<Utc>,
    lu_le: Option<DateTime<Utc>>,
    fini_le: Option<DateTime<Utc>>,
}

impl From<Row> for Usage {
    fn from(r: Row) -> Self {
        Self {
            id: UsageId(r.id),
            autorisation: AutorisationId(r.autorisation_id),
            mandat: MandatId(r.mandat_id),
            structure: StructureId(r.structure_id),
            usager: UsagerId(r.usager_id),
            aidant: AidantId(r.aidant_id),
            appartenance: AppartenanceId(r.appartenance_id),
            demarche: r.demarche,
            client_id: r.client_id,
            client_nom: r.client_nom,
            cree_le: r.cree_le,
            lu_le: r.lu_le,
            fini_le: r.fini_le,
        }
    }
}

const COLONNES: &str = "id, autorisation_id, mandat_id, structure_id, usager_id, aidant_id, appartenance_id, demarche, \
                        client_id, client_nom, cree_le, lu_le, fini_le";

/// Writes a use that begins.
pub(super) async fn commencer(tx: &Tx, u: &Usage) -> Result<(), DbErr> {
    let sql = format!("INSERT INTO mandat_usage ({COLONNES}) VALUES ({})", kit::places(1, 13));
    let values: [sea_orm::Value; 13] = [
        u.id.0.into(),
        u.autorisation.0.into(),
        u.mandat.0.into(),
        u.structure.0.into(),
        u.usager.0.into(),
        u.aidant.0.into(),
        u.appartenance.0.into(),
        u.demarche.clone().into(),
        u.client_id.clone().into(),
        u.client_nom.clone().into(),
        u.cree_le.into(),
        u.lu_le.into(),
        u.fini_le.into(),
    ];
    kit::execute(tx, &sql, values).await.map(drop)
}

/// The identity leaves.
pub(super) async fn lu(tx: &Tx, usage: Uuid, now: DateTime<Utc>) -> Result<(), DbErr> {
    let sql = "UPDATE mandat_usage SET lu_le = $2 WHERE id = $1 AND lu_le IS NULL";
    kit::execute(tx, sql, [usage.into(), now.into()]).await.map(drop)
}

/// The uses of what a person allowed, the last first: theirs to read.
///
/// # Errors
/// The database.
pub async fn de_la_personne(
    conn: &impl ConnectionTrait,
    usager: UsagerId,
    (offset, limit): (usize, usize),
) -> Result<Vec<Usage>, DbErr> {
    let sql = format!(
        "SELECT {COLONNES} FROM mandat_usage WHERE usager_id = $1 ORDER BY cree_le DESC, id DESC LIMIT $2 OFFSET $3"
    );
    lignes(conn, &sql, [usager.0.into(), nombre(limit), nombre(offset)]).await
}

/// A use, as the person reads it in their own space.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Utilise {
    /// When the aidant chose.
    pub quand: DateTime<Utc>,
    /// Of which mandat.
    pub mandat: MandatId,
    /// In the name of which organisation.
    pub structure: StructureId,
    /// For which démarche (its key).
    pub demarche: String,
    /// At whose request, by its name of that day.
    pub service: String,
}

/// The uses of what a person allowed, the last first, `limite` at most.
///
/// # Errors
/// The database.
pub async fn usages_de(
    conn: &impl ConnectionTrait,
    usager: UsagerId,
    limite: usize,
) -> Result<Vec<Utilise>, DbErr> {
    let lues = de_la_personne(conn, usager, (0, limite)).await?;
    let utilise = |u: Usage| Utilise {
        quand: u.cree_le,
        mandat: u.mandat,
        structure: u.structure,
        demarche: u.demarche,
        service: u.client_nom,
    };
    Ok(lues.into_iter().map(utilise).collect())
}

/// The uses of a mandat, the last first.
///
/// # Errors
/// The database.
pub async fn du_mandat(
    conn: &impl ConnectionTrait,
    usager: UsagerId,
    mandat: MandatId,
) -> Result<Vec<Usage>, DbErr> {
    let sql = format!(
        "SELECT {COLONNES} FROM mandat_usage WHERE usager_id = $1 AND mandat_id = $2 ORDER BY cree_le DESC, id DESC"
    );
    lignes(conn, &sql, [usager.0.into(), mandat.0.into()]).await
}

/// That use.
///
/// # Errors
/// The database.
pub async fn lire(conn: &impl ConnectionTrait, id: UsageId) -> Result<Option<Usage>, DbErr> {
    let sql = format!("SELECT {COLONNES} FROM mandat_usage WHERE id = $1");
    Ok(lignes(conn, &sql, [id.0.into()]).await?.pop())
}

fn nombre(n: usize) -> sea_orm::Value {
    i64::try_from(n).unwrap_or(i64::MAX).into()
}

async fn lignes(
    conn: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = sea_orm::Value>,
) -> Result<Vec<Usage>, DbErr> {
    let rows: Vec<Row> = kit::query_as(conn, sql, values).await?;
    Ok(rows.into_iter().map(Usage::from).collect())
}

/// Where an aidant reads their own uses.
pub(super) const MES_USAGES: &str = "/aidant/utilisations";
/// How far back the page goes.
const JOURS: i64 = 30;
const PAR_PAGE: usize = 20;

pub(super) fn routes(m: &Mandats) -> Routes<()> {
    Routes::new().get(MES_USAGES, Access::May(Verb::TenirMandats), mes_usages).with_state(m.clone())
}

/// A line of the page.
#[derive(FromQueryResult)]
struct Ligne {
    prenoms: String,
    nom: String,
    demarche: String,
    client_nom: String,
    client_id: String,
    cree_le: DateTime<Utc>,
    lu_le: Option<DateTime<Utc>>,
    fini_le: Option<DateTime<Utc>>,
}

impl Ligne {
    fn titre(&self) -> String {
        titre(&self.demarche)
    }

    fn etat(&self) -> &'static str {
        match (self.lu_le, self.fini_le) {
            (_, Some(_)) => "Terminée",
            (Some(_), None) => "Identité transmise",
            (None, None) => "Identité jamais demandée",
        }
    }

    fn quand(&self) -> String {
        kernel::calendrier::en_lettres_avec_heure(&self.cree_le)
    }
}

#[derive(Template)]
#[template(path = "fournisseur/usages.html")]
struct Page {
    shell: Shell,
    lignes: Vec<Ligne>,
    pagination: Pagination,
    /// Pages where the sessions of the services that were used are ended.
    fins: Vec<(String, String)>,
    jours: i64,
}

async fn mes_usages(State(m): State<Mandats>, shell: Shell, Requete(query): Requete) -> PageResult {
    let conn = m.site.db.read();
    let agissant = aidants::agissant(&m, conn, shell.actor()?, Verb::TenirMandats).await?;
    let depuis = m.site.clock.now() - TimeDelta::days(JOURS);
    let siens: [sea_orm::Value; 3] =
        [agissant.aidant.id.0.into(), agissant.organisation.structure.0.into(), depuis.into()];
    let ou = "g.aidant_id = $1 AND g.structure_id = $2 AND g.cree_le > $3";
    let sql = format!("SELECT COUNT(*) FROM mandat_usage g WHERE {ou}");
    let total = usize::try_from(kit::count(conn, &sql, siens.clone()).await?).unwrap_or(0);
    let numero = query.get("page").parse().unwrap_or(1);
    let pagination = Pagination::new(total, PAR_PAGE, numero, MES_USAGES, query.values());
    let sql = format!(
        "SELECT u.prenoms, u.nom, g.demarche, g.client_nom, g.client_id, g.cree_le, g.lu_le, g.fini_le \
         FROM mandat_usage g JOIN usager u ON u.id = g.usager_id WHERE {ou} \
         ORDER BY g.cree_le DESC, g.id DESC LIMIT $4 OFFSET $5"
    );
    let page_de = [nombre(PAR_PAGE), nombre(pagination.offset(PAR_PAGE))];
    let lignes: Vec<Ligne> = kit::query_as(conn, &sql, siens.into_iter().chain(page_de)).await?;
    let fins = clients::store::tous(&m.site, conn)
        .await?
        .into_iter()
        .filter(|c| lignes.iter().any(|l| l.client_id == c.client_id))
        .filter_map(|c| c.reglages.adresse_fin.map(|adresse| (c.nom, adresse)))
        .collect();
    page(&Page { shell, lignes, pagination, fins, jours: JOURS })
}
