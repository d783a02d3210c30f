//! Rows of files that were made one, and of pairs that are two people.

use chrono::{DateTime, Utc};
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::Pieces;
use crate::ids::CandidatId;

/// Writes what moved.
pub(super) async fn noter(
    tx: &Tx,
    (gardee, absorbee): (CandidatId, CandidatId),
    le: DateTime<Utc>,
    pieces: &Pieces,
) -> Result<(), DbErr> {
    let pieces = serde_json::to_string(pieces).map_err(|e| DbErr::Custom(e.to_string()))?;
    let sql = "INSERT INTO candidat_reunion (absorbee_id, gardee_id, le, pieces) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (absorbee_id) DO UPDATE SET gardee_id = excluded.gardee_id, le = excluded.le, pieces = excluded.pieces";
    kit::execute(tx, sql, [absorbee.0.into(), gardee.0.into(), le.into(), pieces.into()]).await.map(|_| ())
}

/// What moved when that file was absorbed; forgotten as it is read. Nothing for a file that was absorbed when nothing moved.
pub(super) async fn reprendre(tx: &Tx, absorbee: CandidatId) -> Result<Pieces, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        pieces: String,
    }
    let sql = "DELETE FROM candidat_reunion WHERE absorbee_id = $1 RETURNING pieces";
    match kit::query_one_as::<Row>(tx, sql, [absorbee.0.into()]).await? {
        Some(r) => serde_json::from_str(&r.pieces).map_err(|e| DbErr::Custom(e.to_string())),
        None => Ok(Pieces::default()),
    }
}

/// Brings the links that were sent to a person to another file of theirs; which ones.
pub(super) async fn passer_liens(tx: &Tx, de: CandidatId, a: CandidatId) -> Result<Vec<String>, DbErr> {
    #[derive(FromQueryResult)]
    struct Lien {
        empreinte: String,
    }
    let sql = "UPDATE candidat_lien SET candidat_id = $2 WHERE candidat_id = $1 RETURNING empreinte";
    let liens: Vec<Lien> = kit::query_as(tx, sql, [de.0.into(), a.0.into()]).await?;
    Ok(liens.into_iter().map(|l| l.empreinte).collect())
}

/// Gives these links to a file.
pub(super) async fn rendre_liens(tx: &Tx, liens: &[String], a: CandidatId) -> Result<(), DbErr> {
    for empreinte in liens {
        let sql = "UPDATE candidat_lien SET candidat_id = $2 WHERE empreinte = $1";
        kit::execute(tx, sql, [empreinte.clone().into(), a.0.into()]).await?;
    }
    Ok(())
}

/// A pair in the order of its row.
fn paire(a: CandidatId, b: CandidatId) -> (Uuid, Uuid) {
    (a.0.min(b.0), a.0.max(b.0))
}

/// Says that these two are two people; says whether it was new.
pub(super) async fn distinguer(
    tx: &Tx,
    (a, b): (CandidatId, CandidatId),
    (le, par): (DateTime<Utc>, Uuid),
) -> Result<bool, DbErr> {
    let (un, autre) = paire(a, b);
    let sql = "INSERT INTO candidat_distincts (un_id, autre_id, le, par) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    Ok(kit::execute(tx, sql, [un.into(), autre.into(), le.into(), par.into()]).await?.rows_affected() == 1)
}

/// Takes that back; says whether it was said.
pub(super) async fn rapprocher(tx: &Tx, (a, b): (CandidatId, CandidatId)) -> Result<bool, DbErr> {
    let (un, autre) = paire(a, b);
    let sql = "DELETE FROM candidat_distincts WHERE un_id = $1 AND autre_id = $2";
    Ok(kit::execute(tx, sql, [un.into(), autre.into()]).await?.rows_affected() == 1)
}

/// Files that share a sign are compared two by two; a sign that more share than this (the telephone of a shelter) tells nothing.
const PARTAGE_MAX: usize = 8;
/// Pairs that are read at most.
const PAIRES_MAX: usize = 5_000;

/// Two files, and what they share.
#[derive(Clone, Debug, FromQueryResult)]
pub(in crate::candidats) struct Paire {
    /// The older file.
    pub(in crate::candidats) un: Uuid,
    /// The other.
    pub(in crate::candidats) autre: Uuid,
    /// One mailbox.
    pub(in crate::candidats) boite: bool,
    /// One name at one postal code.
    pub(in crate::candidats) identite: bool,
    /// One telephone.
    pub(in crate::candidats) telephone: bool,
}

/// The pairs that share a sign and that nobody said to be two people: those that share most first, the newest first among them.
/// The database groups them by what its indexes hold; no file is read.
pub(in crate::candidats) async fn paires(
    conn: &impl ConnectionTrait,
    faibles: bool,
) -> Result<Vec<Paire>, DbErr> {
    let signe = |colonne: &str, place: usize| {
        let un = |n: usize| i32::from(n == place);
        let present = if colonne == "telephone" { " AND telephone IS NOT NULL" } else { "" };
        let actif = |t: &str| {
            let present = if colonne == "telephone" {
                format!(" AND {t}.telephone IS NOT NULL")
            } else {
                String::new()
            };
            format!("{t}.etat = 'active'{present}")
        };
        format!(
            "SELECT a.id AS un, b.id AS autre, b.numero AS numero, {} AS boite, {} AS identite, {} AS telephone \
             FROM (SELECT {colonne} AS cle FROM candidat WHERE etat = 'active'{present} GROUP BY {colonne} \
               HAVING COUNT(*) BETWEEN 2 AND {PARTAGE_MAX}) g \
             JOIN candidat a ON a.{colonne} = g.cle AND {} \
             JOIN candidat b ON b.{colonne} = g.cle AND b.numero > a.numero AND {}",
            un(0),
            un(1),
            un(2),
            actif("a"),
            actif("b")
        )
    };
    let signes = [signe("boite", 0), signe("identite", 1), signe("telephone", 2)].join(" UNION ALL ");
    // A telephone alone is weak: families and shelters share one.
    let poids = "3 * MAX(boite) + 3 * MAX(identite) + MAX(telephone)";
    let force = if faibles { "= 1" } else { "> 1" };
    let sql = format!(
        "SELECT un, autre, MAX(boite) = 1 AS boite, MAX(identite) = 1 AS identite, MAX(telephone) = 1 AS telephone \
         FROM ({signes}) s WHERE NOT EXISTS (SELECT 1 FROM candidat_distincts d \
           WHERE (d.un_id = s.un AND d.autre_id = s.autre) OR (d.un_id = s.autre AND d.autre_id = s.un)) \
         GROUP BY un, autre HAVING {poids} {force} ORDER BY {poids} DESC, MAX(numero) DESC, un LIMIT {PAIRES_MAX}"
    );
    kit::query_as(conn, &sql, []).await
}

/// How many pairs were said to be two people.
pub(in crate::candidats) async fn combien_distincts(conn: &impl ConnectionTrait) -> Result<usize, DbErr> {
    let n = kit::count(conn, "SELECT COUNT(*) FROM candidat_distincts", []).await?;
    Ok(usize::try_from(n).unwrap_or(0))
}

/// The pairs that were said to be two people, the last said first.
pub(in crate::candidats) async fn distincts(
    conn: &impl ConnectionTrait,
    (offset, limit): (usize, usize),
) -> Result<Vec<(CandidatId, CandidatId)>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        un_id: Uuid,
        autre_id: Uuid,
    }
    let entier = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let sql =
        "SELECT un_id, autre_id FROM candidat_distincts ORDER BY le DESC, un_id, autre_id LIMIT $1 OFFSET $2";
    let rows: Vec<Row> = kit::query_as(conn, sql, [entier(limit).into(), entier(offset).into()]).await?;
    Ok(rows.into_iter().map(|r| (CandidatId(r.un_id), CandidatId(r.autre_id))).collect())
}
