//! Every contract within a scope, whatever became of it: the history, the hires, the ruptures.

use annuaire::structures::Conditions;
use chrono::NaiveDate;
use kernel::{CodeDepartement, Perimetre};
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use super::lire;
use crate::candidats;
use crate::contrats::model::{Contrat, Situation};

/// Which contracts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Filtre {
    /// The day on which they are looked at.
    pub le: NaiveDate,
    /// In this situation on that day.
    pub situation: Option<Situation>,
    /// Of a post of that département.
    pub departement: Option<CodeDepartement>,
    /// Words of the name, of the number or of the commune of the person; all must be there.
    pub mots: String,
}

fn situation(c: &mut Conditions, s: Situation, le: NaiveDate) -> String {
    let le = c.place(le);
    match s {
        Situation::AValider => "c.etat = 'saisi'".to_owned(),
        Situation::Refuse => "c.etat = 'refuse'".to_owned(),
        Situation::Retire => "c.etat = 'retire'".to_owned(),
        Situation::RuptureNotifiee => "c.etat = 'rupture_notifiee'".to_owned(),
        Situation::Rompu => "c.etat = 'rompu'".to_owned(),
        Situation::AVenir => {
            format!("c.etat = 'valide' AND c.debut > {le} AND (c.fin IS NULL OR c.fin >= {le})")
        }
        Situation::EnCours => {
            format!("c.etat = 'valide' AND c.debut <= {le} AND (c.fin IS NULL OR c.fin >= {le})")
        }
        Situation::Termine => format!("c.etat = 'valide' AND c.fin < {le}"),
    }
}

fn conditions(perimetre: &Perimetre, f: &Filtre) -> Conditions {
    let mut c = Conditions::default();
    c.dans(perimetre, "c", "structure_id");
    if let Some(s) = f.situation {
        let sql = situation(&mut c, s, f.le);
        c.et(sql);
    }
    if let Some(d) = &f.departement {
        let d = c.place(d.to_string());
        c.et(format!("c.departement = {d}"));
    }
    if let Some(sql) = candidats::de_mots(&mut c, &f.mots, "c.candidat_id") {
        c.et(sql);
    }
    c
}

/// How many the list has.
///
/// # Errors
/// The database.
pub async fn compter(conn: &impl ConnectionTrait, perimetre: &Perimetre, f: &Filtre) -> Result<usize, DbErr> {
    let c = conditions(perimetre, f);
    let n = kit::count(conn, &format!("SELECT COUNT(*) FROM contrat c{}", c.clause()), c.values().to_vec())
        .await?;
    Ok(usize::try_from(n).unwrap_or_default())
}

/// How many contracts of a scope are in each situation on a day, in the order of a life.
///
/// # Errors
/// The database.
pub(crate) async fn par_situation(
    conn: &impl ConnectionTrait,
    perimetre: &Perimetre,
    le: NaiveDate,
) -> Result<Vec<(Situation, i64)>, DbErr> {
    let mut c = Conditions::default();
    c.dans(perimetre, "c", "structure_id");
    let mut sommes = Vec::new();
    for s in Situation::TOUTES {
        let sql = situation(&mut c, s, le);
        sommes.push(format!("CAST(COALESCE(SUM(CASE WHEN {sql} THEN 1 ELSE 0 END), 0) AS BIGINT)"));
    }
    let sql = format!("SELECT {} FROM contrat c{}", sommes.join(", "), c.clause());
    let rows = kit::query(conn, &sql, c.values().to_vec()).await?;
    let Some(row) = rows.first() else { return Ok(Vec::new()) };
    Situation::TOUTES.into_iter().enumerate().map(|(i, s)| Ok((s, row.try_get_by_index(i)?))).collect()
}

/// Those of the list that begin before that mark (first day, identifier), latest first; `offset` of them left out.
///
/// # Errors
/// The database.
pub async fn lister(
    conn: &impl ConnectionTrait,
    perimetre: &Perimetre,
    f: &Filtre,
    avant: Option<(NaiveDate, Uuid)>,
    (offset, limit): (usize, usize),
) -> Result<Vec<Contrat>, DbErr> {
    let mut c = conditions(perimetre, f);
    if let Some((debut, id)) = avant {
        let (debut, id) = (c.place(debut), c.place(id));
        c.et(format!("(c.debut < {debut} OR (c.debut = {debut} AND c.id < {id}))"));
    }
    let (limit, offset) =
        (i64::try_from(limit).unwrap_or(i64::MAX), i64::try_from(offset).unwrap_or(i64::MAX));
    let (limit, offset) = (c.place(limit), c.place(offset));
    lire(conn, &format!(" ORDER BY c.debut DESC, c.id DESC LIMIT {limit} OFFSET {offset}"), &c).await
}
