//! Tables that every room of this context shares: counters and the history.

use platform::db::kit::{id, instant, integer, name, text, text_opt, uuid_opt};
use sea_orm_migration::prelude::*;

use crate::ids::Compteur;

/// `conseillers_0001_commun`
#[derive(Debug)]
pub(crate) struct Conseillers0001;

impl MigrationName for Conseillers0001 {
    fn name(&self) -> &'static str {
        "conseillers_0001_commun"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Conseillers0001 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("conseillers_compteur"))
                .col(text(name("nom")).primary_key())
                .col(integer(name("dernier")))
                .to_owned(),
        )
        .await?;
        for compteur in Compteur::TOUS {
            let sql =
                format!("INSERT INTO conseillers_compteur (nom, dernier) VALUES ('{}', 0)", compteur.cle());
            m.get_connection().execute_unprepared(&sql).await?;
        }
        m.create_table(
            Table::create()
                .table(name("conseillers_historique"))
                .col(text(name("sujet")))
                .col(id(name("sujet_id")))
                // From 1, without a gap, in the order of the changes.
                .col(integer(name("rang")))
                .col(instant(name("le")))
                .col(uuid_opt(name("par")))
                .col(text_opt(name("role")))
                .col(text(name("action")))
                .col(text(name("quoi")))
                .col(text(name("avant")))
                .col(text(name("apres")))
                .primary_key(Index::create().col(name("sujet")).col(name("sujet_id")).col(name("rang")))
                .to_owned(),
        )
        .await
    }
}
