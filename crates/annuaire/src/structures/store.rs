//! Rows of structures, private to the slice: nobody else names these tables.

mod conditions;
mod doublons;
mod fusions;
mod historique;
mod liste;

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use kernel::{CodeCommune, CodeDepartement, CodePostal, CodeRegion, Email, Pivot, Reseau, Telephone};
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Value};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::doublons::cles;
use super::model::{
    CategorieJuridique, CommuneChoisie, Contact, ContactId, Etat, Fiche, FicheContact, Genre, SiteWeb,
    Structure, StructureId,
};

pub use conditions::Conditions;
pub(super) use doublons::{apparier_tout, distinguer, paires, voisines};
pub use fusions::FusionRow;
pub(super) use fusions::{Avant, annuler, fusion, fusions_de, noter_fusion};
pub(super) use historique::{Ecrit, historique, longueur_historique, noter, oublier_contacts};
pub use liste::{Filtre, FiltreEtat, Ligne};
pub(super) use liste::{apres, compter, lister};

/// A row of `structure`; also what a merge remembers of each side.
#[derive(Clone, PartialEq, Eq, Debug, FromQueryResult, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(super) id: Uuid,
    pivot: Option<String>,
    nom: String,
    genre: String,
    categorie: Option<String>,
    voie: Option<String>,
    code_postal: Option<String>,
    code_commune: String,
    commune: String,
    departement: String,
    region: String,
    site_web: Option<String>,
    etat: String,
    fermee_le: Option<DateTime<Utc>>,
    fusionnee_dans: Option<Uuid>,
    version: i64,
    creee_le: DateTime<Utc>,
    modifiee_le: DateTime<Utc>,
    // Merges of before this column remember none.
    #[serde(default)]
    reseau: Option<String>,
}

const COLUMNS: &str = "id, pivot, nom, genre, categorie, voie, code_postal, code_commune, commune, departement, \
                       region, site_web, etat, fermee_le, fusionnee_dans, version, creee_le, modifiee_le, reseau";

/// Which of so many identifiers from that one on are taken.
pub(super) async fn entre(
    conn: &impl ConnectionTrait,
    premier: Uuid,
    combien: usize,
) -> Result<HashSet<Uuid>, DbErr> {
    #[derive(FromQueryResult)]
    struct Id {
        id: Uuid,
    }
    let dernier = Uuid::from_u128(premier.as_u128() + combien as u128);
    let sql = "SELECT id FROM structure WHERE id >= $1 AND id < $2";
    let rows: Vec<Id> = kit::query_as(conn, sql, [premier.into(), dernier.into()]).await?;
    Ok(rows.into_iter().map(|r| r.id).collect())
}

/// Name and commune of each of these structures.
///
/// # Errors
/// The database.
pub(super) async fn situees(
    conn: &impl ConnectionTrait,
    ids: &[StructureId],
) -> Result<HashMap<StructureId, (String, CodeCommune)>, DbErr> {
    #[derive(FromQueryResult)]
    struct Place {
        id: Uuid,
        nom: String,
        code_commune: String,
    }
    let mut out = HashMap::with_capacity(ids.len());
    for lot in ids.chunks(500) {
        let mut c = Conditions::default();
        let liste = c.liste(lot.iter().map(|id| id.0));
        let sql = format!("SELECT id, nom, code_commune FROM structure WHERE id IN ({liste})");
        for row in kit::query_as::<Place>(conn, &sql, c.values().to_vec()).await? {
            let code = CodeCommune::parse(&row.code_commune).ok_or_else(|| abime(row.id, "code_commune"))?;
            out.insert(StructureId(row.id), (row.nom, code));
        }
    }
    Ok(out)
}

/// A row that the rules would never have written.
fn abime(id: Uuid, colonne: &str) -> DbErr {
    DbErr::Type(format!("structure {id}: column {colonne} does not hold what it should"))
}

impl Row {
    pub(super) fn new(s: &Structure) -> Self {
        let f = &s.fiche;
        let (fermee_le, fusionnee_dans) = match s.etat {
            Etat::Active => (None, None),
            Etat::Fermee { le } => (Some(le), None),
            Etat::Fusionnee { dans } => (None, Some(dans.0)),
        };
        Self {
            id: s.id.0,
            pivot: f.pivot.as_ref().map(ToString::to_string),
            nom: f.nom.clone(),
            genre: f.genre.cle().to_owned(),
            categorie: f.categorie.as_ref().map(|c| c.code().to_owned()),
            voie: f.voie.clone(),
            code_postal: f.code_postal.as_ref().map(ToString::to_string),
            code_commune: f.commune.code.to_string(),
            commune: f.commune.nom.clone(),
            departement: f.commune.departement.to_string(),
            region: f.commune.region.to_string(),
            site_web: f.site_web.as_ref().map(|s| s.as_str().to_owned()),
            etat: s.etat.cle().to_owned(),
            fermee_le,
            fusionnee_dans,
            version: s.version,
            creee_le: s.creee_le,
            modifiee_le: s.modifiee_le,
            reseau: f.reseau.map(|r| r.cle().to_owned()),
        }
    }

    pub(super) fn fiche(&self) -> Result<Fiche, DbErr> {
        let bad = |colonne| move || abime(self.id, colonne);
        Ok(Fiche {
            pivot: self
                .pivot
                .as_deref()
                .map(Pivot::parse)
                .transpose()
                .map_err(|_| abime(self.id, "pivot"))?,
            nom: self.nom.clone(),
            genre: Genre::from_cle(&self.genre).ok_or_else(bad("genre"))?,
            categorie: self
                .categorie
                .as_deref()
                .map(CategorieJuridique::parse)
                .transpose()
                .map_err(|_| abime(self.id, "categorie"))?,
            voie: self.voie.clone(),
            code_postal: match &self.code_postal {
                Some(code) => Some(CodePostal::parse(code).ok_or_else(bad("code_postal"))?),
                None => None,
            },
            commune: CommuneChoisie {
                code: CodeCommune::parse(&self.code_commune).ok_or_else(bad("code_commune"))?,
                nom: self.commune.clone(),
                departement: CodeDepartement::parse(&self.departement).ok_or_else(bad("departement"))?,
                region: CodeRegion::parse(&self.region).ok_or_else(bad("region"))?,
            },
            site_web: self
                .site_web
                .as_deref()
                .map(SiteWeb::parse)
                .transpose()
                .map_err(|_| abime(self.id, "site_web"))?,
            // A network that left the list is none.
            reseau: self.reseau.as_deref().and_then(Reseau::parse),
        })
    }

    pub(super) fn etat(&self) -> Result<Etat, DbErr> {
        match (self.etat.as_str(), self.fermee_le, self.fusionnee_dans) {
            ("active", None, None) => Ok(Etat::Active),
            ("fermee", Some(le), None) => Ok(Etat::Fermee { le }),
            ("fusionnee", None, Some(dans)) => Ok(Etat::Fusionnee { dans: StructureId(dans) }),
            _ => Err(abime(self.id, "etat")),
        }
    }

    fn structure(&self, contacts: Vec<Contact>, alias: Vec<StructureId>) -> Result<Structure, DbErr> {
        Ok(Structure {
            id: StructureId(self.id),
            fiche: self.fiche()?,
            contacts,
            etat: self.etat()?,
            alias,
            version: self.version,
            creee_le: self.creee_le,
            modifiee_le: self.modifiee_le,
        })
    }

    fn values(&self, recherche: String) -> Vec<Value> {
        vec![
            self.id.into(),
            self.pivot.clone().into(),
            self.nom.clone().into(),
            self.genre.clone().into(),
            self.categorie.clone().into(),
            self.voie.clone().into(),
            self.code_postal.clone().into(),
            self.code_commune.clone().into(),
            self.commune.clone().into(),
            self.departement.clone().into(),
            self.region.clone().into(),
            self.site_web.clone().into(),
            self.etat.clone().into(),
            self.fermee_le.into(),
            self.fusionnee_dans.into(),
            self.version.into(),
            self.creee_le.into(),
            self.modifiee_le.into(),
            self.reseau.clone().into(),
            recherche.into(),
        ]
    }
}

#[derive(FromQueryResult)]
struct ContactRow {
    id: Uuid,
    structure_id: Uuid,
    nom: String,
    fonction: Option<String>,
    courriel: Option<String>,
    telephone: Option<String>,
    principal: bool,
}

impl ContactRow {
    fn contact(self) -> Result<Contact, DbErr> {
        let courriel = self.courriel.as_deref().map(Email::parse).transpose();
        let telephone = self.telephone.as_deref().map(|t| Telephone::parse(t).ok_or(())).transpose();
        let (Ok(courriel), Ok(telephone)) = (courriel, telephone) else {
            return Err(abime(self.structure_id, "contact"));
        };
        Ok(Contact {
            id: ContactId(self.id),
            fiche: FicheContact { nom: self.nom, fonction: self.fonction, courriel, telephone },
            principal: self.principal,
        })
    }
}

#[derive(FromQueryResult)]
struct AliasRow {
    racine: Uuid,
    id: Uuid,
}

/// How many identifiers go into one query.
const LOT: usize = 500;

/// These structures, in the order asked; those that do not exist are left out.
pub(super) async fn charger(conn: &impl ConnectionTrait, ids: &[Uuid]) -> Result<Vec<Structure>, DbErr> {
    let mut out = Vec::with_capacity(ids.len());
    for lot in ids.chunks(LOT) {
        let mut c = Conditions::default();
        let liste = c.liste(lot.iter().copied());
        let rows: Vec<Row> = kit::query_as(
            conn,
            &format!("SELECT {COLUMNS} FROM structure WHERE id IN ({liste})"),
            c.values().to_vec(),
        )
        .await?;
        let mut contacts: HashMap<Uuid, Vec<Contact>> = HashMap::new();
        let sql = format!(
            "SELECT id, structure_id, nom, fonction, courriel, telephone, principal FROM structure_contact \
             WHERE structure_id IN ({liste}) ORDER BY principal DESC, id"
        );
        for row in kit::query_as::<ContactRow>(conn, &sql, c.values().to_vec()).await? {
            contacts.entry(row.structure_id).or_default().push(row.contact()?);
        }
        let mut alias: HashMap<Uuid, Vec<StructureId>> = HashMap::new();
        let sql = format!(
            "WITH RECURSIVE a(racine, id) AS (\
               SELECT fusionnee_dans, id FROM structure WHERE fusionnee_dans IN ({liste}) \
               UNION SELECT a.racine, s.id FROM structure s JOIN a ON s.fusionnee_dans = a.id\
             ) SELECT racine, id FROM a ORDER BY id"
        );
        for row in kit::query_as::<AliasRow>(conn, &sql, c.values().to_vec()).await? {
            alias.entry(row.racine).or_default().push(StructureId(row.id));
        }
        let rows: HashMap<Uuid, Row> = rows.into_iter().map(|r| (r.id, r)).collect();
        for id in lot {
            if let Some(row) = rows.get(id) {
                out.push(row.structure(
                    contacts.remove(id).unwrap_or_default(),
                    alias.remove(id).unwrap_or_default(),
                )?);
            }
        }
    }
    Ok(out)
}

/// That structure, merged or not.
pub(super) async fn get(conn: &impl ConnectionTrait, id: StructureId) -> Result<Option<Structure>, DbErr> {
    Ok(charger(conn, &[id.0]).await?.pop())
}

/// The identifier of the structure that stands for this one today: itself, or where its merges lead.
pub(super) async fn canonique(
    conn: &impl ConnectionTrait,
    id: StructureId,
) -> Result<Option<StructureId>, DbErr> {
    #[derive(FromQueryResult)]
    struct Fin {
        id: Uuid,
    }
    let sql = "WITH RECURSIVE c(id, dans) AS (\
                 SELECT id, fusionnee_dans FROM structure WHERE id = $1 \
                 UNION SELECT s.id, s.fusionnee_dans FROM structure s JOIN c ON s.id = c.dans\
               ) SELECT id FROM c WHERE dans IS NULL";
    let fin: Option<Fin> = kit::query_one_as(conn, sql, [id.0.into()]).await?;
    Ok(fin.map(|f| StructureId(f.id)))
}

/// The oldest active structure of that number.
pub(super) async fn de_pivot(
    conn: &impl ConnectionTrait,
    pivot: &Pivot,
) -> Result<Option<StructureId>, DbErr> {
    #[derive(FromQueryResult)]
    struct Trouvee {
        id: Uuid,
    }
    let sql = "SELECT id FROM structure WHERE pivot = $1 AND etat = 'active' ORDER BY creee_le, id LIMIT 1";
    let found: Option<Trouvee> = kit::query_one_as(conn, sql, [pivot.as_str().into()]).await?;
    Ok(found.map(|t| StructureId(t.id)))
}

/// Holds that structure until the end of the transaction: what a house may do once only is done by one at a time.
///
/// # Errors
/// The database.
pub async fn tenir(tx: &Tx, id: StructureId) -> Result<(), DbErr> {
    // SQLite has one writer at a time, and this transaction is it.
    if tx.get_database_backend() == DbBackend::Postgres {
        kit::query(tx, "SELECT id FROM structure WHERE id = $1 FOR UPDATE", [id.0.into()]).await?;
    }
    Ok(())
}

/// That structure, held until the end of the transaction: nobody else changes it meanwhile.
pub(super) async fn get_locked(tx: &Tx, id: StructureId) -> Result<Option<Structure>, DbErr> {
    tenir(tx, id).await?;
    get(tx, id).await
}

/// Writes a new structure, its contacts and its keys.
pub(super) async fn insert(tx: &Tx, s: &Structure) -> Result<(), DbErr> {
    insert_many(tx, std::slice::from_ref(s)).await
}

/// Writes new structures, their contacts and their keys; those that share a key with another are compared with it.
pub(super) async fn insert_many(tx: &Tx, structures: &[Structure]) -> Result<(), DbErr> {
    let into = format!("structure ({COLUMNS}, recherche)");
    let rows = structures.iter().map(|s| Row::new(s).values(s.fiche.recherche())).collect();
    kit::insert_many(tx, &into, rows, "").await?;
    let contacts = structures.iter().flat_map(|s| s.contacts.iter().map(|c| contact_values(s.id, c)));
    kit::insert_many(tx, CONTACT, contacts.collect(), "").await?;
    let keys = structures.iter().flat_map(|s| cles(s).into_iter().map(|cle| vec![cle.into(), s.id.0.into()]));
    kit::insert_many(tx, "structure_cle (cle, structure_id)", keys.collect(), "").await?;
    let shared = doublons::rapprochees(tx, structures).await?;
    for s in structures.iter().filter(|s| shared.contains(&s.id)) {
        doublons::apparier(tx, s).await?;
    }
    Ok(())
}

/// Writes the sheet and the state over those of `s.version`, and counts the version up; `false` when somebody else
/// changed it since.
pub(super) async fn update(tx: &Tx, s: &Structure) -> Result<bool, DbErr> {
    let mut row = Row::new(s);
    row.version = s.version + 1;
    let sets: Vec<String> = COLUMNS
        .split(", ")
        .map(str::trim)
        .enumerate()
        .filter(|(_, column)| *column != "id" && *column != "creee_le")
        .map(|(i, column)| format!("{column} = ${}", i + 1))
        .collect();
    // Every value is bound, though `creee_le` does not change: PostgreSQL wants each of them used.
    let sql = format!(
        "UPDATE structure SET {}, creee_le = $17, recherche = $20 WHERE id = $1 AND version = $16 - 1",
        sets.join(", ")
    );
    let done = kit::execute(tx, &sql, row.values(s.fiche.recherche())).await?;
    if done.rows_affected() == 1 {
        indexer(tx, s).await?;
    }
    Ok(done.rows_affected() == 1)
}

/// Writes the keys under which the structure meets its duplicates.
pub(super) async fn indexer(tx: &Tx, s: &Structure) -> Result<(), DbErr> {
    kit::execute(tx, "DELETE FROM structure_cle WHERE structure_id = $1", [s.id.0.into()]).await?;
    // One that was merged is no duplicate of anybody any more.
    if matches!(s.etat, Etat::Fusionnee { .. }) {
        return doublons::apparier(tx, s).await;
    }
    for cle in cles(s) {
        kit::execute(
            tx,
            "INSERT INTO structure_cle (cle, structure_id) VALUES ($1, $2)",
            [cle.into(), s.id.0.into()],
        )
        .await?;
    }
    doublons::apparier(tx, s).await
}

const CONTACT: &str = "structure_contact (id, structure_id, nom, fonction, courriel, telephone, principal)";

fn contact_values(structure: StructureId, c: &Contact) -> Vec<Value> {
    vec![
        c.id.0.into(),
        structure.0.into(),
        c.fiche.nom.clone().into(),
        c.fiche.fonction.clone().into(),
        c.fiche.courriel.as_ref().map(ToString::to_string).into(),
        c.fiche.telephone.as_ref().map(ToString::to_string).into(),
        c.principal.into(),
    ]
}

async fn insert_contact(tx: &Tx, structure: StructureId, c: &Contact) -> Result<(), DbErr> {
    kit::insert_many(tx, CONTACT, vec![contact_values(structure, c)], "").await.map(|_| ())
}

/// Makes the contacts of a structure these ones: those that are new come in, those that are absent go, those that are
/// there take what their sheet says now, and a contact that another structure held moves here.
pub(super) async fn save_contacts(tx: &Tx, s: &Structure, avant: &[Contact]) -> Result<(), DbErr> {
    for parti in avant.iter().filter(|a| s.contacts.iter().all(|c| c.id != a.id)) {
        kit::execute(
            tx,
            "DELETE FROM structure_contact WHERE id = $1 AND structure_id = $2",
            [parti.id.0.into(), s.id.0.into()],
        )
        .await?;
    }
    for contact in &s.contacts {
        let moved = kit::execute(
            tx,
            "UPDATE structure_contact SET structure_id = $2, principal = $3, nom = $4, fonction = $5, courriel = $6, \
             telephone = $7 WHERE id = $1",
            [
                contact.id.0.into(),
                s.id.0.into(),
                contact.principal.into(),
                contact.fiche.nom.clone().into(),
                contact.fiche.fonction.clone().into(),
                contact.fiche.courriel.as_ref().map(ToString::to_string).into(),
                contact.fiche.telephone.as_ref().map(ToString::to_string).into(),
            ],
        )
        .await?;
        if moved.rows_affected() == 0 {
            insert_contact(tx, s.id, contact).await?;
        }
    }
    indexer(tx, s).await
}
