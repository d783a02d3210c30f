//! Rows of accounts; those of their roles and of the looks taken as them are below.

use chrono::{DateTime, Utc};
use kernel::ids::CompteId;
use kernel::{Email, text};
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Value};
use uuid::Uuid;

use super::model::{Compte, Etat};

mod attributions;
mod vues;

pub(crate) use attributions::{
    administrateurs, attribution, attributions_of, de_perimetre, en_vigueur, en_vigueur_de,
    insert_attribution, pretees_par, retire,
};
pub(crate) use vues::{end_vue, find_vue, insert_vue, vues_de, vues_ouvertes};

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
