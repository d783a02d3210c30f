//! What was asked of the staff's transfers, and what became of each mandat. The signed acts are in `mandat_transfert`.

use platform::db::kit::{id, instant, instant_opt, name, state, text, text_opt};
use sea_orm_migration::prelude::*;

use super::model::EtatLigne;

/// `mandats_0080_transferts`
#[derive(Debug)]
pub(crate) struct Mandats0080;

impl MigrationName for Mandats0080 {
    fn name(&self) -> &'static str {
        "mandats_0080_transferts"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Mandats0080 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("mandat_transfert_lot"))
                .col(id(name("id")).primary_key())
                .col(id(name("de_structure_id")))
                .col(id(name("vers_structure_id")))
                .col(text(name("motif")))
                .col(id(name("par_compte_id")))
                .col(instant(name("cree_le")))
                .col(instant_opt(name("fini_le")))
                .check(Expr::cust("de_structure_id <> vers_structure_id"))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("mandat_transfert_ligne"))
                .col(id(name("lot_id")))
                // No reference: a mandat that is erased takes its lines away.
                .col(id(name("mandat_id")))
                .col(state("etat", &EtatLigne::TOUS.map(EtatLigne::cle)))
                // Why it was not moved, in a sentence.
                .col(text_opt(name("pourquoi")))
                .primary_key(Index::create().col(name("lot_id")).col(name("mandat_id")))
                .foreign_key(
                    ForeignKey::create()
                        .from(name("mandat_transfert_ligne"), name("lot_id"))
                        .to(name("mandat_transfert_lot"), name("id")),
                )
                .check(Expr::cust("(etat = 'refuse') = (pourquoi IS NOT NULL)"))
                .to_owned(),
        )
        .await?;
        let conn = m.get_connection();
        for sql in [
            "CREATE INDEX mandat_transfert_ligne_attend ON mandat_transfert_ligne (lot_id, etat, mandat_id)",
            "CREATE INDEX mandat_transfert_ligne_mandat ON mandat_transfert_ligne (mandat_id)",
            "CREATE INDEX mandat_transfert_lot_cree ON mandat_transfert_lot (cree_le)",
        ] {
            conn.execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
