//! Tables of trainings.

use platform::db::kit::{day, id, instant, instant_opt, integer, name, state, text, text_opt};
use sea_orm_migration::prelude::*;

use super::model::{EtapeVae, EtatInscription, Nature, Titre};

/// `conseillers_0040_formation`
#[derive(Debug)]
pub(crate) struct Formation0040;

impl MigrationName for Formation0040 {
    fn name(&self) -> &'static str {
        "conseillers_0040_formation"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Formation0040 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("formation_session"))
                .col(id(name("id")).primary_key())
                .col(id(name("organisme_id")))
                .col(text(name("lot")))
                .col(text(name("regions")))
                .col(integer(name("heures")))
                .col(text(name("modules")))
                // Both are there, or neither: on line.
                .col(text_opt(name("code_commune")))
                .col(text_opt(name("commune")))
                .col(day(name("debut")))
                .col(day(name("fin")))
                .col(integer(name("places")))
                .col(text_opt(name("annulee")))
                .col(integer(name("version")))
                .check(Expr::cust("(code_commune IS NULL) = (commune IS NULL)"))
                .check(Expr::cust("debut <= fin"))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("formation_inscription"))
                .col(id(name("id")).primary_key())
                .col(id(name("session_id")))
                .col(id(name("candidat_id")))
                .col(instant(name("demandee_le")))
                .col(text(name("modules")))
                .col(integer(name("heures")))
                .col(state("etat", &EtatInscription::CLES))
                .col(instant_opt(name("fin_le")))
                .foreign_key(
                    ForeignKey::create()
                        .from(name("formation_inscription"), name("session_id"))
                        .to(name("formation_session"), name("id")),
                )
                .check(Expr::cust("(etat IN ('en_attente', 'inscrite')) = (fin_le IS NULL)"))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("formation_certification"))
                .col(id(name("candidat_id")))
                .col(state("titre", &Titre::TOUS.map(Titre::cle)))
                .col(day(name("le")))
                .primary_key(Index::create().col(name("candidat_id")).col(name("titre")))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("formation_vae"))
                .col(id(name("candidat_id")))
                .col(integer(name("rang")))
                .col(state("etape", &EtapeVae::TOUTES.map(EtapeVae::cle)))
                .col(day(name("le")))
                .primary_key(Index::create().col(name("candidat_id")).col(name("rang")))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("formation_parcours"))
                .col(id(name("candidat_id")).primary_key())
                .col(platform::db::kit::integer_opt(name("score")))
                .col(platform::db::kit::day_opt(name("score_le")))
                // One digit a skill, in the order of the base.
                .col(text(name("socle")))
                .col(integer(name("version")))
                .check(Expr::cust("(score IS NULL) = (score_le IS NULL)"))
                .to_owned(),
        )
        .await?;
        for sql in [
            "CREATE INDEX formation_session_debut ON formation_session (debut, id)",
            "CREATE INDEX formation_session_organisme ON formation_session (organisme_id, debut)",
            "CREATE INDEX formation_inscription_session ON formation_inscription (session_id, demandee_le, id)",
            "CREATE INDEX formation_inscription_candidat ON formation_inscription (candidat_id, demandee_le)",
            // One living request a person and a session: the last wall behind the rule.
            "CREATE UNIQUE INDEX formation_inscription_vivante ON formation_inscription (session_id, candidat_id) \
             WHERE etat <> 'annulee'",
        ] {
            m.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}

/// `conseillers_0041_nature`: what a session is for.
#[derive(Debug)]
pub(crate) struct Formation0041;

impl MigrationName for Formation0041 {
    fn name(&self) -> &'static str {
        "conseillers_0041_nature"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Formation0041 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let cles = Nature::TOUTES.map(|n| format!("'{}'", n.cle())).join(", ");
        let sql = format!(
            "ALTER TABLE formation_session ADD COLUMN nature text NOT NULL DEFAULT '{}' CHECK (nature IN ({cles}))",
            Nature::Initiale.cle()
        );
        m.get_connection().execute_unprepared(&sql).await.map(|_| ())
    }
}
