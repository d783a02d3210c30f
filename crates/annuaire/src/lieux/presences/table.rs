//! The table of people who are named on sheets.

use platform::db::kit::{id, instant, name, text};
use sea_orm_migration::prelude::*;

/// `annuaire_0044_lieux_presences`
#[derive(Debug)]
pub(in crate::lieux) struct Presences0044;

impl MigrationName for Presences0044 {
    fn name(&self) -> &'static str {
        "annuaire_0044_lieux_presences"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Presences0044 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut vers_lieu = ForeignKey::create();
        vers_lieu.from(name("lieu_presence"), name("lieu_id")).to(name("lieu"), name("id"));
        m.create_table(
            Table::create()
                .table(name("lieu_presence"))
                .col(id(name("lieu_id")))
                .col(id(name("compte_id")))
                .col(text(name("nom")))
                .col(text(name("fonction")))
                // When the person agreed.
                .col(instant(name("consenti_le")))
                .primary_key(Index::create().col(name("lieu_id")).col(name("compte_id")))
                .foreign_key(&mut vers_lieu)
                .to_owned(),
        )
        .await?;
        m.create_index(
            Index::create()
                .name("lieu_presence_compte")
                .table(name("lieu_presence"))
                .col(name("compte_id"))
                .to_owned(),
        )
        .await
    }
}
