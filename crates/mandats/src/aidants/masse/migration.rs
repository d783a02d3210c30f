//! Tables of lists of addresses, and of reminders about people who cannot sign in.

use platform::db::kit::{id, instant, instant_opt, integer, name, state, text, text_opt, uuid_opt};
use sea_orm_migration::prelude::*;

use super::{EtatLigne, GESTES};

/// `mandats_0111_masse`
#[derive(Debug)]
pub(crate) struct Mandats0111;

impl MigrationName for Mandats0111 {
    fn name(&self) -> &'static str {
        "mandats_0111_masse"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Mandats0111 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("aidant_masse_lot"))
                .col(id(name("id")).primary_key())
                .col(state("vers", &GESTES.map(|(e, _)| e.cle())))
                .col(id(name("par_compte_id")))
                // Régions, then départements, of who asked; nothing: the whole country.
                .col(text_opt(name("perimetre")))
                .col(instant(name("cree_le")))
                .col(instant_opt(name("fini_le")))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("aidant_masse_ligne"))
                .col(id(name("lot_id")))
                // From 0, in the order of the list.
                .col(integer(name("rang")))
                .col(text(name("adresse")))
                .col(uuid_opt(name("aidant_id")))
                .col(state("etat", &EtatLigne::TOUS.map(EtatLigne::cle)))
                // What became of it, in a sentence.
                .col(text(name("phrase")))
                .primary_key(Index::create().col(name("lot_id")).col(name("rang")))
                .foreign_key(
                    ForeignKey::create()
                        .from(name("aidant_masse_ligne"), name("lot_id"))
                        .to(name("aidant_masse_lot"), name("id"))
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .check(Expr::cust("etat <> 'attente' OR aidant_id IS NOT NULL"))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("aidant_rappel_moyens"))
                .col(id(name("structure_id")).primary_key())
                .col(integer(name("nombre")))
                .col(instant(name("dernier_le")))
                .to_owned(),
        )
        .await?;
        for sql in [
            "CREATE INDEX aidant_masse_ligne_attend ON aidant_masse_ligne (lot_id, etat, rang)",
            "CREATE INDEX aidant_masse_lot_de ON aidant_masse_lot (par_compte_id, cree_le)",
        ] {
            m.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
