//! Tables that every room of this context stands on: organisations, professionals, memberships.

use platform::db::kit::{
    day, day_opt, flag, id, instant, integer, integer_opt, name, state, text, text_opt, uuid_opt,
};
use sea_orm_migration::prelude::*;

use crate::aidants::EtatAidant;

/// `mandats_0001_commun`
#[derive(Debug)]
pub(crate) struct Mandats0001;

impl MigrationName for Mandats0001 {
    fn name(&self) -> &'static str {
        "mandats_0001_commun"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Mandats0001 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("organisation_habilitee"))
                // The structure of the directory that it is: one place where people are received.
                .col(id(name("structure_id")).primary_key())
                .col(integer(name("numero")).unique_key())
                .col(text(name("departement")))
                .col(text(name("region")))
                // Keys of démarches, sorted, separated by a space.
                .col(text(name("demarches")))
                .col(flag(name("france_services")))
                .col(day(name("habilitee_le")))
                .col(day_opt(name("desactivee_le")))
                .col(integer(name("version")))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("equipe_aidants"))
                .col(id(name("id")).primary_key())
                .col(id(name("structure_id")))
                .col(text(name("nom")))
                .col(day_opt(name("supprimee_le")))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("aidant"))
                .col(id(name("id")).primary_key())
                .col(uuid_opt(name("compte_id")).unique_key())
                .col(text(name("prenom")))
                .col(text(name("nom")))
                .col(text(name("courriel")))
                // What two spellings of one address share (`kernel::Email::key`).
                .col(text(name("courriel_cle")).unique_key())
                .col(text_opt(name("telephone")))
                .col(text(name("profession")))
                .col(flag(name("conseiller_numerique")))
                .col(state("etat", &EtatAidant::TOUS.map(EtatAidant::cle)))
                .col(instant(name("etat_le")))
                .col(integer_opt(name("conditions_version")))
                .col(instant(name("cree_le")))
                .col(integer(name("version")))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("aidant_appartenance"))
                .col(id(name("id")).primary_key())
                .col(id(name("aidant_id")))
                .col(id(name("structure_id")))
                .col(uuid_opt(name("equipe_id")))
                .col(flag(name("fait_mandats")))
                .col(flag(name("referent")))
                .col(day(name("debut")))
                .col(day_opt(name("fin")))
                .foreign_key(
                    ForeignKey::create()
                        .from(name("aidant_appartenance"), name("aidant_id"))
                        .to(name("aidant"), name("id")),
                )
                .foreign_key(
                    ForeignKey::create()
                        .from(name("aidant_appartenance"), name("structure_id"))
                        .to(name("organisation_habilitee"), name("structure_id")),
                )
                .foreign_key(
                    ForeignKey::create()
                        .from(name("aidant_appartenance"), name("equipe_id"))
                        .to(name("equipe_aidants"), name("id")),
                )
                .check(Expr::cust("fin IS NULL OR debut <= fin"))
                .check(Expr::cust("fait_mandats OR referent"))
                .to_owned(),
        )
        .await?;
        for sql in [
            // A person has one function at a time in an organisation; a change of function ends a row and begins another.
            "CREATE UNIQUE INDEX aidant_appartenance_ouverte ON aidant_appartenance (aidant_id, structure_id) WHERE fin IS NULL",
            // What a mandat refers to: only a membership that makes mandats (a référent non-aidant never makes one).
            "CREATE UNIQUE INDEX aidant_appartenance_mandats ON aidant_appartenance (id, fait_mandats)",
            "CREATE INDEX aidant_appartenance_structure ON aidant_appartenance (structure_id, aidant_id)",
            "CREATE INDEX organisation_habilitee_departement ON organisation_habilitee (departement)",
            "CREATE INDEX equipe_aidants_structure ON equipe_aidants (structure_id)",
        ] {
            m.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
