//! Table of changes of address that wait for their confirmation.

use platform::db::kit::{id, instant, name, text};
use sea_orm_migration::prelude::*;

/// `conseillers_0064_adresse`
#[derive(Debug)]
pub(crate) struct Adresse0064;

impl MigrationName for Adresse0064 {
    fn name(&self) -> &'static str {
        "conseillers_0064_adresse"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Adresse0064 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("candidat_adresse"))
                .col(id(name("candidat_id")).primary_key())
                // Which of their accounts asked.
                .col(id(name("compte_id")))
                .col(text(name("courriel")))
                .col(text(name("empreinte")).unique_key())
                .col(instant(name("expire_le")))
                .foreign_key(
                    ForeignKey::create()
                        .from(name("candidat_adresse"), name("candidat_id"))
                        .to(name("candidat"), name("id"))
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("relation_invitation"))
                // SHA-256 of the secret. Without a candidat when nobody here has the address: the attempt counts all the same.
                .col(text(name("empreinte")).primary_key())
                .col(platform::db::kit::uuid_opt(name("candidat_id")))
                .col(id(name("structure_id")))
                .col(instant(name("demandee_le")))
                .col(instant(name("expire_le")))
                .to_owned(),
        )
        .await?;
        for sql in [
            "CREATE INDEX relation_invitation_structure ON relation_invitation (structure_id, demandee_le)",
            "CREATE INDEX relation_invitation_candidat ON relation_invitation (candidat_id)",
            "CREATE INDEX relation_invitation_age ON relation_invitation (demandee_le)",
        ] {
            m.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
