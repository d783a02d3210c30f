//! Figures as last counted: one row a territory.

use platform::db::kit::{instant, name, text};
use sea_orm_migration::prelude::*;

/// `mandats_0070_statistiques`
#[derive(Debug)]
pub(crate) struct Mandats0070;

impl MigrationName for Mandats0070 {
    fn name(&self) -> &'static str {
        "mandats_0070_statistiques"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Mandats0070 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("mandat_statistique"))
                // `pays`, `region:75`, `departement:23`.
                .col(text(name("portee")).primary_key())
                // Figures, JSON: what is not there is 0.
                .col(text(name("valeurs")))
                .col(instant(name("comptee_le")))
                .to_owned(),
        )
        .await
    }
}
