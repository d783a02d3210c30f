//! Who holds a post on a day, within a scope: the list of conseillers.

use annuaire::structures::Conditions;
use chrono::NaiveDate;
use kernel::ids::StructureId;
use kernel::{CodeDepartement, Perimetre, Periode};
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::model::Typologie;
use crate::candidats;
use crate::ids::{CandidatId, ContratId, PosteId};

/// Which conseillers, on which day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Filtre {
    /// The day.
    pub le: NaiveDate,
    /// Words of their name, their number or their commune; all must be there.
    pub mots: String,
    /// Of a post of that département on that day.
    pub departement: Option<CodeDepartement>,
    /// On a post of that kind.
    pub typologie: Option<Typologie>,
    /// That person only.
    pub personne: Option<CandidatId>,
}

impl Filtre {
    /// Everybody in a post on that day.
    pub fn tous(le: NaiveDate) -> Self {
        Self { le, mots: String::new(), departement: None, typologie: None, personne: None }
    }
}

/// A person in a post.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EnPoste {
    /// Who.
    pub candidat: CandidatId,
    /// Under which contract.
    pub contrat: ContratId,
    /// From when to when.
    pub periode: Periode,
    /// On which post.
    pub poste: PosteId,
    /// Its number.
    pub numero: i64,
    /// Its kind.
    pub typologie: Typologie,
    /// Where it is attached.
    pub structure: StructureId,
    /// In which département.
    pub departement: String,
}

impl EnPoste {
    /// `CN-12`.
    pub fn poste(&self) -> String {
        format!("CN-{}", self.numero)
    }
}

#[derive(FromQueryResult)]
struct Row {
    candidat_id: Uuid,
    contrat_id: Uuid,
    debut: NaiveDate,
    fin: Option<NaiveDate>,
    poste_id: Uuid,
    numero: i64,
    typologie: String,
    structure_id: Uuid,
    departement: String,
}

const TABLES: &str = " FROM poste_affectation a JOIN poste p ON p.id = a.poste_id \
                      JOIN poste_rattachement r ON r.poste_id = p.id";

fn conditions(perimetre: &Perimetre, f: &Filtre) -> Conditions {
    let mut c = Conditions::default();
    let jour = c.place(f.le);
    for t in ["a", "r"] {
        c.et(format!("{t}.debut <= {jour} AND ({t}.fin IS NULL OR {t}.fin >= {jour})"));
    }
    match perimetre {
        Perimetre::Personnes(numeros) => {
            let sql = candidats::de_numeros(&mut c, numeros, "a.candidat_id");
            c.et(sql);
        }
        autre => c.dans(autre, "r", "structure_id"),
    }
    if let Some(d) = &f.departement {
        let d = c.place(d.to_string());
        c.et(format!("r.departement = {d}"));
    }
    if let Some(t) = f.typologie {
        let t = c.place(t.cle());
        c.et(format!("p.typologie = {t}"));
    }
    if let Some(id) = f.personne {
        let id = c.place(id.0);
        c.et(format!("a.candidat_id = {id}"));
    }
    if let Some(sql) = candidats::de_mots(&mut c, &f.mots, "a.candidat_id") {
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
    let n = kit::count(conn, &format!("SELECT COUNT(*){TABLES}{}", c.clause()), c.values().to_vec()).await?;
    Ok(usize::try_from(n).unwrap_or_default())
}

/// Those of the list whose post has a number after that one, by number of post; `offset` of them left out.
///
/// # Errors
/// The database.
pub async fn lister(
    conn: &impl ConnectionTrait,
    perimetre: &Perimetre,
    f: &Filtre,
    apres: Option<i64>,
    (offset, limit): (usize, usize),
) -> Result<Vec<EnPoste>, DbErr> {
    let mut c = conditions(perimetre, f);
    if let Some(numero) = apres {
        let numero = c.place(numero);
        c.et(format!("p.numero > {numero}"));
    }
    let (limit, offset) =
        (i64::try_from(limit).unwrap_or(i64::MAX), i64::try_from(offset).unwrap_or(i64::MAX));
    let (limit, offset) = (c.place(limit), c.place(offset));
    let sql = format!(
        "SELECT a.candidat_id, a.contrat_id, a.debut, a.fin, p.id AS poste_id, p.numero, p.typologie, r.structure_id, \
         r.departement{TABLES}{} ORDER BY p.numero LIMIT {limit} OFFSET {offset}",
        c.clause()
    );
    let rows: Vec<Row> = kit::query_as(conn, &sql, c.values().to_vec()).await?;
    rows.into_iter()
        .map(|r| {
            Ok(EnPoste {
                typologie: Typologie::from_cle(&r.typologie)
                    .ok_or_else(|| DbErr::Type(format!("poste {}: typologie", r.poste_id)))?,
                candidat: CandidatId(r.candidat_id),
                contrat: ContratId(r.contrat_id),
                periode: Periode { debut: r.debut, fin: r.fin },
                poste: PosteId(r.poste_id),
                numero: r.numero,
                structure: StructureId(r.structure_id),
                departement: r.departement,
            })
        })
        .collect()
}
