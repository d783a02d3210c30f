//! What a structure keeps for itself of the people of its list, before any contact: set aside, a word, a label. The person is
//! not told, reads it in the data that they take away, and it goes with them.

use std::collections::HashMap;

use annuaire::structures::Conditions;
use chrono::{DateTime, Utc};
use kernel::ids::StructureId;
use kernel::{Actor, Refusal, Verb};
use platform::Tx;
use platform::db::kit::{self, id, instant, instant_opt, name, text};
use platform::journal::{self, Entry};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use sea_orm_migration::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::actions::cherche_ici;
use super::model::Origine;
use super::store;
use crate::Conseillers;
use crate::Failure;
use crate::ids::CandidatId;

/// Longest label, in characters.
pub const ETIQUETTE_MAX: usize = 40;
/// Longest note, in characters.
pub const NOTE_MAX: usize = 2000;

/// What a structure keeps of somebody of its list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Marque {
    /// Since when they are out of the list; none while they are in it.
    pub ecartee_le: Option<DateTime<Utc>>,
    /// A label to sort by.
    pub etiquette: String,
    /// What it notes for itself.
    pub note: String,
}

/// `conseillers_0032_marques`
#[derive(Debug)]
pub(crate) struct Marques0032;

impl MigrationName for Marques0032 {
    fn name(&self) -> &'static str {
        "conseillers_0032_marques"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Marques0032 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("relation_marque"))
                .col(id(name("structure_id")))
                .col(id(name("candidat_id")))
                .col(instant_opt(name("ecartee_le")))
                .col(text(name("etiquette")))
                .col(text(name("note")))
                .col(instant(name("le")))
                .primary_key(Index::create().col(name("structure_id")).col(name("candidat_id")))
                .to_owned(),
        )
        .await?;
        let sql = "CREATE INDEX relation_marque_candidat ON relation_marque (candidat_id)";
        m.get_connection().execute_unprepared(sql).await?;
        Ok(())
    }
}

#[derive(FromQueryResult)]
struct Row {
    structure_id: Uuid,
    candidat_id: Uuid,
    ecartee_le: Option<DateTime<Utc>>,
    etiquette: String,
    note: String,
}

async fn lire(conn: &impl ConnectionTrait, c: &Conditions) -> Result<Vec<Row>, DbErr> {
    let sql = format!(
        "SELECT structure_id, candidat_id, ecartee_le, etiquette, note FROM relation_marque{} ORDER BY le",
        c.clause()
    );
    kit::query_as(conn, &sql, c.values().to_vec()).await
}

impl Row {
    fn marque(self) -> Marque {
        Marque { ecartee_le: self.ecartee_le, etiquette: self.etiquette, note: self.note }
    }
}

/// What a structure keeps, by person.
///
/// # Errors
/// The database.
pub async fn de_structure(
    conn: &impl ConnectionTrait,
    ids: &[StructureId],
) -> Result<HashMap<CandidatId, Marque>, DbErr> {
    let mut c = Conditions::default();
    let liste = c.liste(ids.iter().map(|s| s.0));
    c.et(format!("structure_id IN ({liste})"));
    Ok(lire(conn, &c).await?.into_iter().map(|r| (CandidatId(r.candidat_id), r.marque())).collect())
}

/// What structures keep of a person.
///
/// # Errors
/// The database.
pub async fn de_candidat(
    conn: &impl ConnectionTrait,
    id: CandidatId,
) -> Result<Vec<(StructureId, Marque)>, DbErr> {
    let mut c = Conditions::default();
    let id = c.place(id.0);
    c.et(format!("candidat_id = {id}"));
    Ok(lire(conn, &c).await?.into_iter().map(|r| (StructureId(r.structure_id), r.marque())).collect())
}

/// Gives what these structures keep of a person to another file of theirs.
pub(super) async fn passer(
    tx: &Tx,
    structures: &[Uuid],
    (de, a): (CandidatId, CandidatId),
) -> Result<(), DbErr> {
    let mut c = Conditions::default();
    let (de, a) = (c.place(de.0), c.place(a.0));
    let liste = c.liste(structures.iter().copied());
    let sql = format!(
        "UPDATE relation_marque SET candidat_id = {a} WHERE candidat_id = {de} AND structure_id IN ({liste})"
    );
    kit::execute(tx, &sql, c.values().to_vec()).await.map(|_| ())
}

/// Forgets what structures keep of a person; with some structures, what these keep.
///
/// # Errors
/// The database.
pub async fn oublier(tx: &Tx, id: CandidatId, structures: Option<&[StructureId]>) -> Result<(), DbErr> {
    let mut c = Conditions::default();
    let id = c.place(id.0);
    c.et(format!("candidat_id = {id}"));
    if let Some(ids) = structures {
        let liste = c.liste(ids.iter().map(|s| s.0));
        c.et(format!("structure_id IN ({liste})"));
    }
    let sql = format!("DELETE FROM relation_marque{}", c.clause());
    kit::execute(tx, &sql, c.values().to_vec()).await.map(|_| ())
}

/// Forgets what these structures keep of their list: they have no post left to fill.
pub(super) async fn de_structure_partie(tx: &Tx, ids: &[StructureId]) -> Result<(), DbErr> {
    let mut c = Conditions::default();
    let liste = c.liste(ids.iter().map(|s| s.0));
    let sql = format!("DELETE FROM relation_marque WHERE structure_id IN ({liste})");
    kit::execute(tx, &sql, c.values().to_vec()).await.map(|_| ())
}

/// What a structure does with somebody of its list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Geste {
    /// Out of the list.
    Ecarter,
    /// Back in it.
    Remettre,
    /// A label, a note.
    Noter {
        /// The label.
        etiquette: String,
        /// The note.
        note: String,
    },
}

/// The structure keeps something of somebody of its list.
///
/// # Errors
/// [`Refusal::NotFound`] for somebody out of its reach; when they look for no post, or are in contact already.
pub async fn marquer(
    cx: &Conseillers,
    actor: &Actor,
    structure: StructureId,
    candidat: CandidatId,
    geste: Geste,
) -> Result<(), Failure> {
    let site = &cx.site;
    site.db
        .write(async |tx| {
            let s = annuaire::structures::find(tx, structure).await?.ok_or(Refusal::NotFound)?;
            s.may(actor, Verb::Recruter)?;
            store::tenir(tx, s.id, candidat).await?;
            cherche_ici(cx, tx, &s, (candidat, Origine::Liste)).await?;
            let relations = store::de_candidat(tx, candidat).await?;
            if relations.iter().any(|r| s.identites.contains(&r.structure) && r.hors_de_la_liste()) {
                return Err(Refusal::conflict("Cette personne est déjà dans vos contacts.").into());
            }
            let mut m = de_structure(tx, &s.identites).await?.remove(&candidat).unwrap_or_default();
            let verbe = match geste {
                Geste::Ecarter => {
                    m.ecartee_le = Some(site.clock.now());
                    "liste.ecarter"
                }
                Geste::Remettre => {
                    m.ecartee_le = None;
                    "liste.remettre"
                }
                Geste::Noter { etiquette, note } => {
                    (m.etiquette, m.note) = (etiquette, note);
                    "liste.noter"
                }
            };
            oublier(tx, candidat, Some(&s.identites)).await?;
            if m != Marque::default() {
                let sql = "INSERT INTO relation_marque (structure_id, candidat_id, ecartee_le, etiquette, note, le) \
                           VALUES ($1, $2, $3, $4, $5, $6)";
                let values = [
                    s.id.0.into(),
                    candidat.0.into(),
                    m.ecartee_le.into(),
                    m.etiquette.into(),
                    m.note.into(),
                    site.clock.now().into(),
                ];
                kit::execute(tx, sql, values).await?;
            }
            let ligne = Entry::by(actor, verbe, "structure", s.id).with(json!({ "candidat": candidat }));
            journal::write(site, tx, ligne).await?;
            Ok(())
        })
        .await
}
