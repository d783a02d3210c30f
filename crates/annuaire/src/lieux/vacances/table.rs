//! The table of school calendars.

use platform::db::kit::{instant, integer, name, text};
use sea_orm_migration::prelude::*;

/// `annuaire_0045_lieux_vacances`
#[derive(Debug)]
pub(in crate::lieux) struct Vacances0045;

impl MigrationName for Vacances0045 {
    fn name(&self) -> &'static str {
        "annuaire_0045_lieux_vacances"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Vacances0045 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        // Rank 0 is the school year itself, the others its holidays.
        m.create_table(
            Table::create()
                .table(name("vacances_scolaires"))
                .col(text(name("zone")))
                .col(text(name("annee")))
                .col(integer(name("rang")))
                .col(text(name("nom")))
                .col(ColumnDef::new(name("du")).date().not_null())
                .col(ColumnDef::new(name("au")).date().not_null())
                .col(text(name("source")))
                .col(instant(name("importee_le")))
                .primary_key(Index::create().col(name("zone")).col(name("annee")).col(name("rang")))
                .to_owned(),
        )
        .await
    }
}
