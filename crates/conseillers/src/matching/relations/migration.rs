//! Table of relations.

use platform::db::kit::{day, id, instant, instant_opt, integer, name, state, text, text_opt};
use sea_orm_migration::prelude::*;

use super::model::{Etat, Origine};

/// `conseillers_0031_relations`
#[derive(Debug)]
pub(crate) struct Relations0031;

impl MigrationName for Relations0031 {
    fn name(&self) -> &'static str {
        "conseillers_0031_relations"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Relations0031 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("relation"))
                .col(id(name("id")).primary_key())
                .col(id(name("candidat_id")))
                .col(id(name("structure_id")))
                .col(state("origine", &[Origine::Liste.cle(), Origine::HorsListe.cle()]))
                .col(state("etat", &Etat::TOUS.map(Etat::cle)))
                .col(text_opt(name("avant")))
                .col(text_opt(name("motif")))
                .col(text(name("note")))
                // Times offered and chosen: JSON, never filtered on.
                .col(text(name("entretien")))
                .col(text_opt(name("resultat")))
                .col(instant(name("proposee_le")))
                .col(day(name("repondre_avant")))
                .col(instant_opt(name("repondue_le")))
                .col(integer(name("version")))
                .to_owned(),
        )
        .await?;
        for sql in [
            // One relation a pair: asked again, it is the same.
            "CREATE UNIQUE INDEX relation_paire ON relation (candidat_id, structure_id)",
            "CREATE INDEX relation_structure ON relation (structure_id, proposee_le)",
            "CREATE INDEX relation_attente ON relation (repondre_avant) WHERE etat = 'proposee'",
        ] {
            m.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
