//! Rows of the roles of accounts, with their scopes.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use kernel::ids::{CompteId, LieuId, StructureId};
use kernel::{CodeCommune, CodeDepartement, CodeRegion, NumeroPersonne, Perimetre, Periode, Reseau, Role};
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Value};
use uuid::Uuid;

use super::super::model::{Attribution, AttributionId, Etat, Origine, jour};
use super::super::rules;
use super::find;

/// Active accounts that hold the national administration by right, not by loan. Whoever ever held it is
/// held first, by a statement of its own: on PostgreSQL, one that waits for a row counts what it saw
/// before it waited, and two administrators could take the role from each other at once.
pub(crate) async fn administrateurs(
    conn: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<Vec<CompteId>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
    }
    let role: Value = Role::AdministrateurNational.ligne().key.into();
    if conn.get_database_backend() == DbBackend::Postgres {
        let hold = "SELECT id FROM compte WHERE id IN (SELECT compte_id FROM compte_role WHERE role = $1) \
                    ORDER BY id FOR UPDATE";
        kit::query(conn, hold, [role.clone()]).await?;
    }
    let sql = "SELECT c.id FROM compte c WHERE c.etat = 'actif' AND EXISTS (SELECT 1 FROM compte_role a \
               WHERE a.compte_id = c.id AND a.role = $1 AND a.delegue_de IS NULL AND a.retiree_le IS NULL \
               AND a.debut <= $2 AND (a.fin IS NULL OR a.fin >= $2)) ORDER BY c.id";
    let rows: Vec<Row> = kit::query_as(conn, sql, [role, jour(now).into()]).await?;
    Ok(rows.into_iter().map(|r| CompteId(r.id)).collect())
}

#[derive(FromQueryResult)]
struct AttributionRow {
    id: Uuid,
    compte_id: Uuid,
    role: String,
    perimetre: String,
    debut: NaiveDate,
    fin: Option<NaiveDate>,
    donnee_par: Option<Uuid>,
    delegue_de: Option<Uuid>,
    retiree_le: Option<DateTime<Utc>>,
}

#[derive(FromQueryResult)]
struct CodeRow {
    attribution_id: Uuid,
    code: String,
}

const ATTRIBUTION: &str = "id, compte_id, role, perimetre, debut, fin, donnee_par, delegue_de, retiree_le";

fn perimetre(kind: &str, codes: Vec<String>) -> Perimetre {
    // A code that no longer reads as one opens nothing.
    match kind {
        "national" => Perimetre::National,
        "regions" => Perimetre::Regions(codes.iter().filter_map(|c| CodeRegion::parse(c)).collect()),
        "departements" => {
            Perimetre::Departements(codes.iter().filter_map(|c| CodeDepartement::parse(c)).collect())
        }
        "communes" => Perimetre::Communes(codes.iter().filter_map(|c| CodeCommune::parse(c)).collect()),
        "reseaux" => Perimetre::Reseaux(codes.iter().filter_map(|c| Reseau::parse(c)).collect()),
        "personnes" => Perimetre::Personnes(codes.iter().filter_map(|c| NumeroPersonne::parse(c)).collect()),
        "structures" => {
            Perimetre::Structures(codes.iter().filter_map(|c| c.parse::<StructureId>().ok()).collect())
        }
        "soi" => Perimetre::Soi,
        _ => Perimetre::Lieux(codes.iter().filter_map(|c| c.parse::<LieuId>().ok()).collect()),
    }
}

/// The kind of a scope and its codes, as stored.
fn parts(p: &Perimetre) -> (&'static str, Vec<String>) {
    match p {
        Perimetre::National => ("national", Vec::new()),
        Perimetre::Regions(c) => ("regions", c.iter().map(ToString::to_string).collect()),
        Perimetre::Departements(c) => ("departements", c.iter().map(ToString::to_string).collect()),
        Perimetre::Communes(c) => ("communes", c.iter().map(ToString::to_string).collect()),
        Perimetre::Reseaux(c) => ("reseaux", c.iter().map(ToString::to_string).collect()),
        Perimetre::Personnes(c) => ("personnes", c.iter().map(ToString::to_string).collect()),
        Perimetre::Structures(c) => ("structures", c.iter().map(ToString::to_string).collect()),
        Perimetre::Lieux(c) => ("lieux", c.iter().map(ToString::to_string).collect()),
        Perimetre::Soi => ("soi", Vec::new()),
    }
}

async fn with_codes(
    conn: &impl ConnectionTrait,
    rows: Vec<AttributionRow>,
) -> Result<Vec<Attribution>, DbErr> {
    let ids: Vec<Value> = rows.iter().map(|r| r.id.into()).collect();
    let mut codes: Vec<CodeRow> = Vec::new();
    for chunk in ids.chunks(500) {
        let sql = format!(
            "SELECT attribution_id, code FROM compte_role_code WHERE attribution_id IN ({}) ORDER BY code",
            kit::places(1, chunk.len())
        );
        codes.extend(kit::query_as::<CodeRow>(conn, &sql, chunk.to_vec()).await?);
    }
    rows.into_iter()
        .map(|r| {
            let own = codes.iter().filter(|c| c.attribution_id == r.id).map(|c| c.code.clone()).collect();
            let role = Role::from_key(&r.role).ok_or_else(|| DbErr::Type("compte_role.role".to_owned()))?;
            let origine = match (r.donnee_par, r.delegue_de) {
                (Some(par), Some(de)) => Origine::Deleguee { par: CompteId(par), de: AttributionId(de) },
                (Some(par), None) => Origine::Donnee(CompteId(par)),
                _ => Origine::Installation,
            };
            Ok(Attribution {
                id: AttributionId(r.id),
                compte: CompteId(r.compte_id),
                role,
                perimetre: perimetre(&r.perimetre, own),
                periode: Periode { debut: r.debut, fin: r.fin },
                origine,
                retiree_le: r.retiree_le,
            })
        })
        .collect()
}

pub(crate) async fn insert_attribution(
    conn: &impl ConnectionTrait,
    a: &Attribution,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let (kind, codes) = parts(&a.perimetre);
    let (par, de) = match a.origine {
        Origine::Installation => (None, None),
        Origine::Donnee(par) => (Some(par.0), None),
        Origine::Deleguee { par, de } => (Some(par.0), Some(de.0)),
    };
    kit::execute(
        conn,
        "INSERT INTO compte_role (id, compte_id, role, perimetre, debut, fin, donnee_par, delegue_de, cree_le) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        [
            a.id.0.into(),
            a.compte.0.into(),
            a.role.ligne().key.into(),
            kind.into(),
            a.periode.debut.into(),
            a.periode.fin.into(),
            par.into(),
            de.into(),
            now.into(),
        ],
    )
    .await?;
    for code in codes {
        kit::execute(
            conn,
            "INSERT INTO compte_role_code (attribution_id, code) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            [a.id.0.into(), code.into()],
        )
        .await?;
    }
    Ok(())
}

pub(crate) async fn attribution(
    conn: &impl ConnectionTrait,
    id: AttributionId,
) -> Result<Option<Attribution>, DbErr> {
    let sql = format!("SELECT {ATTRIBUTION} FROM compte_role WHERE id = $1");
    let rows = kit::query_as(conn, &sql, [id.0.into()]).await?;
    Ok(with_codes(conn, rows).await?.pop())
}

/// Every role ever given to those accounts, oldest first.
pub(crate) async fn attributions_of(
    conn: &impl ConnectionTrait,
    comptes: &[CompteId],
) -> Result<Vec<Attribution>, DbErr> {
    if comptes.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT {ATTRIBUTION} FROM compte_role WHERE compte_id IN ({}) ORDER BY cree_le, id",
        kit::places(1, comptes.len())
    );
    let rows = kit::query_as(conn, &sql, comptes.iter().map(|c| Value::from(c.0))).await?;
    with_codes(conn, rows).await
}

/// The roles of the account that count now, lent ones checked against the role they come from.
pub(crate) async fn en_vigueur(
    conn: &impl ConnectionTrait,
    compte: CompteId,
    now: DateTime<Utc>,
) -> Result<Vec<Attribution>, DbErr> {
    let sql = format!(
        "SELECT {ATTRIBUTION} FROM compte_role WHERE compte_id = $1 AND retiree_le IS NULL \
         AND debut <= $2 AND (fin IS NULL OR fin >= $2) ORDER BY cree_le, id"
    );
    let rows = kit::query_as(conn, &sql, [compte.0.into(), jour(now).into()]).await?;
    let mut live = Vec::new();
    for a in with_codes(conn, rows).await? {
        let origine = match a.origine {
            Origine::Deleguee { de, par } => {
                // A closed account lends nothing any more.
                match find(conn, par).await? {
                    Some(c) if c.etat == Etat::Actif => attribution(conn, de).await?,
                    _ => None,
                }
            }
            _ => None,
        };
        if rules::en_vigueur(&a, origine.as_ref(), now) {
            live.push(a);
        }
    }
    Ok(live)
}

/// The same for several accounts at once.
pub(crate) async fn en_vigueur_de(
    conn: &impl ConnectionTrait,
    comptes: &[CompteId],
    now: DateTime<Utc>,
) -> Result<HashMap<CompteId, Vec<Attribution>>, DbErr> {
    let mut out: HashMap<CompteId, Vec<Attribution>> = HashMap::new();
    for lot in comptes.chunks(500) {
        let sql = format!(
            "SELECT {ATTRIBUTION} FROM compte_role WHERE retiree_le IS NULL AND debut <= $1 AND (fin IS NULL OR fin >= $1) \
             AND compte_id IN ({}) ORDER BY cree_le, id",
            kit::places(2, lot.len())
        );
        let values = std::iter::once(Value::from(jour(now))).chain(lot.iter().map(|c| Value::from(c.0)));
        let rows = kit::query_as(conn, &sql, values).await?;
        for a in with_codes(conn, rows).await? {
            // What is lent ends with what it was lent from: looked at one by one, it is rare.
            let vaut = match a.origine {
                Origine::Deleguee { .. } => {
                    en_vigueur(conn, a.compte, now).await?.iter().any(|x| x.id == a.id)
                }
                _ => rules::en_vigueur(&a, None, now),
            };
            if vaut {
                out.entry(a.compte).or_default().push(a);
            }
        }
    }
    Ok(out)
}

/// Who holds that role now within part of that scope, or all of it: colleagues, by name. Nothing for scopes that name nothing.
pub(crate) async fn de_perimetre(
    conn: &impl ConnectionTrait,
    role: Role,
    perimetre: &Perimetre,
    now: DateTime<Utc>,
) -> Result<Vec<Attribution>, DbErr> {
    let (genre, codes) = parts(perimetre);
    if codes.is_empty() {
        return Ok(Vec::new());
    }
    let mut values: Vec<Value> = vec![role.ligne().key.into(), genre.into(), jour(now).into()];
    values.extend(codes.iter().map(|c| Value::from(c.clone())));
    let places = kit::places(4, codes.len());
    let sql = format!(
        "SELECT {} FROM compte_role a JOIN compte c ON c.id = a.compte_id AND c.etat <> 'desactive' \
         WHERE a.role = $1 AND a.perimetre = $2 AND a.retiree_le IS NULL AND a.debut <= $3 \
         AND (a.fin IS NULL OR a.fin >= $3) \
         AND EXISTS (SELECT 1 FROM compte_role_code k WHERE k.attribution_id = a.id) \
         AND NOT EXISTS (SELECT 1 FROM compte_role_code k WHERE k.attribution_id = a.id AND k.code NOT IN ({places})) \
         ORDER BY c.nom_search, a.id LIMIT 200",
        ATTRIBUTION.split(", ").map(|c| format!("a.{c}")).collect::<Vec<_>>().join(", ")
    );
    with_codes(conn, kit::query_as(conn, &sql, values).await?).await
}

/// The roles that the account has lent, newest first, whatever became of them.
pub(crate) async fn pretees_par(
    conn: &impl ConnectionTrait,
    compte: CompteId,
) -> Result<Vec<Attribution>, DbErr> {
    let sql = format!(
        "SELECT {ATTRIBUTION} FROM compte_role WHERE donnee_par = $1 AND delegue_de IS NOT NULL \
         ORDER BY cree_le DESC, id DESC LIMIT 200"
    );
    let rows = kit::query_as(conn, &sql, [compte.0.into()]).await?;
    with_codes(conn, rows).await
}

/// Takes the role back; false when it was already.
pub(crate) async fn retire(
    conn: &impl ConnectionTrait,
    id: AttributionId,
    par: CompteId,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let done = kit::execute(
        conn,
        "UPDATE compte_role SET retiree_le = $1, retiree_par = $2 WHERE id = $3 AND retiree_le IS NULL",
        [now.into(), par.0.into(), id.0.into()],
    )
    .await?;
    Ok(done.rows_affected() == 1)
}
