//! Tables of notifications.

use platform::db::kit::{day, id, instant, instant_opt, name, state, text, uuid_opt};
use sea_orm_migration::prelude::*;

use super::model::Genre;

/// `mandats_0103_notifications`
#[derive(Debug)]
pub(crate) struct Mandats0103;

impl MigrationName for Mandats0103 {
    fn name(&self) -> &'static str {
        "mandats_0103_notifications"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Mandats0103 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("aidant_notification"))
                .col(id(name("id")).primary_key())
                .col(state("genre", &Genre::TOUS.map(Genre::cle)))
                .col(state("public", &["tous", "referents", "aidants", "personne"]))
                .col(uuid_opt(name("aidant_id")))
                .col(text(name("titre")))
                .col(text(name("texte")))
                .col(day(name("jusqu_au")))
                .col(instant(name("cree_le")))
                .col(instant_opt(name("retiree_le")))
                // How far the messages of a novelty went: a job that is stopped goes on from there.
                .col(uuid_opt(name("ecrit_jusque")))
                .check(Expr::cust("(public = 'personne') = (aidant_id IS NOT NULL)"))
                .foreign_key(
                    ForeignKey::create()
                        .from(name("aidant_notification"), name("aidant_id"))
                        .to(name("aidant"), name("id")),
                )
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("aidant_notification_lue"))
                .col(id(name("notification_id")))
                .col(id(name("aidant_id")))
                .col(instant(name("lue_le")))
                .primary_key(Index::create().col(name("notification_id")).col(name("aidant_id")))
                .foreign_key(
                    ForeignKey::create()
                        .from(name("aidant_notification_lue"), name("notification_id"))
                        .to(name("aidant_notification"), name("id")),
                )
                .foreign_key(
                    ForeignKey::create()
                        .from(name("aidant_notification_lue"), name("aidant_id"))
                        .to(name("aidant"), name("id")),
                )
                .to_owned(),
        )
        .await?;
        for sql in [
            "CREATE INDEX aidant_notification_fin ON aidant_notification (jusqu_au)",
            "CREATE INDEX aidant_notification_de ON aidant_notification (aidant_id)",
            "CREATE INDEX aidant_notification_lue_de ON aidant_notification_lue (aidant_id)",
        ] {
            m.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
