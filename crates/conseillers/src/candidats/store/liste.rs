//! Lists of candidats: of the administration, of those to be asked, of what is past its time.

use annuaire::structures::Conditions;
use chrono::{DateTime, Utc};
use kernel::text::fold;
use kernel::{CodeDepartement, NumeroPersonne};
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::super::model::{Candidat, Etat};
use super::{COLUMNS, Row};
use crate::ids::CandidatId;

/// What the list of the administration shows.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(in crate::candidats) struct Filtre {
    /// Words of the name, the address, the telephone, the commune or the number; all must be there.
    pub(in crate::candidats) mots: String,
    /// Only in this state, by its key; confirmed ones when it is none.
    pub(in crate::candidats) etat: String,
    /// Only of this département.
    pub(in crate::candidats) departement: Option<CodeDepartement>,
    /// Only who may be found, or only who may not.
    pub(in crate::candidats) disponible: Option<bool>,
}

/// Longest search that is looked at, in words.
const MAX_MOTS: usize = 8;

fn conditions(f: &Filtre) -> Conditions {
    let mut c = Conditions::default();
    let etat = Etat::CLES.into_iter().find(|e| *e == f.etat).unwrap_or(Etat::CLES[1]);
    let place = c.place(etat);
    c.et(format!("etat = {place}"));
    if let Some(d) = &f.departement {
        let place = c.place(d.as_str());
        c.et(format!("departement = {place}"));
    }
    match f.disponible {
        Some(true) => c.et("disponible"),
        Some(false) => c.et("NOT disponible"),
        None => {}
    }
    for sql in mots(&mut c, &f.mots) {
        c.et(sql);
    }
    c
}

/// One condition a word.
fn mots(c: &mut Conditions, mots: &str) -> Vec<String> {
    let court: String = mots.chars().take(200).collect();
    // Folding leaves letters, digits and blanks: no sign of LIKE comes through.
    let mots = fold(&court);
    let mots = mots.split_whitespace().take(MAX_MOTS);
    mots.map(|mot| format!("recherche LIKE {}", c.place(format!("%{mot}%")))).collect()
}

/// For other rooms: the condition that a column names one of these people, by their numbers.
pub(crate) fn de_numeros(c: &mut Conditions, numeros: &[NumeroPersonne], colonne: &str) -> String {
    let liste = c.liste(numeros.iter().map(|n| n.0));
    format!("{colonne} IN (SELECT id FROM candidat WHERE numero IN ({liste}))")
}

/// For other rooms: the condition that a column names somebody whose file holds all these words; none without a word.
pub(crate) fn de_mots(c: &mut Conditions, typed: &str, colonne: &str) -> Option<String> {
    let conditions = mots(c, typed);
    let dedans = || format!("{colonne} IN (SELECT id FROM candidat WHERE {})", conditions.join(" AND "));
    (!conditions.is_empty()).then(dedans)
}

/// How many the list has.
pub(in crate::candidats) async fn compter(conn: &impl ConnectionTrait, f: &Filtre) -> Result<usize, DbErr> {
    let c = conditions(f);
    let sql = format!("SELECT COUNT(*) FROM candidat{}", c.clause());
    let n = kit::count(conn, &sql, c.values().to_vec()).await?;
    Ok(usize::try_from(n).unwrap_or(0))
}

/// A part of the list, the last who applied first: those of a number below `avant`, when it is given.
pub(in crate::candidats) async fn lister(
    conn: &impl ConnectionTrait,
    f: &Filtre,
    avant: Option<i64>,
    (offset, limit): (usize, usize),
) -> Result<Vec<Candidat>, DbErr> {
    let mut c = conditions(f);
    if let Some(avant) = avant {
        let place = c.place(avant);
        c.et(format!("numero < {place}"));
    }
    let limit = c.place(i64::try_from(limit).unwrap_or(100));
    let offset = c.place(i64::try_from(offset).unwrap_or(i64::MAX));
    let sql = format!(
        "SELECT {COLUMNS} FROM candidat{} ORDER BY numero DESC LIMIT {limit} OFFSET {offset}",
        c.clause()
    );
    let rows: Vec<Row> = kit::query_as(conn, &sql, c.values().to_vec()).await?;
    rows.into_iter().map(Row::candidat).collect()
}

#[derive(FromQueryResult)]
struct IdRow {
    id: Uuid,
}

/// Who gave no sign since the first instant, and was not asked since the second.
pub(in crate::candidats) async fn a_relancer(
    conn: &impl ConnectionTrait,
    (silence, recent): (DateTime<Utc>, DateTime<Utc>),
    limite: usize,
) -> Result<Vec<CandidatId>, DbErr> {
    let sql = "SELECT id FROM candidat WHERE etat = 'active' AND disponible AND vu_le < $1 \
               AND (relance_le IS NULL OR relance_le < $2) ORDER BY vu_le, id LIMIT $3";
    let values = [silence.into(), recent.into(), i64::try_from(limite).unwrap_or(i64::MAX).into()];
    let rows: Vec<IdRow> = kit::query_as(conn, sql, values).await?;
    Ok(rows.into_iter().map(|r| CandidatId(r.id)).collect())
}

/// How many things of a rule of retention are older than that instant.
pub(in crate::candidats) async fn combien_avant(
    conn: &impl ConnectionTrait,
    regle: &super::super::retention::Regle,
    avant: DateTime<Utc>,
) -> Result<i64, DbErr> {
    use super::super::retention;
    let sql = if regle.quoi == retention::BROUILLON.quoi {
        "SELECT COUNT(*) FROM candidat_brouillon WHERE modifie_le < $1"
    } else if regle.quoi == retention::CV.quoi {
        "SELECT COUNT(*) FROM candidat_cv WHERE depose_le < $1"
    } else if regle.quoi == retention::NON_CONFIRMEE.quoi {
        "SELECT COUNT(*) FROM candidat WHERE etat = 'a_confirmer' AND depose_le < $1"
    } else {
        "SELECT COUNT(*) FROM candidat WHERE etat = 'active' AND vu_le < $1"
    };
    kit::count(conn, sql, [avant.into()]).await
}

/// How many files were erased, by reason.
pub(in crate::candidats) async fn effaces(conn: &impl ConnectionTrait) -> Result<Vec<(String, i64)>, DbErr> {
    let sql = "SELECT motif, COUNT(*) AS n FROM candidat_efface GROUP BY motif ORDER BY motif";
    let rows = kit::query(conn, sql, []).await?;
    rows.iter().map(|r| Ok((r.try_get("", "motif")?, r.try_get("", "n")?))).collect()
}
