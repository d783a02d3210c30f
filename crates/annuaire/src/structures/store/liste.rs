//! The list of structures: filtered, within the scope of who asks, by pages or all along.

use kernel::text::fold;
use kernel::{CodeDepartement, Email, Perimetre, Telephone};
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, QueryResult};
use uuid::Uuid;

use super::{Conditions, Row};
use crate::structures::model::{Etat, Fiche, FicheContact, Genre, StructureId};

/// Which states the list shows. What was merged is never in a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum FiltreEtat {
    /// Those that work.
    #[default]
    Actives,
    /// Those that closed.
    Fermees,
    /// Both.
    Toutes,
}

impl FiltreEtat {
    /// Key in the address, and label.
    pub const OPTIONS: [(&'static str, &'static str); 3] =
        [("active", "Actives"), ("fermee", "Fermées"), ("toutes", "Actives et fermées")];

    /// From the address; anything else means the default.
    pub fn from_cle(cle: &str) -> Self {
        match cle {
            "fermee" => Self::Fermees,
            "toutes" => Self::Toutes,
            _ => Self::Actives,
        }
    }
}

/// What the list shows.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filtre {
    /// Words of the name, the commune, the code postal or the number; all must be there.
    pub mots: String,
    /// Only of this kind.
    pub genre: Option<Genre>,
    /// Only of this département.
    pub departement: Option<CodeDepartement>,
    /// Only in these states.
    pub etat: FiltreEtat,
}

/// Longest search that is looked at, in words.
const MAX_MOTS: usize = 8;

fn conditions(perimetre: &Perimetre, filtre: &Filtre) -> Conditions {
    let mut c = Conditions::default();
    c.perimetre(perimetre, "s");
    match filtre.etat {
        FiltreEtat::Actives => c.et("s.etat = 'active'"),
        FiltreEtat::Fermees => c.et("s.etat = 'fermee'"),
        FiltreEtat::Toutes => c.et("s.etat <> 'fusionnee'"),
    }
    if let Some(genre) = filtre.genre {
        let place = c.place(genre.cle());
        c.et(format!("s.genre = {place}"));
    }
    if let Some(departement) = &filtre.departement {
        let place = c.place(departement.as_str());
        c.et(format!("s.departement = {place}"));
    }
    let court: String = filtre.mots.chars().take(200).collect();
    // Folding leaves letters, digits and blanks: no sign of LIKE comes through.
    for mot in fold(&court).split_whitespace().take(MAX_MOTS) {
        let place = c.place(format!("%{mot}%"));
        c.et(format!("s.recherche LIKE {place}"));
    }
    c
}

/// One line of the list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ligne {
    /// Which structure.
    pub id: StructureId,
    /// Its sheet.
    pub fiche: Fiche,
    /// Its state.
    pub etat: Etat,
    /// Its main contact.
    pub contact: Option<FicheContact>,
    rang: String,
}

impl Ligne {
    /// What the list sorts by, with the identifier: the mark from which the next lines are read.
    pub(crate) fn marque(&self) -> &str {
        &self.rang
    }

    fn read(row: &QueryResult) -> Result<Self, DbErr> {
        let contact = match row.try_get::<Option<String>>("", "c_nom")? {
            None => None,
            Some(nom) => Some(FicheContact {
                nom,
                fonction: row.try_get("", "c_fonction")?,
                courriel: row
                    .try_get::<Option<String>>("", "c_courriel")?
                    .and_then(|c| Email::parse(&c).ok()),
                telephone: row
                    .try_get::<Option<String>>("", "c_telephone")?
                    .and_then(|t| Telephone::parse(&t)),
            }),
        };
        let rang = row.try_get("", "recherche")?;
        let row = Row::from_query_result(row, "")?;
        Ok(Self { id: StructureId(row.id), fiche: row.fiche()?, etat: row.etat()?, contact, rang })
    }
}

fn select() -> String {
    let columns: Vec<String> = super::COLUMNS.split(", ").map(|c| format!("s.{}", c.trim())).collect();
    format!(
        "SELECT {}, s.recherche, c.nom AS c_nom, c.fonction AS c_fonction, c.courriel AS c_courriel, \
         c.telephone AS c_telephone FROM structure s \
         LEFT JOIN structure_contact c ON c.structure_id = s.id AND c.principal",
        columns.join(", ")
    )
}

/// How many structures the list has.
pub(crate) async fn compter(
    conn: &impl ConnectionTrait,
    perimetre: &Perimetre,
    filtre: &Filtre,
) -> Result<usize, DbErr> {
    let c = conditions(perimetre, filtre);
    let n = kit::count(conn, &format!("SELECT COUNT(*) FROM structure s{}", c.clause()), c.values().to_vec())
        .await?;
    Ok(usize::try_from(n).unwrap_or(0))
}

/// A page of the list, by name.
pub(crate) async fn lister(
    conn: &impl ConnectionTrait,
    perimetre: &Perimetre,
    filtre: &Filtre,
    offset: usize,
    limit: usize,
) -> Result<Vec<Ligne>, DbErr> {
    let mut c = conditions(perimetre, filtre);
    let limit = c.place(i64::try_from(limit).unwrap_or(100));
    let offset = c.place(i64::try_from(offset).unwrap_or(i64::MAX));
    let sql = format!("{}{} ORDER BY s.recherche, s.id LIMIT {limit} OFFSET {offset}", select(), c.clause());
    kit::query(conn, &sql, c.values().to_vec()).await?.iter().map(Ligne::read).collect()
}

/// The lines after that one: an export of any length holds one batch in memory.
pub(crate) async fn apres(
    conn: &impl ConnectionTrait,
    perimetre: &Perimetre,
    filtre: &Filtre,
    marque: Option<(&str, Uuid)>,
    limit: usize,
) -> Result<Vec<Ligne>, DbErr> {
    let mut c = conditions(perimetre, filtre);
    if let Some((rang, id)) = marque {
        let (rang, id) = (c.place(rang), c.place(id));
        c.et(format!("(s.recherche, s.id) > ({rang}, {id})"));
    }
    let limit = c.place(i64::try_from(limit).unwrap_or(100));
    let sql = format!("{}{} ORDER BY s.recherche, s.id LIMIT {limit}", select(), c.clause());
    kit::query(conn, &sql, c.values().to_vec()).await?.iter().map(Ligne::read).collect()
}
