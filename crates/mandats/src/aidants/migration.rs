//! Tables of the life of professionals: history, way to become an aidant, requests of référents, recovery by two people.

use platform::db::kit::{
    day_opt, id, instant, instant_opt, integer, integer_opt, name, state, text, text_opt, uuid_opt,
};
use sea_orm_migration::prelude::*;

use super::demandes::{EtatDemande, Genre};
use super::model::EtatAidant;
use super::regles::Voie;

/// `mandats_0060_aidants`
#[derive(Debug)]
pub(crate) struct Aidants0060;

impl MigrationName for Aidants0060 {
    fn name(&self) -> &'static str {
        "mandats_0060_aidants"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Aidants0060 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let aidant = |table: &'static str| {
            ForeignKey::create()
                .from(name(table), name("aidant_id"))
                .to(name("aidant"), name("id"))
                .to_owned()
        };
        m.create_table(
            Table::create()
                .table(name("aidant_parcours"))
                .col(id(name("aidant_id")).primary_key())
                .col(state("voie", &Voie::TOUTES.map(Voie::cle)))
                .col(text_opt(name("formateur")))
                .col(day_opt(name("forme_le")))
                .col(day_opt(name("pix_le")))
                .col(integer_opt(name("pix_score")))
                .col(instant_opt(name("averti_le")))
                .foreign_key(&mut aidant("aidant_parcours"))
                .check(Expr::cust("(pix_le IS NULL) = (pix_score IS NULL)"))
                .check(Expr::cust("pix_score IS NULL OR (pix_score >= 0 AND pix_score <= 100)"))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("aidant_vie"))
                .col(id(name("id")).primary_key())
                .col(id(name("aidant_id")))
                // From 1, in the order of the changes.
                .col(integer(name("rang")))
                .col(instant(name("le")))
                .col(text_opt(name("de")))
                .col(state("vers", &EtatAidant::TOUS.map(EtatAidant::cle)))
                .col(text(name("motif")))
                .col(uuid_opt(name("par")))
                .foreign_key(&mut aidant("aidant_vie"))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("aidant_demande"))
                .col(id(name("id")).primary_key())
                .col(state("genre", &Genre::TOUS.map(Genre::cle)))
                .col(id(name("structure_id")))
                .col(uuid_opt(name("aidant_id")))
                .col(text(name("prenom")))
                .col(text(name("nom")))
                .col(text(name("courriel")))
                .col(text(name("courriel_cle")))
                .col(text_opt(name("telephone")))
                .col(text_opt(name("nouveau_courriel")))
                .col(state("etat", &EtatDemande::TOUS.map(EtatDemande::cle)))
                .col(id(name("par")))
                .col(instant(name("cree_le")))
                .col(uuid_opt(name("decidee_par")))
                .col(instant_opt(name("decidee_le")))
                .col(text_opt(name("motif")))
                .check(Expr::cust("(etat = 'nouvelle') = (decidee_le IS NULL)"))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("aidant_secours"))
                .col(id(name("id")).primary_key())
                .col(id(name("aidant_id")))
                .col(id(name("demande_par")))
                .col(instant(name("demande_le")))
                .col(instant(name("expire_le")))
                .col(uuid_opt(name("approuve_par")))
                .col(instant_opt(name("approuve_le")))
                .col(instant_opt(name("annule_le")))
                .foreign_key(&mut aidant("aidant_secours"))
                // Two people, by constraint.
                .check(Expr::cust("approuve_par IS NULL OR approuve_par <> demande_par"))
                .check(Expr::cust("(approuve_par IS NULL) = (approuve_le IS NULL)"))
                .check(Expr::cust("approuve_le IS NULL OR annule_le IS NULL"))
                .to_owned(),
        )
        .await?;
        for sql in [
            "CREATE UNIQUE INDEX aidant_vie_rang ON aidant_vie (aidant_id, rang)",
            "CREATE UNIQUE INDEX aidant_demande_ouverte ON aidant_demande (genre, structure_id, courriel_cle) WHERE etat = 'nouvelle'",
            "CREATE INDEX aidant_demande_structure ON aidant_demande (structure_id, etat)",
            "CREATE UNIQUE INDEX aidant_secours_ouvert ON aidant_secours (aidant_id) \
             WHERE approuve_le IS NULL AND annule_le IS NULL",
            "CREATE INDEX aidant_etat ON aidant (etat, etat_le)",
        ] {
            m.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
