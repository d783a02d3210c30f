//! Tables of meetings.

use platform::db::kit::{day, id, instant, instant_opt, integer, name, state, text, text_opt, uuid_opt};
use sea_orm_migration::prelude::*;

use super::model::{Origine, Reponse};

/// `mandats_0100_reunions`
#[derive(Debug)]
pub(crate) struct Mandats0100;

impl MigrationName for Mandats0100 {
    fn name(&self) -> &'static str {
        "mandats_0100_reunions"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Mandats0100 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("reunion"))
                .col(id(name("id")).primary_key())
                .col(day(name("jour")))
                // « 09:30 », by the clock of the place.
                .col(text(name("debut")))
                .col(text(name("fin")))
                .col(text_opt(name("lieu")))
                .col(text_opt(name("lien")))
                .col(text(name("departement")))
                .col(text(name("region")))
                .col(integer(name("places")))
                .col(text(name("organisateur")))
                .col(text_opt(name("precisions")))
                .col(text(name("code")).unique_key())
                .col(text_opt(name("annulee")))
                .col(integer(name("version")))
                .check(Expr::cust("debut < fin"))
                .check(Expr::cust("places > 0"))
                .check(Expr::cust("lieu IS NOT NULL OR lien IS NOT NULL"))
                .to_owned(),
        )
        .await?;
        let mut present = ColumnDef::new(name("present"));
        present.boolean().null();
        m.create_table(
            Table::create()
                .table(name("reunion_invite"))
                .col(id(name("id")).primary_key())
                .col(id(name("reunion_id")))
                .col(uuid_opt(name("structure_id")))
                .col(text_opt(name("pivot")))
                .col(text(name("organisme")))
                .col(text_opt(name("prenom")))
                .col(text_opt(name("nom")))
                .col(text_opt(name("courriel")))
                .col(text_opt(name("courriel_cle")))
                .col(state("reponse", &Reponse::TOUTES.map(Reponse::cle)))
                .col(&mut present)
                .col(state("origine", &Origine::TOUTES.map(Origine::cle)))
                .col(instant(name("cree_le")))
                .col(instant_opt(name("repondu_le")))
                .col(instant_opt(name("ecrit_le")))
                .foreign_key(
                    ForeignKey::create()
                        .from(name("reunion_invite"), name("reunion_id"))
                        .to(name("reunion"), name("id")),
                )
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("reunion_lien"))
                // Hash of the secret of the link: a copy of the database answers for nobody.
                .col(text(name("jeton")).primary_key())
                .col(id(name("invite_id")))
                .foreign_key(
                    ForeignKey::create()
                        .from(name("reunion_lien"), name("invite_id"))
                        .to(name("reunion_invite"), name("id"))
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .to_owned(),
        )
        .await?;
        for sql in [
            "CREATE INDEX reunion_jour ON reunion (jour, id)",
            "CREATE UNIQUE INDEX reunion_invite_adresse ON reunion_invite (reunion_id, courriel_cle)",
            "CREATE INDEX reunion_invite_de ON reunion_invite (reunion_id, organisme, id)",
            "CREATE INDEX reunion_lien_de ON reunion_lien (invite_id)",
        ] {
            m.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
