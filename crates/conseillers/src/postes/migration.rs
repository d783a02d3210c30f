//! Tables of posts.

use platform::db::kit::{day, day_opt, id, integer, name, state, text, text_opt, uuid_opt};
use sea_orm_migration::prelude::*;

use super::model::{Acte, Typologie};

/// `conseillers_0002_postes`
#[derive(Debug)]
pub(crate) struct Postes0002;

impl MigrationName for Postes0002 {
    fn name(&self) -> &'static str {
        "conseillers_0002_postes"
    }
}

fn vers_poste(table: &str) -> ForeignKeyCreateStatement {
    ForeignKey::create().from(name(table), name("poste_id")).to(name("poste"), name("id")).to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Postes0002 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("poste"))
                .col(id(name("id")).primary_key())
                .col(integer(name("numero")).unique_key())
                .col(state("typologie", &Typologie::TOUTES.map(Typologie::cle)))
                .col(uuid_opt(name("demande_id")))
                .col(day(name("attribue_le")))
                .col(day_opt(name("rendu_le")))
                .col(text_opt(name("rendu_motif")))
                .col(integer(name("version")))
                .check(Expr::cust("(rendu_le IS NULL) = (rendu_motif IS NULL)"))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("poste_rattachement"))
                .col(id(name("id")).primary_key())
                .col(id(name("poste_id")))
                .col(id(name("structure_id")))
                .col(text(name("departement")))
                .col(text(name("region")))
                .col(day(name("debut")))
                .col(day_opt(name("fin")))
                .col(state("acte", &[Acte::Attribution.cle(), Acte::Transfert.cle()]))
                .foreign_key(&mut vers_poste("poste_rattachement"))
                .check(Expr::cust("fin IS NULL OR debut <= fin"))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("poste_affectation"))
                .col(id(name("id")).primary_key())
                .col(id(name("poste_id")))
                .col(id(name("candidat_id")))
                .col(id(name("contrat_id")).unique_key())
                .col(day(name("debut")))
                .col(day_opt(name("fin")))
                .foreign_key(&mut vers_poste("poste_affectation"))
                .check(Expr::cust("fin IS NULL OR debut <= fin"))
                .to_owned(),
        )
        .await?;
        // The last wall behind the rules: one open row a post, one open post a person. Both engines take the same text.
        for sql in [
            "CREATE UNIQUE INDEX poste_rattachement_ouvert ON poste_rattachement (poste_id) WHERE fin IS NULL",
            "CREATE UNIQUE INDEX poste_affectation_ouverte ON poste_affectation (poste_id) WHERE fin IS NULL",
            "CREATE UNIQUE INDEX poste_affectation_candidat ON poste_affectation (candidat_id) WHERE fin IS NULL",
            "CREATE INDEX poste_affectation_personne ON poste_affectation (candidat_id, debut)",
            "CREATE INDEX poste_affectation_poste ON poste_affectation (poste_id, debut)",
            "CREATE INDEX poste_rattachement_poste ON poste_rattachement (poste_id, debut)",
            "CREATE INDEX poste_rattachement_structure ON poste_rattachement (structure_id, poste_id)",
            "CREATE INDEX poste_rattachement_departement ON poste_rattachement (departement, poste_id)",
        ] {
            m.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
