//! What FranceConnect called a person before, and records that may be of one person.

use platform::db::kit::{id, instant, name, text};
use sea_orm_migration::prelude::*;

/// `mandats_0150_rapprochement`
#[derive(Debug)]
pub(crate) struct Mandats0150;

impl MigrationName for Mandats0150 {
    fn name(&self) -> &'static str {
        "mandats_0150_rapprochement"
    }
}

fn vers_usager(table: &str, colonne: &str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(name(table), name(colonne))
        .to(name("usager"), name("id"))
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Mandats0150 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("usager_sub_ancien"))
                // Keyed hash, as in `usager.sub`.
                .col(text(name("sub")).primary_key())
                .col(id(name("usager_id")))
                .col(instant(name("remplace_le")))
                .foreign_key(&mut vers_usager("usager_sub_ancien", "usager_id"))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("usager_doublon"))
                // The one that came last.
                .col(id(name("usager_id")))
                .col(id(name("autre_id")))
                .col(instant(name("vu_le")))
                .primary_key(Index::create().col(name("usager_id")).col(name("autre_id")))
                .foreign_key(&mut vers_usager("usager_doublon", "usager_id"))
                .foreign_key(&mut vers_usager("usager_doublon", "autre_id"))
                .check(Expr::cust("usager_id <> autre_id"))
                .to_owned(),
        )
        .await?;
        for sql in [
            "CREATE INDEX usager_naissance_nom ON usager (naissance, nom)",
            "CREATE INDEX usager_sub_ancien_de ON usager_sub_ancien (usager_id)",
            "CREATE INDEX usager_doublon_autre ON usager_doublon (autre_id)",
            "CREATE INDEX usager_doublon_vu ON usager_doublon (vu_le)",
        ] {
            m.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
