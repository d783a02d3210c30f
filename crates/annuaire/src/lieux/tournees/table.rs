//! The table of stops.

use platform::db::kit::{day_opt, flag, id, instant, integer, name, text};
use sea_orm_migration::prelude::*;

/// `annuaire_0043_lieux_tournees`
#[derive(Debug)]
pub(in crate::lieux) struct Tournees0043;

impl MigrationName for Tournees0043 {
    fn name(&self) -> &'static str {
        "annuaire_0043_lieux_tournees"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Tournees0043 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let degres = |nom: &str| ColumnDef::new(name(nom)).double().null().to_owned();
        let mut vers_lieu = ForeignKey::create();
        vers_lieu.from(name("lieu_arret"), name("lieu_id")).to(name("lieu"), name("id"));
        m.create_table(
            Table::create()
                .table(name("lieu_arret"))
                .col(id(name("id")).primary_key())
                .col(id(name("lieu_id")))
                .col(integer(name("rang")))
                .col(text(name("nom")))
                .col(text(name("commune")))
                .col(degres("latitude"))
                .col(degres("longitude"))
                .col(flag(name("precise")))
                .col(text(name("debut")))
                .col(text(name("fin")))
                .col(text(name("rythme")))
                .col(day_opt(name("dernier")))
                .col(integer(name("version")))
                .col(instant(name("modifie_le")))
                .foreign_key(&mut vers_lieu)
                .to_owned(),
        )
        .await?;
        for (nom, colonne) in [("lieu_arret_lieu", "lieu_id"), ("lieu_arret_latitude", "latitude")] {
            m.create_index(Index::create().name(nom).table(name("lieu_arret")).col(name(colonne)).to_owned())
                .await?;
        }
        Ok(())
    }
}
