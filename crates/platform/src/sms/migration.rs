//! Text messages and what was called back.

use sea_orm_migration::prelude::*;

use crate::db::kit::{id, instant, instant_opt, name, state, text};

/// `platform_0010_sms`
#[derive(Debug)]
pub struct Sms0001;

impl MigrationName for Sms0001 {
    fn name(&self) -> &'static str {
        "platform_0010_sms"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Sms0001 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("sms"))
                .col(id(name("id")).primary_key())
                .col(text(name("destinataire")))
                .col(text(name("texte")))
                .col(state("etat", &["en_attente", "parti", "remis", "echec", "perime"]))
                .col(instant(name("ecrit_le")))
                .col(instant(name("expire_le")))
                .col(instant_opt(name("parti_le")))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("sms_rappel"))
                // What the gateway calls the event: a second one is a replay.
                .col(text(name("evenement")).primary_key())
                .col(instant(name("recu_le")))
                .to_owned(),
        )
        .await?;
        m.get_connection().execute_unprepared("CREATE INDEX sms_ecrit ON sms (ecrit_le)").await?;
        Ok(())
    }
}
