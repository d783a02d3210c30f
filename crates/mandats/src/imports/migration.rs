//! Files that the staff sends, and their lines.

use platform::db::kit::{flag, id, instant, instant_opt, integer, name, state, text};
use sea_orm_migration::prelude::*;

use super::model::{Etat, Genre, Sort};

/// `mandats_0130_imports`
#[derive(Debug)]
pub(crate) struct Mandats0130;

impl MigrationName for Mandats0130 {
    fn name(&self) -> &'static str {
        "mandats_0130_imports"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Mandats0130 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("mandats_import"))
                .col(id(name("id")).primary_key())
                .col(state("genre", &Genre::TOUS.map(Genre::cle)))
                .col(text(name("fichier")))
                .col(text(name("ignorees")))
                .col(state("etat", &Etat::TOUS.map(Etat::cle)))
                .col(id(name("compte_id")))
                .col(text(name("role")))
                .col(text(name("perimetre")))
                .col(instant(name("cree_le")))
                .col(instant_opt(name("fini_le")))
                .check(Expr::cust("(fini_le IS NOT NULL) = (etat IN ('fini', 'abandonne', 'arrete'))"))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("mandats_import_ligne"))
                .col(id(name("import_id")))
                .col(integer(name("numero")))
                .col(text(name("cellules")))
                .col(state("sort", &Sort::TOUS.map(Sort::cle)))
                .col(flag(name("fait")))
                .col(text(name("remarques")))
                .primary_key(Index::create().col(name("import_id")).col(name("numero")))
                .foreign_key(
                    ForeignKey::create()
                        .from(name("mandats_import_ligne"), name("import_id"))
                        .to(name("mandats_import"), name("id"))
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .check(Expr::cust("NOT fait OR sort IN ('cree', 'change')"))
                .to_owned(),
        )
        .await?;
        m.get_connection()
            .execute_unprepared(
                "CREATE INDEX mandats_import_ligne_sort ON mandats_import_ligne (import_id, sort, fait, numero)",
            )
            .await?;
        Ok(())
    }
}
