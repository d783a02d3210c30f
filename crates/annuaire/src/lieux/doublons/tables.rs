//! Tables of duplicates: records of merged lieux, merges, pairs with what people decided.

use platform::db::kit::{id, instant, instant_opt, integer, integer_opt, name, state, text, text_opt};
use sea_orm_migration::prelude::*;

/// `annuaire_0031_lieux_doublons`
#[derive(Debug)]
pub(in crate::lieux) struct Lieux0031;

impl MigrationName for Lieux0031 {
    fn name(&self) -> &'static str {
        "annuaire_0031_lieux_doublons"
    }
}

fn uuid_opt(nom: &str) -> ColumnDef {
    let mut c = ColumnDef::new(name(nom));
    c.uuid().null();
    c
}

fn vers(table: &str, colonne: &str, cible: &str) -> ForeignKeyCreateStatement {
    ForeignKey::create().from(name(table), name(colonne)).to(name(cible), name("id")).to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Lieux0031 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut fusionne = uuid_opt("fusionne_dans");
        m.alter_table(Table::alter().table(name("lieu")).add_column(&mut fusionne).to_owned()).await?;
        m.create_table(
            Table::create()
                .table(name("lieu_apport"))
                .col(id(name("source_id")))
                .col(text(name("id_local")))
                .col(id(name("lieu_id")))
                .col(id(name("origine")))
                .col(instant(name("recu_le")))
                .col(text(name("fiche")))
                .primary_key(Index::create().col(name("source_id")).col(name("id_local")))
                .foreign_key(&mut vers("lieu_apport", "source_id", "lieu_source"))
                .foreign_key(&mut vers("lieu_apport", "lieu_id", "lieu"))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("lieu_fusion"))
                .col(id(name("id")).primary_key())
                .col(id(name("gardee")))
                .col(id(name("absorbee")))
                .col(instant(name("le")))
                // None for the rule that merges without asking.
                .col(uuid_opt("par"))
                .col(integer(name("score")))
                .col(text(name("raisons")))
                .col(text(name("note")))
                .col(text(name("avant")))
                .col(instant_opt(name("annulee_le")))
                .col(uuid_opt("annulee_par"))
                .foreign_key(&mut vers("lieu_fusion", "gardee", "lieu"))
                .foreign_key(&mut vers("lieu_fusion", "absorbee", "lieu"))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("lieu_paire"))
                .col(id(name("premiere")))
                .col(id(name("seconde")))
                .col(text(name("departement")))
                .col(text(name("autre_departement")))
                .col(integer(name("score")))
                .col(text(name("raisons")))
                .col(state("etat", &["a_voir", "plus_tard", "distincts", "doublon"]))
                .col(integer_opt(name("score_decision")))
                .col(instant_opt(name("le")))
                .col(uuid_opt("par"))
                .col(text_opt(name("note")))
                .primary_key(Index::create().col(name("premiere")).col(name("seconde")))
                .foreign_key(&mut vers("lieu_paire", "premiere", "lieu"))
                .foreign_key(&mut vers("lieu_paire", "seconde", "lieu"))
                .to_owned(),
        )
        .await?;
        for (nom, table, colonne) in [
            ("lieu_apport_lieu", "lieu_apport", "lieu_id"),
            ("lieu_fusion_gardee", "lieu_fusion", "gardee"),
            ("lieu_fusion_absorbee", "lieu_fusion", "absorbee"),
            ("lieu_paire_etat", "lieu_paire", "etat"),
            ("lieu_paire_seconde", "lieu_paire", "seconde"),
        ] {
            m.create_index(Index::create().name(nom).table(name(table)).col(name(colonne)).to_owned())
                .await?;
        }
        Ok(())
    }
}
