//! The table of reports.

use platform::db::kit::{id, instant, instant_opt, name, state, text, text_opt};
use sea_orm_migration::prelude::*;

/// `annuaire_0033_lieux_signalements`
#[derive(Debug)]
pub(in crate::lieux) struct Signalements0033;

impl MigrationName for Signalements0033 {
    fn name(&self) -> &'static str {
        "annuaire_0033_lieux_signalements"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Signalements0033 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let uuid_opt = |nom: &str| {
            let mut c = ColumnDef::new(Alias::new(nom));
            c.uuid().null();
            c
        };
        let mut vers_lieu = ForeignKey::create();
        vers_lieu.from(name("lieu_signalement"), name("lieu_id")).to(name("lieu"), name("id"));
        m.create_table(
            Table::create()
                .table(name("lieu_signalement"))
                .col(id(name("id")).primary_key())
                .col(uuid_opt("lieu_id"))
                .col(text(name("nom")))
                .col(text(name("commune")))
                .col(text_opt(name("region")))
                .col(text_opt(name("departement")))
                .col(text(name("champs")))
                .col(text(name("mot")))
                .col(text_opt(name("courriel")))
                .col(state("etat", &["recu", "accepte", "refuse"]))
                .col(text(name("reponse")))
                .col(instant(name("recu_le")))
                .col(instant_opt(name("traite_le")))
                .col(uuid_opt("traite_par"))
                .foreign_key(&mut vers_lieu)
                .to_owned(),
        )
        .await?;
        for (index, colonne) in [("lieu_signalement_date", "recu_le"), ("lieu_signalement_lieu", "lieu_id")] {
            m.create_index(
                Index::create().name(index).table(name("lieu_signalement")).col(name(colonne)).to_owned(),
            )
            .await?;
        }
        Ok(())
    }
}
