//! The table of keys.

use platform::db::kit::{id, instant, integer, name, state, text};
use sea_orm_migration::prelude::*;

/// `mandats_0030_cles`
#[derive(Debug)]
pub(crate) struct Mandats0030;

impl MigrationName for Mandats0030 {
    fn name(&self) -> &'static str {
        "mandats_0030_cles"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Mandats0030 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("cle_signature"))
                .col(id(name("id")).primary_key())
                .col(text(name("kid")).unique_key())
                .col(state("usage", &["mandat", "jeton"]))
                .col(state("alg", &["ES256", "RS256"]))
                .col(integer(name("rang")))
                .col(instant(name("depuis")))
                // The public half as JSON, and the private one, sealed.
                .col(text(name("publique")))
                .col(text(name("scellee")))
                .to_owned(),
        )
        .await?;
        // Two instances that make the next key at once make one.
        let sql = "CREATE UNIQUE INDEX cle_signature_rang ON cle_signature (usage, alg, rang)";
        m.get_connection().execute_unprepared(sql).await?;
        Ok(())
    }
}
