//! The tables of files that jobs made.

use sea_orm_migration::prelude::*;

use crate::db::kit::{id, instant, instant_opt, integer, name, text};

/// `platform_0006_documents`
#[derive(Debug)]
pub struct Documents0001;

impl MigrationName for Documents0001 {
    fn name(&self) -> &'static str {
        "platform_0006_documents"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Documents0001 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("document"))
                .col(id(name("id")).primary_key())
                // What it is the document of, as « seance/…/lettres »: one at a time.
                .col(text(name("cle")).unique_key())
                .col(id(name("tache")))
                .col(text(name("nom")))
                .col(text(name("media")))
                .col(integer(name("octets")))
                .col(instant(name("demande_le")))
                .col(instant_opt(name("fait_le")))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("document_morceau"))
                .col(id(name("document_id")))
                .col(integer(name("rang")))
                .col(ColumnDef::new(name("contenu")).binary().not_null())
                .primary_key(Index::create().col(name("document_id")).col(name("rang")))
                .to_owned(),
        )
        .await
    }
}
