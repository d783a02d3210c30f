//! What happened and was not yet told; the keys of creations by programs.

use platform::db::kit::{id, instant, name, state, text};
use sea_orm_migration::prelude::*;

use super::Evenement;

/// `annuaire_0042_abonnements`
pub(in crate::lieux) struct Abonnements0042;

impl MigrationName for Abonnements0042 {
    fn name(&self) -> &'static str {
        "annuaire_0042_abonnements"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Abonnements0042 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        // Without a link to the lieu: a row lives for seconds, and a lieu is never deleted.
        m.create_table(
            Table::create()
                .table(name("lieu_evenement"))
                .col(id(name("id")).primary_key())
                .col(id(name("lieu_id")))
                .col(state("genre", &Evenement::TOUS.map(Evenement::cle)))
                .col(instant(name("le")))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("lieu_creation_cle"))
                .col(id(name("jeton_id")))
                .col(text(name("cle")))
                .col(text(name("empreinte")))
                .col(id(name("lieu_id")))
                .col(instant(name("le")))
                .primary_key(Index::create().col(name("jeton_id")).col(name("cle")))
                .to_owned(),
        )
        .await
    }
}
