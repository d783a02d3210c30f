//! Subscriptions to what happens here, and the outbox of their deliveries.

use sea_orm_migration::prelude::*;

use crate::db::kit::{id, instant, instant_opt, integer, integer_opt, name, state, text, text_opt};

/// `platform_0005_webhooks`
#[derive(Debug)]
pub struct Webhooks0001;

impl MigrationName for Webhooks0001 {
    fn name(&self) -> &'static str {
        "platform_0005_webhooks"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Webhooks0001 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("webhook"))
                .col(id(name("id")).primary_key())
                // Of `identity`, whose tables come after these.
                .col(id(name("compte_id")))
                .col(id(name("attribution_id")))
                .col(text(name("url")))
                .col(text(name("secret")))
                .col(text(name("evenements")))
                .col(instant(name("cree_le")))
                .col(instant_opt(name("suspendu_le")))
                .col(text_opt(name("raison")))
                .to_owned(),
        )
        .await?;
        m.create_index(
            Index::create()
                .name("ix_webhook_compte")
                .table(name("webhook"))
                .col(name("compte_id"))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("webhook_envoi"))
                .col(id(name("id")).primary_key())
                .col(id(name("webhook_id")))
                .col(text(name("corps")))
                .col(integer(name("evenements")))
                .col(state("etat", &["en_attente", "parti", "abandonne"]))
                .col(integer(name("essais")))
                .col(integer_opt(name("statut")))
                .col(text_opt(name("erreur")))
                .col(instant(name("ecrit_le")))
                .col(instant_opt(name("tente_le")))
                .foreign_key(
                    ForeignKey::create()
                        .from(name("webhook_envoi"), name("webhook_id"))
                        .to(name("webhook"), name("id")),
                )
                .to_owned(),
        )
        .await?;
        m.create_index(
            Index::create()
                .name("ix_webhook_envoi_webhook")
                .table(name("webhook_envoi"))
                .col(name("webhook_id"))
                .col(name("ecrit_le"))
                .to_owned(),
        )
        .await
    }
}
