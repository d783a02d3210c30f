//! Table of the ways to FranceConnect and back.

use platform::db::kit::{id, instant, name, state, text, text_opt};
use sea_orm_migration::prelude::*;

use super::But;

/// `mandats_0040_franceconnect`
#[derive(Debug)]
pub(crate) struct Mandats0040;

impl MigrationName for Mandats0040 {
    fn name(&self) -> &'static str {
        "mandats_0040_franceconnect"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Mandats0040 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("franceconnect_flux"))
                .col(id(name("id")).primary_key())
                // SHA-256 of the state: what comes back in the address finds the row, a copy of the base gives no state.
                .col(text(name("etat_empreinte")).unique_key())
                .col(text(name("navigateur_empreinte")))
                .col(state("but", &But::TOUS.map(But::cle)))
                .col(text(name("retour")))
                .col(state("etape", &["parti", "revenu", "identifie", "pris"]))
                // The flow, then the identity; sealed.
                .col(text(name("scelle")))
                // SHA-256 of the state of the log-out, while it is awaited.
                .col(text_opt(name("deconnexion_empreinte")).unique_key())
                .col(instant(name("expire_le")))
                .to_owned(),
        )
        .await?;
        m.get_connection()
            .execute_unprepared("CREATE INDEX franceconnect_flux_expire ON franceconnect_flux (expire_le)")
            .await?;
        Ok(())
    }
}
