//! The table of computations.

use platform::db::kit::{id, instant, instant_opt, integer_opt, name, state, text, text_opt, uuid_opt};
use sea_orm_migration::prelude::*;

use super::model::CLES;

/// `conseillers_0061_calculs`
#[derive(Debug)]
pub(crate) struct Calculs0061;

impl MigrationName for Calculs0061 {
    fn name(&self) -> &'static str {
        "conseillers_0061_calculs"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Calculs0061 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("calcul"))
                .col(id(name("id")).primary_key())
                .col(text(name("genre")))
                .col(text(name("nom")))
                .col(text_opt(name("region")))
                .col(uuid_opt(name("seance_id")))
                // JSON of the kind.
                .col(text(name("parametres")))
                .col(state("etat", &CLES))
                .col(text_opt(name("message")))
                // JSON of the kind, written once.
                .col(text_opt(name("bilan")))
                .col(text_opt(name("lignes")))
                .col(uuid_opt(name("tache")))
                .col(instant(name("cree_le")))
                .col(id(name("par")))
                .col(instant_opt(name("calcule_le")))
                .col(integer_opt(name("duree_ms")))
                .check(Expr::cust("(etat = 'calcule') = (bilan IS NOT NULL)"))
                .to_owned(),
        )
        .await?;
        m.get_connection()
            .execute_unprepared("CREATE INDEX calcul_liste ON calcul (genre, cree_le)")
            .await
            .map(|_| ())
    }
}
