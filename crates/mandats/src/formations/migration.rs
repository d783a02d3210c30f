//! Tables of trainings.

use platform::db::kit::{day, flag, id, instant, integer, name, state, text, text_opt};
use sea_orm_migration::prelude::*;

use super::model::EtatInscription;

/// `mandats_0061_formations`
#[derive(Debug)]
pub(crate) struct Formations0061;

impl MigrationName for Formations0061 {
    fn name(&self) -> &'static str {
        "mandats_0061_formations"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Formations0061 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("formations_session"))
                .col(id(name("id")).primary_key())
                .col(id(name("organisme_id")))
                .col(text(name("intitule")))
                .col(day(name("debut")))
                .col(day(name("fin")))
                .col(integer(name("heures")))
                .col(text(name("demi_journees")))
                .col(text_opt(name("lieu")))
                .col(text_opt(name("departement")))
                .col(integer(name("places")))
                .col(integer(name("prises")))
                .col(flag(name("publiee")))
                .col(flag(name("intra")))
                .col(flag(name("conseillers_numeriques")))
                .col(text_opt(name("annulee")))
                .col(integer(name("version")))
                .check(Expr::cust("debut <= fin"))
                // A seat is never given twice: the last wall behind the rule.
                .check(Expr::cust("prises >= 0 AND prises <= places"))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("formations_inscription"))
                .col(id(name("id")).primary_key())
                .col(id(name("session_id")))
                .col(id(name("aidant_id")))
                .col(state("etat", &EtatInscription::TOUS.map(EtatInscription::cle)))
                .col(flag(name("finance_cn")))
                .col(instant(name("demandee_le")))
                .foreign_key(
                    ForeignKey::create()
                        .from(name("formations_inscription"), name("session_id"))
                        .to(name("formations_session"), name("id")),
                )
                .foreign_key(
                    ForeignKey::create()
                        .from(name("formations_inscription"), name("aidant_id"))
                        .to(name("aidant"), name("id")),
                )
                .to_owned(),
        )
        .await?;
        for sql in [
            "CREATE INDEX formations_session_debut ON formations_session (debut, id)",
            "CREATE INDEX formations_session_organisme ON formations_session (organisme_id, debut)",
            "CREATE INDEX formations_inscription_session ON formations_inscription (session_id, demandee_le, id)",
            "CREATE INDEX formations_inscription_aidant ON formations_inscription (aidant_id)",
            "CREATE UNIQUE INDEX formations_inscription_vivante ON formations_inscription (session_id, aidant_id) \
             WHERE etat <> 'annulee'",
        ] {
            m.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
