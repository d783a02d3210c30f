//! Table of targets.

use platform::db::kit::{day, integer, name, state, text};
use sea_orm_migration::prelude::*;

use super::model::Quoi;

/// `mandats_0101_objectifs`
#[derive(Debug)]
pub(crate) struct Mandats0101;

impl MigrationName for Mandats0101 {
    fn name(&self) -> &'static str {
        "mandats_0101_objectifs"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Mandats0101 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("mandat_objectif"))
                .col(text(name("departement")))
                .col(state("quoi", &Quoi::TOUS.map(Quoi::cle)))
                .col(integer(name("nombre")))
                .col(day(name("echeance")))
                .primary_key(Index::create().col(name("departement")).col(name("quoi")))
                .check(Expr::cust("nombre > 0"))
                .to_owned(),
        )
        .await
    }
}
