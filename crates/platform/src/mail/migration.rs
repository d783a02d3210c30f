//! The outbox.

use sea_orm_migration::prelude::*;

use crate::db::kit::{id, instant, instant_opt, name, state, text};

/// `platform_0003_mail`
#[derive(Debug)]
pub struct Mail0001;

impl MigrationName for Mail0001 {
    fn name(&self) -> &'static str {
        "platform_0003_mail"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Mail0001 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("courriel"))
                .col(id(name("id")).primary_key())
                .col(text(name("destinataire")))
                .col(text(name("sujet")))
                .col(text(name("texte")))
                .col(state("etat", &["en_attente", "parti"]))
                .col(instant(name("ecrit_le")))
                .col(instant_opt(name("parti_le")))
                .to_owned(),
        )
        .await
    }
}
