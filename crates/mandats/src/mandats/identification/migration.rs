//! Table of identifications from afar.

use platform::db::kit::{id, instant, name, state, text, text_opt};
use sea_orm_migration::prelude::*;

use super::model::Etat;

/// `mandats_0180_identification`
#[derive(Debug)]
pub(crate) struct Mandats0180;

impl MigrationName for Mandats0180 {
    fn name(&self) -> &'static str {
        "mandats_0180_identification"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Mandats0180 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("mandat_identification"))
                .col(id(name("id")).primary_key())
                // One for a draft, and gone with it.
                .col(id(name("brouillon_id")).unique_key())
                .col(state("canal", &["sms", "courriel"]))
                .col(text(name("adresse")))
                // Keyed fingerprint of the address, as for STOP.
                .col(text(name("empreinte")))
                .col(state("etat", &Etat::STOCKES.map(Etat::cle)))
                // SHA-256 of the link, while it may be followed.
                .col(text_opt(name("lien")).unique_key())
                .col(text_opt(name("navigateur")))
                .col(instant(name("envoyee_le")))
                .col(instant(name("expire_le")))
                .foreign_key(
                    ForeignKey::create()
                        .from(name("mandat_identification"), name("brouillon_id"))
                        .to(name("mandat_brouillon"), name("id"))
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .check(Expr::cust("lien IS NULL OR etat = 'envoyee'"))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("mandat_identification_envoi"))
                // One row a link that left, for a day: of no draft, since those are thrown away.
                .col(text(name("empreinte")))
                .col(instant(name("envoye_le")))
                .to_owned(),
        )
        .await?;
        for sql in [
            "CREATE INDEX mandat_identification_adresse ON mandat_identification (empreinte)",
            "CREATE INDEX mandat_identification_envoi_adresse ON mandat_identification_envoi (empreinte, envoye_le)",
        ] {
            m.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
