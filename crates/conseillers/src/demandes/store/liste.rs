//! The queue: filtered, within the scope of who asks, oldest first.

use annuaire::structures::Conditions;
use kernel::text::fold;
use kernel::{CodeDepartement, Perimetre};
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use super::{COLUMNS, Row};
use crate::demandes::model::{Demande, Etat, Genre};
use crate::ids::SeanceId;

/// What a list shows.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filtre {
    /// Words of the name, the commune or the number.
    pub mots: String,
    /// Only of this kind.
    pub genre: Option<Genre>,
    /// Only of this département.
    pub departement: Option<CodeDepartement>,
    /// Only in this state, by its key.
    pub etat: Option<&'static str>,
    /// Only those that wait for an opinion (`true`), or that have one.
    pub sans_avis: Option<bool>,
    /// Only those of this session.
    pub seance: Option<SeanceId>,
}

impl Filtre {
    /// The state of an address; anything else means all.
    pub fn etat_de(cle: &str) -> Option<&'static str> {
        Etat::CLES.into_iter().find(|c| *c == cle)
    }
}

/// States in which something is awaited: these come first.
const EN_COURS: &str = "'a_confirmer', 'deposee', 'en_seance', 'examen_complementaire'";

fn conditions(perimetre: &Perimetre, f: &Filtre) -> Conditions {
    let mut c = Conditions::default();
    c.dans(perimetre, "d", "structure_id");
    if let Some(genre) = f.genre {
        let place = c.place(genre.cle());
        c.et(format!("d.genre = {place}"));
    }
    if let Some(departement) = &f.departement {
        let place = c.place(departement.as_str());
        c.et(format!("d.departement = {place}"));
    }
    if let Some(etat) = f.etat {
        let place = c.place(etat);
        c.et(format!("d.etat = {place}"));
    }
    if let Some(seance) = f.seance {
        let place = c.place(seance.0);
        c.et(format!("d.seance_id = {place}"));
    }
    match f.sans_avis {
        Some(true) => c.et("d.avis IS NULL AND d.etat IN ('deposee', 'examen_complementaire')"),
        Some(false) => c.et("d.avis IS NOT NULL"),
        None => {}
    }
    let court: String = f.mots.chars().take(200).collect();
    // Folding leaves letters, digits and blanks: no sign of LIKE comes through.
    for mot in fold(&court).split_whitespace().take(8) {
        let place = c.place(format!("%{mot}%"));
        c.et(format!("d.recherche LIKE {place}"));
    }
    c
}

/// How many demandes the list has.
///
/// # Errors
/// The database.
pub async fn compter(conn: &impl ConnectionTrait, p: &Perimetre, f: &Filtre) -> Result<usize, DbErr> {
    let c = conditions(p, f);
    let n = kit::count(conn, &format!("SELECT COUNT(*) FROM demande d{}", c.clause()), c.values().to_vec())
        .await?;
    Ok(usize::try_from(n).unwrap_or(0))
}

/// A page of the list, oldest first.
///
/// # Errors
/// The database.
pub async fn lister(
    conn: &impl ConnectionTrait,
    p: &Perimetre,
    f: &Filtre,
    (offset, limit): (usize, usize),
) -> Result<Vec<Demande>, DbErr> {
    let mut c = conditions(p, f);
    let limit = c.place(i64::try_from(limit).unwrap_or(100));
    let offset = c.place(i64::try_from(offset).unwrap_or(i64::MAX));
    let columns: Vec<String> = COLUMNS.split(", ").map(|c| format!("d.{}", c.trim())).collect();
    let sql = format!(
        "SELECT {} FROM demande d{} ORDER BY CASE WHEN d.etat IN ({EN_COURS}) THEN 0 ELSE 1 END, d.deposee_le, d.numero \
         LIMIT {limit} OFFSET {offset}",
        columns.join(", "),
        c.clause()
    );
    kit::query_as::<Row>(conn, &sql, c.values().to_vec()).await?.into_iter().map(Row::demande).collect()
}

/// The demandes of the list whose number comes after that one, by number: what a file is written from.
///
/// # Errors
/// The database.
pub async fn apres(
    conn: &impl ConnectionTrait,
    p: &Perimetre,
    f: &Filtre,
    numero: i64,
    limit: usize,
) -> Result<Vec<Demande>, DbErr> {
    let mut c = conditions(p, f);
    let numero = c.place(numero);
    c.et(format!("d.numero > {numero}"));
    let limit = c.place(i64::try_from(limit).unwrap_or(100));
    let columns: Vec<String> = COLUMNS.split(", ").map(|c| format!("d.{}", c.trim())).collect();
    let sql =
        format!("SELECT {} FROM demande d{} ORDER BY d.numero LIMIT {limit}", columns.join(", "), c.clause());
    kit::query_as::<Row>(conn, &sql, c.values().to_vec()).await?.into_iter().map(Row::demande).collect()
}

/// How many numbers go into one query.
const LOT: usize = 500;

/// The demandes of a scope that bear one of these numbers, in no order.
///
/// # Errors
/// The database.
pub async fn de_numeros(
    conn: &impl ConnectionTrait,
    p: &Perimetre,
    numeros: &[i64],
) -> Result<Vec<Demande>, DbErr> {
    let mut out = Vec::new();
    let columns: Vec<String> = COLUMNS.split(", ").map(|c| format!("d.{}", c.trim())).collect();
    for lot in numeros.chunks(LOT) {
        let mut c = conditions(p, &Filtre::default());
        let liste = c.liste(lot.iter().copied());
        c.et(format!("d.numero IN ({liste})"));
        let sql = format!("SELECT {} FROM demande d{}", columns.join(", "), c.clause());
        for row in kit::query_as::<Row>(conn, &sql, c.values().to_vec()).await? {
            out.push(row.demande()?);
        }
    }
    Ok(out)
}

/// How many demandes of a scope are in each state, and how many posts they are about: (state, demandes, posts).
///
/// # Errors
/// The database.
pub async fn par_etat(conn: &impl ConnectionTrait, p: &Perimetre) -> Result<Vec<(String, i64, i64)>, DbErr> {
    #[derive(FromQueryResult)]
    struct Compte {
        etat: String,
        demandes: i64,
        postes: i64,
    }
    let c = conditions(p, &Filtre::default());
    let sql = format!(
        "SELECT d.etat AS etat, COUNT(*) AS demandes, CAST(SUM(d.postes) AS BIGINT) AS postes FROM demande d{} \
         GROUP BY d.etat",
        c.clause()
    );
    let rows: Vec<Compte> = kit::query_as(conn, &sql, c.values().to_vec()).await?;
    Ok(rows.into_iter().map(|r| (r.etat, r.demandes, r.postes)).collect())
}

/// What was asked and granted in a commune.
#[derive(Clone, PartialEq, Eq, Debug, FromQueryResult)]
pub struct Autour {
    /// INSEE code of the commune.
    pub code_commune: String,
    /// Its name.
    pub commune: String,
    /// Demandes that made, or would make, posts.
    pub demandes: i64,
    /// Posts asked by those that are under way.
    pub demandes_en_cours: i64,
    /// Posts granted.
    pub accordes: i64,
}

/// What was asked and granted in each commune of a département.
///
/// # Errors
/// The database.
pub async fn autour(conn: &impl ConnectionTrait, d: &CodeDepartement) -> Result<Vec<Autour>, DbErr> {
    let sql = "SELECT code_commune, MIN(commune) AS commune, COUNT(*) AS demandes, \
               CAST(SUM(CASE WHEN etat IN ('accordee', 'refusee', 'annulee', 'doublon') THEN 0 ELSE postes END) AS BIGINT) \
               AS demandes_en_cours, CAST(SUM(accordes) AS BIGINT) AS accordes FROM demande \
               WHERE departement = $1 AND genre IN ('premiers_postes', 'coordinateur', 'ajout') \
               AND etat NOT IN ('annulee', 'doublon') GROUP BY code_commune ORDER BY code_commune";
    kit::query_as(conn, sql, [d.as_str().into()]).await
}
