//! The table of workshops.

use platform::db::kit::{
    day_opt, id, instant, instant_opt, integer, integer_opt, name, state, text, text_opt,
};
use sea_orm_migration::prelude::*;

/// `annuaire_0042_lieux_ateliers`
#[derive(Debug)]
pub(in crate::lieux) struct Ateliers0042;

impl MigrationName for Ateliers0042 {
    fn name(&self) -> &'static str {
        "annuaire_0042_lieux_ateliers"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Ateliers0042 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut vers_lieu = ForeignKey::create();
        vers_lieu.from(name("lieu_atelier"), name("lieu_id")).to(name("lieu"), name("id"));
        m.create_table(
            Table::create()
                .table(name("lieu_atelier"))
                .col(id(name("id")).primary_key())
                .col(id(name("lieu_id")))
                .col(text(name("titre")))
                .col(text(name("presentation")))
                .col(state("niveau", &["tous", "debutant", "intermediaire", "avance"]))
                .col(text(name("public")))
                .col(integer_opt(name("places")))
                .col(text(name("inscription")))
                .col(text_opt(name("lien")))
                .col(text(name("debut")))
                .col(text(name("fin")))
                .col(text(name("rythme")))
                .col(text(name("annulees")))
                // The last day of all, so that what is over is not read; none when it goes on.
                .col(day_opt(name("dernier")))
                .col(integer(name("version")))
                .col(instant(name("modifie_le")))
                .col(instant_opt(name("arrete_le")))
                .foreign_key(&mut vers_lieu)
                .to_owned(),
        )
        .await?;
        m.create_index(
            Index::create()
                .name("lieu_atelier_lieu")
                .table(name("lieu_atelier"))
                .col(name("lieu_id"))
                .to_owned(),
        )
        .await
    }
}
