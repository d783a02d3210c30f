//! Rows of posts. Other rooms read and write posts by these functions, in their own transaction, and never name the tables.

use std::collections::{BTreeMap, HashMap};

use annuaire::structures::Conditions;
use chrono::{Months, NaiveDate};
use kernel::ids::StructureId;
use kernel::{CodeDepartement, CodeRegion, Perimetre, Periode};
use platform::db::kit;
use platform::{Site, Tx};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Value};
use uuid::Uuid;

mod personnes;

pub use personnes::{de_candidat, ont_tenu, tient_un_poste};
pub(crate) use personnes::{en_poste, passer, rendre};

use super::model::{Acte, Affectation, MotifRendu, Place, Poste, Rattachement, Rendu, Typologie};
use crate::ids::{CandidatId, Compteur, ContratId, DemandeId, PosteId};

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    numero: i64,
    typologie: String,
    demande_id: Option<Uuid>,
    attribue_le: NaiveDate,
    rendu_le: Option<NaiveDate>,
    rendu_motif: Option<String>,
    version: i64,
}

#[derive(FromQueryResult)]
struct RattachementRow {
    id: Uuid,
    poste_id: Uuid,
    structure_id: Uuid,
    departement: String,
    region: String,
    debut: NaiveDate,
    fin: Option<NaiveDate>,
    acte: String,
}

#[derive(FromQueryResult)]
struct AffectationRow {
    id: Uuid,
    poste_id: Uuid,
    candidat_id: Uuid,
    contrat_id: Uuid,
    debut: NaiveDate,
    fin: Option<NaiveDate>,
}

/// A row that the rules would never have written.
fn abime(id: Uuid, colonne: &str) -> DbErr {
    DbErr::Type(format!("poste {id}: column {colonne} does not hold what it should"))
}

impl Row {
    fn poste(self, rattachements: Vec<Rattachement>, affectations: Vec<Affectation>) -> Result<Poste, DbErr> {
        let rendu = match (self.rendu_le, self.rendu_motif.as_deref()) {
            (None, None) => None,
            (Some(le), Some(motif)) => {
                let motif = MotifRendu::from_cle(motif).ok_or_else(|| abime(self.id, "rendu_motif"))?;
                Some(Rendu { le, motif })
            }
            _ => return Err(abime(self.id, "rendu_le")),
        };
        Ok(Poste {
            id: PosteId(self.id),
            numero: self.numero,
            typologie: Typologie::from_cle(&self.typologie).ok_or_else(|| abime(self.id, "typologie"))?,
            demande: self.demande_id.map(DemandeId),
            attribue_le: self.attribue_le,
            rendu,
            rattachements,
            affectations,
            version: self.version,
        })
    }
}

impl RattachementRow {
    fn rattachement(self) -> Result<Rattachement, DbErr> {
        let bad = |colonne| move || abime(self.poste_id, colonne);
        Ok(Rattachement {
            id: self.id,
            place: Place {
                structure: StructureId(self.structure_id),
                departement: CodeDepartement::parse(&self.departement).ok_or_else(bad("departement"))?,
                region: CodeRegion::parse(&self.region).ok_or_else(bad("region"))?,
            },
            periode: Periode { debut: self.debut, fin: self.fin },
            acte: Acte::from_cle(&self.acte).ok_or_else(bad("acte"))?,
        })
    }
}

/// How many identifiers go into one query.
const LOT: usize = 500;

/// These posts, in the order asked; those that do not exist are left out.
///
/// # Errors
/// The database.
pub async fn charger(conn: &impl ConnectionTrait, ids: &[PosteId]) -> Result<Vec<Poste>, DbErr> {
    let mut out = Vec::with_capacity(ids.len());
    for lot in ids.chunks(LOT) {
        let mut c = Conditions::default();
        let liste = c.liste(lot.iter().map(|id| id.0));
        let values = || c.values().to_vec();
        let sql = format!(
            "SELECT id, numero, typologie, demande_id, attribue_le, rendu_le, rendu_motif, version FROM poste \
             WHERE id IN ({liste})"
        );
        let mut rows: HashMap<Uuid, Row> =
            kit::query_as::<Row>(conn, &sql, values()).await?.into_iter().map(|r| (r.id, r)).collect();
        let mut rattachements: HashMap<Uuid, Vec<Rattachement>> = HashMap::new();
        let sql = format!(
            "SELECT id, poste_id, structure_id, departement, region, debut, fin, acte FROM poste_rattachement \
             WHERE poste_id IN ({liste}) ORDER BY debut, id"
        );
        for row in kit::query_as::<RattachementRow>(conn, &sql, values()).await? {
            rattachements.entry(row.poste_id).or_default().push(row.rattachement()?);
        }
        let mut affectations: HashMap<Uuid, Vec<Affectation>> = HashMap::new();
        let sql = format!(
            "SELECT id, poste_id, candidat_id, contrat_id, debut, fin FROM poste_affectation \
             WHERE poste_id IN ({liste}) ORDER BY debut, id"
        );
        for row in kit::query_as::<AffectationRow>(conn, &sql, values()).await? {
            affectations.entry(row.poste_id).or_default().push(Affectation {
                id: row.id,
                candidat: CandidatId(row.candidat_id),
                contrat: ContratId(row.contrat_id),
                periode: Periode { debut: row.debut, fin: row.fin },
            });
        }
        for id in lot {
            if let Some(row) = rows.remove(&id.0) {
                let (r, a) = (rattachements.remove(&id.0), affectations.remove(&id.0));
                out.push(row.poste(r.unwrap_or_default(), a.unwrap_or_default())?);
            }
        }
    }
    Ok(out)
}

/// That post.
///
/// # Errors
/// The database.
pub async fn get(conn: &impl ConnectionTrait, id: PosteId) -> Result<Option<Poste>, DbErr> {
    Ok(charger(conn, &[id]).await?.pop())
}

/// That post, held until the end of the transaction: nobody else changes it meanwhile.
///
/// # Errors
/// The database.
pub async fn get_locked(tx: &Tx, id: PosteId) -> Result<Option<Poste>, DbErr> {
    // SQLite has one writer at a time, and this transaction is it.
    if tx.get_database_backend() == DbBackend::Postgres {
        kit::query(tx, "SELECT id FROM poste WHERE id = $1 FOR UPDATE", [id.0.into()]).await?;
    }
    get(tx, id).await
}

/// The posts that were granted for a demande, in the order of their numbers.
///
/// # Errors
/// When the database does not answer.
pub async fn de_demande(conn: &impl ConnectionTrait, demande: DemandeId) -> Result<Vec<Poste>, DbErr> {
    let lus = kit::query(conn, "SELECT id FROM poste WHERE demande_id = $1", [demande.0.into()]).await?;
    let ids = lus.iter().map(|r| r.try_get_by_index(0).map(PosteId)).collect::<Result<Vec<_>, _>>()?;
    let mut postes = charger(conn, &ids).await?;
    postes.sort_by_key(|p| p.numero);
    Ok(postes)
}

/// Writes `n` new posts of a demande, attached to its structure from that day on; gives them back.
///
/// # Errors
/// The database.
pub async fn attribuer(
    site: &Site,
    tx: &Tx,
    n: u32,
    typologie: Typologie,
    origine: (Option<DemandeId>, &Place, NaiveDate),
) -> Result<Vec<Poste>, DbErr> {
    let premier = Compteur::Poste.prend(tx, i64::from(n)).await?;
    let postes: Vec<Poste> =
        (premier..premier + i64::from(n)).map(|numero| nouveau(site, numero, typologie, origine)).collect();
    inserer(tx, &postes).await?;
    Ok(postes)
}

/// A new post with that number, not yet written.
pub fn nouveau(
    site: &Site,
    numero: i64,
    typologie: Typologie,
    (demande, place, le): (Option<DemandeId>, &Place, NaiveDate),
) -> Poste {
    Poste {
        id: PosteId::new(&site.clock, &site.chance),
        numero,
        typologie,
        demande,
        attribue_le: le,
        rendu: None,
        rattachements: vec![Rattachement {
            id: kernel::ids::uuid_v7(&site.clock, &site.chance),
            place: place.clone(),
            periode: Periode { debut: le, fin: None },
            acte: Acte::Attribution,
        }],
        affectations: Vec::new(),
        version: 0,
    }
}

/// Writes new posts that nobody gave back yet, with their links.
///
/// # Errors
/// The database; what its indexes refuse.
pub async fn inserer(tx: &Tx, postes: &[Poste]) -> Result<(), DbErr> {
    let row = |p: &Poste| -> Vec<Value> {
        let demande: Value = p.demande.map(|d| d.0).into();
        vec![
            p.id.0.into(),
            p.numero.into(),
            p.typologie.cle().into(),
            demande,
            p.attribue_le.into(),
            0_i64.into(),
        ]
    };
    let into = "poste (id, numero, typologie, demande_id, attribue_le, version)";
    kit::insert_many(tx, into, postes.iter().map(row).collect(), "").await?;
    enregistrer_les_liens(tx, postes).await
}

/// Writes what became of a post that the caller holds ([`get_locked`]).
///
/// # Errors
/// The database; what its indexes refuse.
pub async fn enregistrer(tx: &Tx, poste: &Poste) -> Result<(), DbErr> {
    kit::execute(
        tx,
        "UPDATE poste SET rendu_le = $2, rendu_motif = $3, version = version + 1 WHERE id = $1",
        [poste.id.0.into(), poste.rendu.map(|r| r.le).into(), poste.rendu.map(|r| r.motif.cle()).into()],
    )
    .await?;
    enregistrer_les_liens(tx, std::slice::from_ref(poste)).await
}

async fn enregistrer_les_liens(tx: &Tx, postes: &[Poste]) -> Result<(), DbErr> {
    // Oldest first: what ends is written before what opens, or the index of open rows would refuse.
    let rattachement = |p: &Poste, r: &Rattachement| -> Vec<Value> {
        vec![
            r.id.into(),
            p.id.0.into(),
            r.place.structure.0.into(),
            r.place.departement.to_string().into(),
            r.place.region.to_string().into(),
            r.periode.debut.into(),
            r.periode.fin.into(),
            r.acte.cle().into(),
        ]
    };
    let into = "poste_rattachement (id, poste_id, structure_id, departement, region, debut, fin, acte)";
    let rows = postes.iter().flat_map(|p| p.rattachements.iter().map(|r| rattachement(p, r))).collect();
    kit::insert_many(tx, into, rows, "ON CONFLICT (id) DO UPDATE SET fin = excluded.fin").await?;
    let affectation = |p: &Poste, a: &Affectation| -> Vec<Value> {
        vec![
            a.id.into(),
            p.id.0.into(),
            a.candidat.0.into(),
            a.contrat.0.into(),
            a.periode.debut.into(),
            a.periode.fin.into(),
        ]
    };
    let into = "poste_affectation (id, poste_id, candidat_id, contrat_id, debut, fin)";
    let rows = postes.iter().flat_map(|p| p.affectations.iter().map(|a| affectation(p, a))).collect();
    let end = "ON CONFLICT (id) DO UPDATE SET fin = excluded.fin, contrat_id = excluded.contrat_id";
    kit::insert_many(tx, into, rows, end).await.map(|_| ())
}

#[derive(FromQueryResult)]
struct IdRow {
    id: Uuid,
}

/// Posts attached on that day to one of these structures ([`annuaire::structures::StructureVue::identites`]), by number.
///
/// # Errors
/// The database.
pub async fn de_structure(
    conn: &impl ConnectionTrait,
    structures: &[StructureId],
    le: NaiveDate,
) -> Result<Vec<Poste>, DbErr> {
    let mut c = Conditions::default();
    let liste = c.liste(structures.iter().map(|s| s.0));
    let jour = c.place(le);
    let sql = format!(
        "SELECT p.id AS id FROM poste p JOIN poste_rattachement r ON r.poste_id = p.id \
         WHERE r.structure_id IN ({liste}) AND r.debut <= {jour} AND (r.fin IS NULL OR r.fin >= {jour}) ORDER BY p.numero"
    );
    let rows: Vec<IdRow> = kit::query_as(conn, &sql, c.values().to_vec()).await?;
    charger(conn, &rows.into_iter().map(|r| PosteId(r.id)).collect::<Vec<_>>()).await
}

/// How many posts are in each state on a day.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Bilan {
    /// Granted on that day or before, and not given back.
    pub ouverts: i64,
    /// Of these, held by somebody.
    pub occupes: i64,
    /// Given back on that day or before.
    pub rendus: i64,
}

impl Bilan {
    /// Of the open ones, held by nobody.
    pub fn vacants(self) -> i64 {
        self.ouverts - self.occupes
    }

    /// Both together.
    pub fn plus(self, autre: Self) -> Self {
        Self {
            ouverts: self.ouverts + autre.ouverts,
            occupes: self.occupes + autre.occupes,
            rendus: self.rendus + autre.rendus,
        }
    }
}

#[derive(FromQueryResult)]
struct BilanRow {
    departement: String,
    ouverts: i64,
    occupes: i64,
    rendus: i64,
}

/// The posts of a scope on that day, by département, in the order of the codes. A post that was given back is counted where
/// it was last.
///
/// # Errors
/// The database.
pub async fn bilans(
    conn: &impl ConnectionTrait,
    perimetre: &Perimetre,
    le: NaiveDate,
) -> Result<Vec<(CodeDepartement, Bilan)>, DbErr> {
    let mut c = Conditions::default();
    let jour = c.place(le);
    c.et(format!("r.debut <= {jour}"));
    c.et(format!("(r.fin IS NULL OR r.fin >= {jour} OR p.rendu_le <= {jour})"));
    c.et(format!(
        "NOT EXISTS (SELECT 1 FROM poste_rattachement s WHERE s.poste_id = p.id AND s.debut > r.debut AND s.debut <= {jour})"
    ));
    c.dans(perimetre, "r", "structure_id");
    let sql = format!(
        "SELECT r.departement AS departement, \
         CAST(SUM(CASE WHEN p.rendu_le <= {jour} THEN 0 ELSE 1 END) AS BIGINT) AS ouverts, \
         CAST(SUM(CASE WHEN p.rendu_le <= {jour} THEN 0 WHEN EXISTS (SELECT 1 FROM poste_affectation a \
           WHERE a.poste_id = p.id AND a.debut <= {jour} AND (a.fin IS NULL OR a.fin >= {jour})) THEN 1 ELSE 0 END) \
           AS BIGINT) AS occupes, \
         CAST(SUM(CASE WHEN p.rendu_le <= {jour} THEN 1 ELSE 0 END) AS BIGINT) AS rendus \
         FROM poste p JOIN poste_rattachement r ON r.poste_id = p.id{} GROUP BY r.departement ORDER BY r.departement",
        c.clause()
    );
    let rows: Vec<BilanRow> = kit::query_as(conn, &sql, c.values().to_vec()).await?;
    rows.into_iter()
        .map(|r| {
            let code = CodeDepartement::parse(&r.departement);
            let bilan = Bilan { ouverts: r.ouverts, occupes: r.occupes, rendus: r.rendus };
            code.map(|code| (code, bilan))
                .ok_or_else(|| DbErr::Type("poste_rattachement.departement".to_owned()))
        })
        .collect()
}

/// The posts of a scope on that day.
///
/// # Errors
/// The database.
pub async fn bilan(
    conn: &impl ConnectionTrait,
    perimetre: &Perimetre,
    le: NaiveDate,
) -> Result<Bilan, DbErr> {
    Ok(bilans(conn, perimetre, le).await?.into_iter().fold(Bilan::default(), |somme, (_, b)| somme.plus(b)))
}

/// How many people hold a post of a scope on that day.
///
/// # Errors
/// The database.
pub async fn en_poste_au(
    conn: &impl ConnectionTrait,
    perimetre: &Perimetre,
    le: NaiveDate,
) -> Result<i64, DbErr> {
    let mut c = Conditions::default();
    let jour = c.place(le);
    for t in ["a", "r"] {
        c.et(format!("{t}.debut <= {jour} AND ({t}.fin IS NULL OR {t}.fin >= {jour})"));
    }
    c.et(format!("(p.rendu_le IS NULL OR p.rendu_le > {jour})"));
    c.dans(perimetre, "r", "structure_id");
    let sql = format!(
        "SELECT COUNT(*) FROM poste_affectation a JOIN poste_rattachement r ON r.poste_id = a.poste_id \
         JOIN poste p ON p.id = a.poste_id{}",
        c.clause()
    );
    kit::count(conn, &sql, c.values().to_vec()).await
}

/// Posts open on that day, by the structure that they are attached to.
///
/// # Errors
/// The database.
pub async fn ouverts_par_structure(
    conn: &impl ConnectionTrait,
    le: NaiveDate,
) -> Result<Vec<(StructureId, u64)>, DbErr> {
    #[derive(FromQueryResult)]
    struct Compte {
        structure_id: Uuid,
        postes: i64,
    }
    let sql = "SELECT r.structure_id AS structure_id, COUNT(*) AS postes FROM poste p \
               JOIN poste_rattachement r ON r.poste_id = p.id \
               WHERE r.debut <= $1 AND (r.fin IS NULL OR r.fin >= $1) AND (p.rendu_le IS NULL OR p.rendu_le > $1) \
               GROUP BY r.structure_id ORDER BY r.structure_id";
    let rows: Vec<Compte> = kit::query_as(conn, sql, [le.into()]).await?;
    Ok(rows.into_iter().map(|r| (StructureId(r.structure_id), r.postes.unsigned_abs())).collect())
}

/// How many more people hold a post of that scope on the first of each month than on the first of the month before, in order:
/// what a curve is drawn from. Summed by the database: a nation has thousands of assignments and a hundred months.
///
/// # Errors
/// The database.
pub async fn mouvements(
    conn: &impl ConnectionTrait,
    perimetre: &Perimetre,
) -> Result<Vec<(NaiveDate, i64)>, DbErr> {
    #[derive(FromQueryResult)]
    struct Mouvement {
        mois: String,
        suivant: i64,
        nombre: i64,
    }
    let mut c = Conditions::default();
    c.dans(perimetre, "r", "structure_id");
    let mois = |jour: &str| format!("substr(CAST(a.{jour} AS TEXT), 1, 7)");
    let tenus = "poste_affectation a JOIN poste_rattachement r \
                 ON r.poste_id = a.poste_id AND r.debut <= a.debut AND (r.fin IS NULL OR r.fin >= a.debut)";
    // Who begins on the first counts from that day, who begins later from the next month; who ends, from the next month.
    let sql = format!(
        "SELECT {debut} AS mois, CAST(CASE WHEN substr(CAST(a.debut AS TEXT), 9, 2) = '01' THEN 0 ELSE 1 END AS BIGINT) AS suivant, COUNT(*) AS nombre \
         FROM {tenus}{dans} GROUP BY 1, 2 \
         UNION ALL SELECT {fin} AS mois, CAST(1 AS BIGINT) AS suivant, -COUNT(*) AS nombre \
         FROM {tenus} AND a.fin IS NOT NULL{dans} GROUP BY 1, 2",
        debut = mois("debut"),
        fin = mois("fin"),
        dans = c.clause(),
    );
    let mut sommes: BTreeMap<NaiveDate, i64> = BTreeMap::new();
    for m in kit::query_as::<Mouvement>(conn, &sql, c.values().to_vec()).await? {
        let illisible = || DbErr::Type(format!("month {}", m.mois));
        let premier: NaiveDate = format!("{}-01", m.mois).parse().map_err(|_| illisible())?;
        let des = if m.suivant == 1 { premier.checked_add_months(Months::new(1)) } else { Some(premier) };
        *sommes.entry(des.ok_or_else(illisible)?).or_default() += m.nombre;
    }
    Ok(sommes.into_iter().collect())
}
