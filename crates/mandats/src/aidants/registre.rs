//! Rows beside those of [`super::store`]: history, way to become an aidant, lists.

use chrono::{DateTime, NaiveDate, Utc};
use kernel::ids::{CompteId, StructureId, uuid_v7};
use kernel::{Actor, Email};
use platform::db::kit;
use platform::{Site, Tx};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use uuid::Uuid;

use super::model::{Aidant, Appartenance, EtatAidant};
use super::regles::{Parcours, Voie};
use super::store;
use crate::ids::AidantId;

/// That professional, held until the end of the transaction.
pub(super) async fn tenir(tx: &Tx, id: AidantId) -> Result<Option<Aidant>, DbErr> {
    kit::execute(tx, "UPDATE aidant SET version = version WHERE id = $1", [id.0.into()]).await?;
    store::lire(tx, id).await
}

#[derive(FromQueryResult)]
struct ParcoursRow {
    voie: String,
    formateur: Option<String>,
    forme_le: Option<NaiveDate>,
    pix_le: Option<NaiveDate>,
    pix_score: Option<i64>,
    averti_le: Option<DateTime<Utc>>,
}

/// What they did to become an aidant; nothing yet for who has no row.
///
/// # Errors
/// The database.
pub async fn parcours(conn: &impl ConnectionTrait, id: AidantId) -> Result<Parcours, DbErr> {
    let abime = |colonne: &str| DbErr::Type(format!("aidant_parcours {id}: {colonne}"));
    let sql = "SELECT voie, formateur, forme_le, pix_le, pix_score, averti_le FROM aidant_parcours WHERE aidant_id = $1";
    let Some(r) = kit::query_one_as::<ParcoursRow>(conn, sql, [id.0.into()]).await? else {
        return Ok(Parcours::default());
    };
    let pix = match (r.pix_le, r.pix_score) {
        (Some(le), Some(score)) => Some((le, u8::try_from(score).map_err(|_| abime("pix_score"))?)),
        _ => None,
    };
    Ok(Parcours {
        voie: Voie::from_cle(&r.voie).ok_or_else(|| abime("voie"))?,
        formateur: r.formateur.map(|f| Email::parse(&f).map_err(|_| abime("formateur"))).transpose()?,
        forme_le: r.forme_le,
        pix,
        averti_le: r.averti_le,
    })
}

/// Writes it; the caller holds the professional.
pub(crate) async fn ecrire_parcours(tx: &Tx, id: AidantId, p: &Parcours) -> Result<(), DbErr> {
    let values: Vec<Value> = vec![
        id.0.into(),
        p.voie.cle().into(),
        p.formateur.as_ref().map(|f| f.as_str().to_owned()).into(),
        p.forme_le.into(),
        p.pix.map(|(le, _)| le).into(),
        p.pix.map(|(_, s)| i64::from(s)).into(),
        p.averti_le.into(),
    ];
    let sql = "INSERT INTO aidant_parcours (aidant_id, voie, formateur, forme_le, pix_le, pix_score, averti_le) \
               VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (aidant_id) DO UPDATE SET voie = excluded.voie, \
               formateur = excluded.formateur, forme_le = excluded.forme_le, pix_le = excluded.pix_le, \
               pix_score = excluded.pix_score, averti_le = excluded.averti_le";
    kit::execute(tx, sql, values).await.map(drop)
}

/// A line of the history.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Evenement {
    /// When.
    pub le: DateTime<Utc>,
    /// Key of the state before it; none when they arrived.
    pub de: Option<String>,
    /// Key of the state after it.
    pub vers: String,
    /// Why.
    pub motif: String,
    /// Account of who did it; none: the programme.
    pub par: Option<Uuid>,
}

impl Evenement {
    /// The state after it.
    pub fn etat(&self) -> Option<EtatAidant> {
        EtatAidant::from_cle(&self.vers)
    }
}

pub(crate) async fn noter(
    site: &Site,
    tx: &Tx,
    a: &Aidant,
    de: Option<EtatAidant>,
    motif: &str,
    par: Option<&Actor>,
) -> Result<(), DbErr> {
    let values: Vec<Value> = vec![
        uuid_v7(&site.clock, &site.chance).into(),
        a.id.0.into(),
        site.clock.now().into(),
        de.map(|e| e.cle().to_owned()).into(),
        a.etat.cle().into(),
        motif.into(),
        par.map(|p| p.compte.0).into(),
    ];
    // One transaction may take somebody through several states: the instant alone would not tell their order.
    let sql = "INSERT INTO aidant_vie (id, aidant_id, rang, le, de, vers, motif, par) SELECT $1, $2, \
               COALESCE((SELECT MAX(rang) FROM aidant_vie WHERE aidant_id = $2), 0) + 1, $3, $4, $5, $6, $7";
    kit::execute(tx, sql, values).await.map(drop)
}

/// The history of a professional, latest first.
///
/// # Errors
/// The database.
pub async fn histoire(conn: &impl ConnectionTrait, id: AidantId) -> Result<Vec<Evenement>, DbErr> {
    let sql =
        "SELECT le, de, vers, motif, par FROM aidant_vie WHERE aidant_id = $1 ORDER BY rang DESC LIMIT 200";
    kit::query_as(conn, sql, [id.0.into()]).await
}

/// Open memberships, in order.
///
/// # Errors
/// The database.
pub async fn ouvertes(conn: &impl ConnectionTrait, id: AidantId) -> Result<Vec<Appartenance>, DbErr> {
    Ok(store::appartenances(conn, id).await?.into_iter().filter(|a| a.fin.is_none()).collect())
}

#[derive(FromQueryResult)]
struct IdRow {
    id: Uuid,
}

async fn lus(conn: &impl ConnectionTrait, sql: &str, values: Vec<Value>) -> Result<Vec<Aidant>, DbErr> {
    let rows: Vec<IdRow> = kit::query_as(conn, sql, values).await?;
    let ids: Vec<AidantId> = rows.into_iter().map(|r| AidantId(r.id)).collect();
    store::lire_plusieurs(conn, &ids).await
}

/// Active référents of an organisation, by name.
///
/// # Errors
/// The database.
pub async fn referents(conn: &impl ConnectionTrait, structure: StructureId) -> Result<Vec<Aidant>, DbErr> {
    let sql = "SELECT a.id FROM aidant a JOIN aidant_appartenance p ON p.aidant_id = a.id WHERE p.structure_id = $1 \
               AND p.fin IS NULL AND p.referent AND a.etat = 'actif' ORDER BY a.nom, a.prenom, a.id";
    lus(conn, sql, vec![structure.0.into()]).await
}

/// Everybody with an open membership of an organisation, by name, with that membership.
///
/// # Errors
/// The database.
pub async fn personnes(
    conn: &impl ConnectionTrait,
    structure: StructureId,
) -> Result<Vec<(Aidant, Appartenance)>, DbErr> {
    let siennes = store::appartenances_de(conn, structure).await?;
    let ids: Vec<AidantId> = siennes.iter().map(|a| a.aidant).collect();
    let mut out: Vec<(Aidant, Appartenance)> = store::lire_plusieurs(conn, &ids)
        .await?
        .into_iter()
        .filter_map(|a| siennes.iter().find(|s| s.aidant == a.id).cloned().map(|s| (a, s)))
        .collect();
    out.sort_by_key(|(a, _)| (kernel::text::fold(&a.nom), kernel::text::fold(&a.prenom), a.id.0));
    Ok(out)
}

/// Active professionals that have an account, after a mark, for a job that goes through them all.
pub(super) async fn actifs_apres(
    conn: &impl ConnectionTrait,
    apres: Option<AidantId>,
    limite: i64,
) -> Result<Vec<Aidant>, DbErr> {
    let apres = apres.map_or_else(Uuid::nil, |a| a.0);
    let sql = "SELECT id FROM aidant WHERE etat = 'actif' AND compte_id IS NOT NULL AND id > $1 ORDER BY id LIMIT $2";
    let mut out = lus(conn, sql, vec![apres.into(), limite.into()]).await?;
    out.sort_by_key(|a| a.id.0);
    Ok(out)
}

/// Which people a list of the team shows.
#[derive(Clone, Debug, Default)]
pub struct Filtre {
    /// Words of the name or of the address.
    pub mots: String,
    /// State.
    pub etat: Option<EtatAidant>,
    /// Département of one of their organisations.
    pub departement: Option<String>,
    /// Regions and départements of who looks; none: the whole country.
    pub perimetre: Option<(Vec<String>, Vec<String>)>,
}

fn ou(f: &Filtre) -> (String, Vec<Value>) {
    let mut values: Vec<Value> = Vec::new();
    let mut et = vec!["1 = 1".to_owned()];
    let mut place = |v: Value| {
        values.push(v);
        format!("${}", values.len())
    };
    for mot in f.mots.split_whitespace().take(5) {
        let plat: String = mot.chars().filter(|c| !matches!(c, '%' | '_' | '\\')).take(60).collect();
        let (brut, bas) =
            (place(format!("%{plat}%").into()), place(format!("%{}%", plat.to_lowercase()).into()));
        et.push(format!(
            "(a.nom LIKE {brut} OR a.prenom LIKE {brut} OR LOWER(a.nom) LIKE {bas} OR LOWER(a.prenom) LIKE {bas} \
             OR a.courriel_cle LIKE {bas})"
        ));
    }
    if let Some(e) = f.etat {
        let p = place(e.cle().into());
        et.push(format!("a.etat = {p}"));
    }
    let mut lieux = Vec::new();
    if let Some(d) = &f.departement {
        let p = place(d.clone().into());
        lieux.push(format!("o.departement = {p}"));
    }
    if let Some((regions, departements)) = &f.perimetre {
        let r: Vec<String> = regions.iter().map(|r| place(r.clone().into())).collect();
        let d: Vec<String> = departements.iter().map(|d| place(d.clone().into())).collect();
        let mut ici = Vec::new();
        if !r.is_empty() {
            ici.push(format!("o.region IN ({})", r.join(", ")));
        }
        if !d.is_empty() {
            ici.push(format!("o.departement IN ({})", d.join(", ")));
        }
        lieux.push(if ici.is_empty() { "1 = 0".to_owned() } else { format!("({})", ici.join(" OR ")) });
    }
    if !lieux.is_empty() {
        et.push(format!(
            "EXISTS (SELECT 1 FROM aidant_appartenance p JOIN organisation_habilitee o ON o.structure_id = p.structure_id \
             WHERE p.aidant_id = a.id AND {})",
            lieux.join(" AND ")
        ));
    }
    (et.join(" AND "), values)
}

/// How many people the list has.
///
/// # Errors
/// The database.
pub async fn compter(conn: &impl ConnectionTrait, f: &Filtre) -> Result<usize, DbErr> {
    let (ou, values) = ou(f);
    let n = kit::count(conn, &format!("SELECT COUNT(*) FROM aidant a WHERE {ou}"), values).await?;
    Ok(usize::try_from(n).unwrap_or(0))
}

/// A page of the list, by name.
///
/// # Errors
/// The database.
pub async fn lister(
    conn: &impl ConnectionTrait,
    f: &Filtre,
    (offset, limit): (usize, usize),
) -> Result<Vec<Aidant>, DbErr> {
    let (ou, mut values) = ou(f);
    let n = values.len();
    values.push(i64::try_from(limit).unwrap_or(i64::MAX).into());
    values.push(i64::try_from(offset).unwrap_or(i64::MAX).into());
    let sql = format!(
        "SELECT a.id FROM aidant a WHERE {ou} ORDER BY a.nom, a.prenom, a.id LIMIT ${} OFFSET ${}",
        n + 1,
        n + 2
    );
    let mut out = lus(conn, &sql, values).await?;
    out.sort_by(|a, b| (&a.nom, &a.prenom, a.id.0).cmp(&(&b.nom, &b.prenom, b.id.0)));
    Ok(out)
}

/// Counts of an organisation, for the référent's first page.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nombres {
    /// People who act.
    pub actifs: i64,
    /// People on their way.
    pub en_cours: i64,
}

/// Those counts.
///
/// # Errors
/// The database.
pub async fn nombres(conn: &impl ConnectionTrait, structure: StructureId) -> Result<Nombres, DbErr> {
    let n = async |etats: &str| {
        let sql = format!(
            "SELECT COUNT(*) FROM aidant a JOIN aidant_appartenance p ON p.aidant_id = a.id \
             WHERE p.structure_id = $1 AND p.fin IS NULL AND a.etat IN ({etats})"
        );
        kit::count(conn, &sql, [structure.0.into()]).await
    };
    Ok(Nombres {
        actifs: n("'actif'").await?,
        en_cours: n("'demande', 'eligible', 'forme', 'certifie'").await?,
    })
}

/// The professionals of these accounts.
///
/// # Errors
/// The database.
pub async fn des_comptes(conn: &impl ConnectionTrait, ids: &[CompteId]) -> Result<Vec<Aidant>, DbErr> {
    let mut out = Vec::new();
    for lot in ids.chunks(500) {
        let sql = format!("SELECT id FROM aidant WHERE compte_id IN ({})", kit::places(1, lot.len()));
        out.extend(lus(conn, &sql, lot.iter().map(|c| c.0.into()).collect()).await?);
    }
    Ok(out)
}
