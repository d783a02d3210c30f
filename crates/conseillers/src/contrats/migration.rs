//! Tables of contracts, and of what was said before an end.

use platform::db::kit::{
    day, day_opt, flag, id, instant, instant_opt, integer, integer_opt, name, state, text, text_opt, uuid_opt,
};
use sea_orm_migration::prelude::*;

use super::model::{Etat, Genre};

/// `conseillers_0030_contrats`
#[derive(Debug)]
pub(crate) struct Contrats0030;

impl MigrationName for Contrats0030 {
    fn name(&self) -> &'static str {
        "conseillers_0030_contrats"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Contrats0030 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("contrat"))
                .col(id(name("id")).primary_key())
                .col(id(name("candidat_id")))
                .col(id(name("poste_id")))
                .col(id(name("structure_id")))
                .col(text(name("departement")))
                .col(text(name("region")))
                .col(state("genre", &Genre::TOUS.map(Genre::cle)))
                .col(day(name("debut")))
                .col(day_opt(name("fin")))
                .col(integer(name("salaire_cents")))
                .col(integer(name("phase")))
                .col(uuid_opt(name("suite_de")))
                .col(state("etat", &Etat::CLES))
                // Why it was refused, or the key of the reason of its break.
                .col(text_opt(name("motif")))
                .col(day_opt(name("rupture_le")))
                .col(flag(name("dossier_incomplet")))
                .col(day_opt(name("prolongation_fin")))
                .col(integer_opt(name("prolongation_salaire_cents")))
                .col(instant_opt(name("prolongation_demandee_le")))
                .col(instant(name("saisi_le")))
                .col(instant(name("etat_le")))
                .col(integer(name("version")))
                .foreign_key(
                    ForeignKey::create()
                        .from(name("contrat"), name("poste_id"))
                        .to(name("poste"), name("id")),
                )
                .foreign_key(
                    ForeignKey::create()
                        .from(name("contrat"), name("suite_de"))
                        .to(name("contrat"), name("id")),
                )
                .check(Expr::cust("(genre = 'cdi') = (fin IS NULL)"))
                .check(Expr::cust("fin IS NULL OR debut < fin"))
                .check(Expr::cust("(etat IN ('rupture_notifiee', 'rompu')) = (rupture_le IS NOT NULL)"))
                .check(Expr::cust("(etat IN ('refuse', 'rupture_notifiee', 'rompu')) = (motif IS NOT NULL)"))
                .check(Expr::cust("(prolongation_fin IS NULL) = (prolongation_demandee_le IS NULL)"))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("conseillers_alerte"))
                // A contract that ends, a post that stays vacant.
                .col(id(name("sujet_id")))
                .col(text(name("alerte")))
                // The day it is about: another day, another alert.
                .col(day(name("echeance")))
                .col(instant(name("envoyee_le")))
                .primary_key(Index::create().col(name("sujet_id")).col(name("alerte")).col(name("echeance")))
                .to_owned(),
        )
        .await?;
        for sql in [
            "CREATE INDEX contrat_candidat ON contrat (candidat_id, debut)",
            "CREATE INDEX contrat_poste ON contrat (poste_id, debut)",
            "CREATE INDEX contrat_structure ON contrat (structure_id, debut)",
            "CREATE INDEX contrat_etat ON contrat (etat, etat_le)",
            "CREATE INDEX contrat_fin ON contrat (fin, id) WHERE etat = 'valide'",
            "CREATE INDEX contrat_prolongation ON contrat (prolongation_demandee_le) WHERE prolongation_fin IS NOT NULL",
            // One live renewal of a contract: the last wall behind the rule.
            "CREATE UNIQUE INDEX contrat_suite ON contrat (suite_de) WHERE suite_de IS NOT NULL AND etat NOT IN ('refuse', 'retire')",
        ] {
            m.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
