//! Tables of what an operator adds to the embedded reference: official centres, dated zonages.

use platform::db::kit::{instant, integer, name, state, text, text_opt};
use sea_orm_migration::prelude::*;

use super::zonage::GenreZonage;

/// `annuaire_0001_territoires`
#[derive(Debug)]
pub struct Territoires0001;

impl MigrationName for Territoires0001 {
    fn name(&self) -> &'static str {
        "annuaire_0001_territoires"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Territoires0001 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("territoire_centre"))
                .col(text(name("code_commune")).primary_key())
                .col(ColumnDef::new(name("latitude")).double().not_null())
                .col(ColumnDef::new(name("longitude")).double().not_null())
                .col(text(name("source")))
                .col(instant(name("imported_at")))
                .to_owned(),
        )
        .await?;
        let genres: Vec<&str> = GenreZonage::TOUS.iter().map(|g| g.cle()).collect();
        m.create_table(
            Table::create()
                .table(name("territoire_zonage_liste"))
                .col(state("genre", &genres))
                .col(ColumnDef::new(name("date")).date().not_null())
                .col(text(name("source")))
                .col(integer(name("communes")))
                .col(instant(name("imported_at")))
                .primary_key(Index::create().col(name("genre")).col(name("date")))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("territoire_zonage"))
                .col(text(name("genre")))
                .col(ColumnDef::new(name("date")).date().not_null())
                .col(text(name("code_commune")))
                .col(text_opt(name("valeur")))
                .primary_key(Index::create().col(name("genre")).col(name("date")).col(name("code_commune")))
                .foreign_key(
                    ForeignKey::create()
                        .from(name("territoire_zonage"), (name("genre"), name("date")))
                        .to(name("territoire_zonage_liste"), (name("genre"), name("date")))
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .to_owned(),
        )
        .await?;
        // What the instances keep in memory is renewed when these numbers change.
        m.create_table(
            Table::create()
                .table(name("territoire_version"))
                .col(text(name("sujet")).primary_key())
                .col(integer(name("version")))
                .col(instant(name("changed_at")))
                .to_owned(),
        )
        .await
    }
}
