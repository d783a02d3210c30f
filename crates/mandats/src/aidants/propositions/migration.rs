//! The table of propositions.

use platform::db::kit::{flag, id, instant, instant_opt, name, state, text, text_opt, uuid_opt};
use sea_orm_migration::prelude::*;

use super::EtatProposition;
use crate::aidants::regles::Voie;

/// `mandats_0110_propositions`
#[derive(Debug)]
pub(crate) struct Mandats0110;

impl MigrationName for Mandats0110 {
    fn name(&self) -> &'static str {
        "mandats_0110_propositions"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Mandats0110 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("aidant_proposition"))
                .col(id(name("id")).primary_key())
                .col(id(name("structure_id")))
                // Who answers: an account in use, or the professional that is known.
                .col(uuid_opt(name("compte_id")))
                .col(uuid_opt(name("aidant_id")))
                .col(text(name("prenom")))
                .col(text(name("nom")))
                .col(text(name("courriel")))
                .col(text(name("courriel_cle")))
                .col(text_opt(name("telephone")))
                .col(text(name("profession")))
                .col(flag(name("conseiller_numerique")))
                .col(flag(name("fait_mandats")))
                .col(flag(name("referent")))
                .col(state("voie", &Voie::TOUTES.map(Voie::cle)))
                .col(text_opt(name("formateur")))
                .col(state("vers", &["demande", "eligible"]))
                .col(flag(name("quitte")))
                .col(text_opt(name("nouveau_courriel")))
                // The person of the request of habilitation that names them.
                .col(uuid_opt(name("personne_id")))
                .col(state("etat", &EtatProposition::TOUS.map(EtatProposition::cle)))
                .col(uuid_opt(name("par")))
                .col(instant(name("cree_le")))
                .col(instant_opt(name("fini_le")))
                .foreign_key(
                    ForeignKey::create()
                        .from(name("aidant_proposition"), name("aidant_id"))
                        .to(name("aidant"), name("id")),
                )
                .check(Expr::cust("fait_mandats OR referent"))
                .check(Expr::cust("(etat = 'proposee') = (fini_le IS NULL)"))
                .check(Expr::cust("compte_id IS NOT NULL OR aidant_id IS NOT NULL"))
                .to_owned(),
        )
        .await?;
        for sql in [
            "CREATE UNIQUE INDEX aidant_proposition_ouverte ON aidant_proposition (structure_id, courriel_cle) \
             WHERE etat = 'proposee'",
            "CREATE INDEX aidant_proposition_compte ON aidant_proposition (compte_id, etat)",
            "CREATE INDEX aidant_proposition_aidant ON aidant_proposition (aidant_id, etat)",
            "CREATE INDEX aidant_proposition_age ON aidant_proposition (etat, cree_le)",
        ] {
            m.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
