//! Rows of accounts, of their roles, of the looks taken as them.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use kernel::ids::{CompteId, LieuId, StructureId};
use kernel::{
    CodeCommune, CodeDepartement, CodeRegion, Email, NumeroPersonne, Perimetre, Periode, Reseau, Role, text,
};
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Value};
use uuid::Uuid;

use super::model::{Attribution, AttributionId, Compte, Etat, Origine, Vue, VueId, jour};

/// Takes the rows until the end of the transaction. SQLite has one writer: nothing to take.
pub(crate) fn for_update(conn: &impl ConnectionTrait) -> &'static str {
    if conn.get_database_backend() == DbBackend::Postgres { " FOR UPDATE" } else { "" }
}

#[derive(FromQueryResult)]
struct CompteRow {
    id: Uuid,
    courriel: String,
    nom: String,
    etat: String,
    cree_le: DateTime<Utc>,
    vu_le: Option<DateTime<Utc>>,
}

const COMPTE: &str = "id, courriel, nom, etat, cree_le, vu_le";

fn compte(row: CompteRow) -> Result<Compte, DbErr> {
    let courriel = Email::parse(&row.courriel).map_err(|_| DbErr::Type("compte.courriel".to_owned()))?;
    Ok(Compte {
        id: CompteId(row.id),
        courriel,
        nom: row.nom,
        etat: Etat::from_key(&row.etat),
        cree_le: row.cree_le,
        vu_le: row.vu_le,
    })
}

pub(crate) async fn insert(conn: &impl ConnectionTrait, c: &Compte) -> Result<(), DbErr> {
    kit::execute(
        conn,
        "INSERT INTO compte (id, courriel, courriel_cle, nom, nom_search, etat, cree_le) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        [
            c.id.0.into(),
            c.courriel.as_str().into(),
            c.courriel.key().into(),
            c.nom.clone().into(),
            text::fold(&c.nom).into(),
            c.etat.key().into(),
            c.cree_le.into(),
        ],
    )
    .await
    .map(|_| ())
}

pub(crate) async fn find(conn: &impl ConnectionTrait, id: CompteId) -> Result<Option<Compte>, DbErr> {
    let sql = format!("SELECT {COMPTE} FROM compte WHERE id = $1");
    kit::query_one_as(conn, &sql, [id.0.into()]).await?.map(compte).transpose()
}

/// The account, its row held until the end of the transaction.
pub(crate) async fn hold(conn: &impl ConnectionTrait, id: CompteId) -> Result<Option<Compte>, DbErr> {
    let sql = format!("SELECT {COMPTE} FROM compte WHERE id = $1{}", for_update(conn));
    kit::query_one_as(conn, &sql, [id.0.into()]).await?.map(compte).transpose()
}

pub(crate) async fn find_by_courriel(
    conn: &impl ConnectionTrait,
    email: &Email,
) -> Result<Option<Compte>, DbErr> {
    let sql = format!("SELECT {COMPTE} FROM compte WHERE courriel_cle = $1");
    kit::query_one_as(conn, &sql, [email.key().into()]).await?.map(compte).transpose()
}

/// Accounts whose name or address holds the text, by name; `page` from 0.
pub(crate) async fn list(
    conn: &impl ConnectionTrait,
    recherche: &str,
    page: u64,
    per_page: u64,
) -> Result<(Vec<Compte>, u64), DbErr> {
    let escape = |s: &str| s.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    let by_name = format!("%{}%", escape(&text::fold(recherche)));
    let by_address = format!("%{}%", escape(&recherche.trim().to_lowercase()));
    let filter = "(nom_search LIKE $1 ESCAPE '\\' OR courriel_cle LIKE $2 ESCAPE '\\')";
    // A text that folds to nothing (signs only) must not match every name.
    let by_name = if by_name == "%%" && !recherche.trim().is_empty() { by_address.clone() } else { by_name };
    let total = kit::count(
        conn,
        &format!("SELECT count(*) FROM compte WHERE {filter}"),
        [by_name.clone().into(), by_address.clone().into()],
    )
    .await?;
    let offset = i64::try_from(page.saturating_mul(per_page)).unwrap_or(i64::MAX);
    let rows: Vec<CompteRow> = kit::query_as(
        conn,
        &format!("SELECT {COMPTE} FROM compte WHERE {filter} ORDER BY nom_search, id LIMIT $3 OFFSET $4"),
        [by_name.into(), by_address.into(), i64::try_from(per_page).unwrap_or(50).into(), offset.into()],
    )
    .await?;
    let comptes = rows.into_iter().map(compte).collect::<Result<_, _>>()?;
    Ok((comptes, u64::try_from(total).unwrap_or(0)))
}

/// An account found by its name or its address.
#[derive(Clone, Debug)]
pub struct Trouve {
    /// Its identifier.
    pub id: CompteId,
    /// Name of the person.
    pub nom: String,
    /// Address with which it signs in.
    pub courriel: String,
}

/// Accounts whose name or address holds that text, by name, at most so many; the very address is one.
///
/// # Errors
/// When the database does not answer.
pub async fn chercher(conn: &impl ConnectionTrait, texte: &str, limite: u64) -> Result<Vec<Trouve>, DbErr> {
    let (comptes, _) = list(conn, texte, 0, limite).await?;
    let trouve = |c: Compte| Trouve { id: c.id, nom: c.nom, courriel: c.courriel.as_str().to_owned() };
    let exact = comptes.iter().find(|c| c.courriel.key() == texte.trim().to_lowercase()).cloned();
    Ok(exact.map_or_else(|| comptes.into_iter().map(trouve).collect(), |c| vec![trouve(c)]))
}

pub(crate) async fn set_etat(conn: &impl ConnectionTrait, id: CompteId, etat: Etat) -> Result<(), DbErr> {
    kit::execute(conn, "UPDATE compte SET etat = $1 WHERE id = $2", [etat.key().into(), id.0.into()])
        .await
        .map(|_| ())
}

/// Writes the address that an account signs in with; the caller knows that no other account has it.
pub(crate) async fn set_courriel(
    conn: &impl ConnectionTrait,
    id: CompteId,
    courriel: &Email,
) -> Result<(), DbErr> {
    let sql = "UPDATE compte SET courriel = $2, courriel_cle = $3 WHERE id = $1";
    kit::execute(conn, sql, [id.0.into(), courriel.as_str().into(), courriel.key().into()]).await.map(|_| ())
}

/// Closes an account for good and forgets whose it was: nobody signs in with what is left.
pub(crate) async fn effacer(conn: &impl ConnectionTrait, id: CompteId) -> Result<(), DbErr> {
    let adresse = format!("{id}@efface.invalid");
    let sql = "UPDATE compte SET etat = 'desactive', nom = 'Compte effacé', nom_search = 'compte efface', \
               courriel = $2, courriel_cle = $2 WHERE id = $1";
    kit::execute(conn, sql, [id.0.into(), adresse.into()]).await.map(|_| ())
}

pub(crate) async fn set_nom(conn: &impl ConnectionTrait, id: CompteId, nom: &str) -> Result<(), DbErr> {
    kit::execute(
        conn,
        "UPDATE compte SET nom = $1, nom_search = $2 WHERE id = $3",
        [nom.into(), text::fold(nom).into(), id.0.into()],
    )
    .await
    .map(|_| ())
}

pub(crate) async fn set_vu(
    conn: &impl ConnectionTrait,
    id: CompteId,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    kit::execute(conn, "UPDATE compte SET vu_le = $1 WHERE id = $2", [now.into(), id.0.into()])
        .await
        .map(|_| ())
}

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
pub(crate) fn parts(p: &Perimetre) -> (&'static str, Vec<String>) {
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
        if super::rules::en_vigueur(&a, origine.as_ref(), now) {
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
                _ => super::rules::en_vigueur(&a, None, now),
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

/// Those of these accounts that are not closed.
///
/// # Errors
/// When the database does not answer.
pub async fn actifs(
    conn: &impl ConnectionTrait,
    ids: &[CompteId],
) -> Result<std::collections::BTreeSet<CompteId>, DbErr> {
    let mut out = std::collections::BTreeSet::new();
    for chunk in ids.chunks(500) {
        let places = kit::places(1, chunk.len());
        let sql = format!("SELECT id FROM compte WHERE etat <> 'desactive' AND id IN ({places})");
        for row in kit::query(conn, &sql, chunk.iter().map(|c| Value::from(c.0))).await? {
            out.insert(CompteId(row.try_get("", "id")?));
        }
    }
    Ok(out)
}

/// The address of that account, if it is in use.
///
/// # Errors
/// When the database does not answer.
pub async fn courriel(conn: &impl ConnectionTrait, id: CompteId) -> Result<Option<Email>, DbErr> {
    Ok(find(conn, id).await?.filter(|c| c.etat != Etat::Desactive).map(|c| c.courriel))
}

/// How many of these accounts were opened: their person signed in at least once, and they are not closed.
///
/// # Errors
/// When the database does not answer.
pub async fn ouverts(conn: &impl ConnectionTrait, ids: &[CompteId]) -> Result<i64, DbErr> {
    let mut out = 0;
    for chunk in ids.chunks(5_000) {
        let sql = format!(
            "SELECT COUNT(*) FROM compte WHERE etat = 'actif' AND vu_le IS NOT NULL AND id IN ({})",
            kit::places(1, chunk.len())
        );
        out += kit::count(conn, &sql, chunk.iter().map(|c| Value::from(c.0))).await?;
    }
    Ok(out)
}

/// Names of those accounts, for lists that mention people.
///
/// # Errors
/// When the database does not answer.
pub async fn noms(
    conn: &impl ConnectionTrait,
    ids: &[CompteId],
) -> Result<std::collections::BTreeMap<CompteId, String>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        nom: String,
    }
    let mut out = std::collections::BTreeMap::new();
    for chunk in ids.chunks(500) {
        let sql = format!("SELECT id, nom FROM compte WHERE id IN ({})", kit::places(1, chunk.len()));
        let rows: Vec<Row> = kit::query_as(conn, &sql, chunk.iter().map(|c| Value::from(c.0))).await?;
        out.extend(rows.into_iter().map(|r| (CompteId(r.id), r.nom)));
    }
    Ok(out)
}

#[derive(FromQueryResult)]
struct VueRow {
    id: Uuid,
    vu_id: Uuid,
    par_id: Uuid,
    par_nom: String,
    motif: String,
    debut: DateTime<Utc>,
    fin: Option<DateTime<Utc>>,
}

const VUE: &str = "SELECT v.id, v.vu_id, v.par_id, c.nom AS par_nom, v.motif, v.debut, v.fin \
                   FROM compte_vue v JOIN compte c ON c.id = v.par_id";

fn vue(r: VueRow) -> Vue {
    Vue {
        id: VueId(r.id),
        vu: CompteId(r.vu_id),
        par: CompteId(r.par_id),
        par_nom: r.par_nom,
        motif: r.motif,
        debut: r.debut,
        fin: r.fin,
    }
}

pub(crate) async fn insert_vue(conn: &impl ConnectionTrait, v: &Vue) -> Result<(), DbErr> {
    kit::execute(
        conn,
        "INSERT INTO compte_vue (id, vu_id, par_id, motif, debut) VALUES ($1, $2, $3, $4, $5)",
        [v.id.0.into(), v.vu.0.into(), v.par.0.into(), v.motif.clone().into(), v.debut.into()],
    )
    .await
    .map(|_| ())
}

/// Ends the look; false when it was over already.
pub(crate) async fn end_vue(
    conn: &impl ConnectionTrait,
    id: VueId,
    fin: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let done = kit::execute(
        conn,
        "UPDATE compte_vue SET fin = $1 WHERE id = $2 AND fin IS NULL",
        [fin.into(), id.0.into()],
    )
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Looks that nobody ended and that began before that instant, a few at a time.
pub(crate) async fn vues_ouvertes(
    conn: &impl ConnectionTrait,
    avant: DateTime<Utc>,
) -> Result<Vec<Vue>, DbErr> {
    let sql = format!("{VUE} WHERE v.fin IS NULL AND v.debut <= $1 ORDER BY v.debut, v.id LIMIT 500");
    let rows: Vec<VueRow> = kit::query_as(conn, &sql, [avant.into()]).await?;
    Ok(rows.into_iter().map(vue).collect())
}

pub(crate) async fn find_vue(conn: &impl ConnectionTrait, id: VueId) -> Result<Option<Vue>, DbErr> {
    let row: Option<VueRow> =
        kit::query_one_as(conn, &format!("{VUE} WHERE v.id = $1"), [id.0.into()]).await?;
    Ok(row.map(vue))
}

/// Who looked at the site as that person, newest first.
pub(crate) async fn vues_de(conn: &impl ConnectionTrait, vu: CompteId) -> Result<Vec<Vue>, DbErr> {
    let sql = format!("{VUE} WHERE v.vu_id = $1 ORDER BY v.debut DESC, v.id DESC LIMIT 200");
    let rows: Vec<VueRow> = kit::query_as(conn, &sql, [vu.0.into()]).await?;
    Ok(rows.into_iter().map(vue).collect())
}
