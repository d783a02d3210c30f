//! What can be read of posts beyond one structure: the ledger and its filters.

use annuaire::structures::Conditions;
use chrono::NaiveDate;
use kernel::{CodeDepartement, Perimetre};
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::model::{Poste, Typologie};
use super::store;
use crate::ids::PosteId;

/// Which posts of the ledger, on which day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Filtre {
    /// The day.
    pub le: NaiveDate,
    /// Occupied, vacant or given back on that day.
    pub etat: Option<EtatVoulu>,
    /// Of that département on that day.
    pub departement: Option<CodeDepartement>,
    /// Of that kind.
    pub typologie: Option<Typologie>,
    /// With that number.
    pub numero: Option<i64>,
}

impl Filtre {
    /// Every post of that day.
    pub fn tous(le: NaiveDate) -> Self {
        Self { le, etat: None, departement: None, typologie: None, numero: None }
    }
}

/// The states that a list may ask for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EtatVoulu {
    /// Somebody holds it.
    Occupe,
    /// Nobody does.
    Vacant,
    /// It is a post no more.
    Rendu,
}

impl EtatVoulu {
    /// Keys and names, for the filter.
    pub const OPTIONS: [(&'static str, &'static str); 4] =
        [("", "Tous"), ("occupe", "Occupé"), ("vacant", "Vacant"), ("rendu", "Rendu")];

    /// The state of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        match cle {
            "occupe" => Some(Self::Occupe),
            "vacant" => Some(Self::Vacant),
            "rendu" => Some(Self::Rendu),
            _ => None,
        }
    }
}

fn conditions(perimetre: &Perimetre, filtre: &Filtre) -> Conditions {
    let mut c = Conditions::default();
    let jour = c.place(filtre.le);
    c.et(format!("p.attribue_le <= {jour}"));
    // Where it is on that day; where it was last, when it was given back.
    c.et(format!("r.debut <= {jour}"));
    c.et(format!(
        "NOT EXISTS (SELECT 1 FROM poste_rattachement s WHERE s.poste_id = p.id AND s.debut > r.debut AND s.debut <= {jour})"
    ));
    let occupe = format!(
        "EXISTS (SELECT 1 FROM poste_affectation a WHERE a.poste_id = p.id AND a.debut <= {jour} \
         AND (a.fin IS NULL OR a.fin >= {jour}))"
    );
    let ouvert = format!("(p.rendu_le IS NULL OR p.rendu_le > {jour})");
    match filtre.etat {
        None => {}
        Some(EtatVoulu::Rendu) => c.et(format!("p.rendu_le <= {jour}")),
        Some(EtatVoulu::Occupe) => c.et(format!("{ouvert} AND {occupe}")),
        Some(EtatVoulu::Vacant) => c.et(format!("{ouvert} AND NOT {occupe}")),
    }
    if let Some(d) = &filtre.departement {
        let d = c.place(d.to_string());
        c.et(format!("r.departement = {d}"));
    }
    if let Some(t) = filtre.typologie {
        let t = c.place(t.cle());
        c.et(format!("p.typologie = {t}"));
    }
    if let Some(n) = filtre.numero {
        let n = c.place(n);
        c.et(format!("p.numero = {n}"));
    }
    c.dans(perimetre, "r", "structure_id");
    c
}

#[derive(FromQueryResult)]
struct IdRow {
    id: Uuid,
}

/// How many posts the list has.
///
/// # Errors
/// The database.
pub async fn compter(
    conn: &impl ConnectionTrait,
    perimetre: &Perimetre,
    filtre: &Filtre,
) -> Result<usize, DbErr> {
    let c = conditions(perimetre, filtre);
    let sql =
        format!("SELECT COUNT(*) FROM poste p JOIN poste_rattachement r ON r.poste_id = p.id{}", c.clause());
    Ok(usize::try_from(kit::count(conn, &sql, c.values().to_vec()).await?).unwrap_or_default())
}

/// Posts of the list after that number, by number.
///
/// # Errors
/// The database.
pub async fn apres(
    conn: &impl ConnectionTrait,
    perimetre: &Perimetre,
    filtre: &Filtre,
    numero: i64,
    limit: usize,
) -> Result<Vec<Poste>, DbErr> {
    let mut c = conditions(perimetre, filtre);
    let numero = c.place(numero);
    c.et(format!("p.numero > {numero}"));
    lire(conn, c, 0, limit).await
}

/// A page of the list, by number.
///
/// # Errors
/// The database.
pub async fn lister(
    conn: &impl ConnectionTrait,
    perimetre: &Perimetre,
    filtre: &Filtre,
    (offset, limit): (usize, usize),
) -> Result<Vec<Poste>, DbErr> {
    lire(conn, conditions(perimetre, filtre), offset, limit).await
}

async fn lire(
    conn: &impl ConnectionTrait,
    mut c: Conditions,
    offset: usize,
    limit: usize,
) -> Result<Vec<Poste>, DbErr> {
    let (limit, offset) =
        (i64::try_from(limit).unwrap_or(i64::MAX), i64::try_from(offset).unwrap_or(i64::MAX));
    let (limit, offset) = (c.place(limit), c.place(offset));
    let sql = format!(
        "SELECT p.id AS id FROM poste p JOIN poste_rattachement r ON r.poste_id = p.id{} ORDER BY p.numero \
         LIMIT {limit} OFFSET {offset}",
        c.clause()
    );
    let rows: Vec<IdRow> = kit::query_as(conn, &sql, c.values().to_vec()).await?;
    store::charger(conn, &rows.into_iter().map(|r| PosteId(r.id)).collect::<Vec<_>>()).await
}

/// Every vacant post of a scope on that day, by number.
///
/// # Errors
/// The database.
pub async fn vacants(
    conn: &impl ConnectionTrait,
    perimetre: &Perimetre,
    le: NaiveDate,
) -> Result<Vec<Poste>, DbErr> {
    let filtre = Filtre { etat: Some(EtatVoulu::Vacant), ..Filtre::tous(le) };
    lister(conn, perimetre, &filtre, (0, usize::MAX)).await
}
