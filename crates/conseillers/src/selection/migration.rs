//! Tables of sessions, enveloppes and decisions.

use platform::db::kit::{day, id, instant, instant_opt, integer, name, state, text, text_opt, uuid_opt};
use sea_orm_migration::prelude::*;

use super::model::{EtatSeance, Niveau, Verdict};

/// `conseillers_0021_selection`
#[derive(Debug)]
pub(crate) struct Selection0021;

impl MigrationName for Selection0021 {
    fn name(&self) -> &'static str {
        "conseillers_0021_selection"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Selection0021 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("enveloppe"))
                .col(id(name("id")).primary_key())
                .col(state("niveau", &Niveau::TOUS.map(Niveau::cle)))
                .col(text(name("code")))
                .col(integer(name("postes")))
                .col(integer(name("accordes")))
                // The last wall behind the rule: never more granted than there is.
                .check(Expr::cust("accordes >= 0 AND accordes <= postes"))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("seance"))
                .col(id(name("id")).primary_key())
                .col(integer(name("numero")).unique_key())
                .col(day(name("jour")))
                .col(text_opt(name("region")))
                .col(text(name("ordre_du_jour")))
                .col(state("etat", &EtatSeance::CLES))
                .col(instant_opt(name("gelee_le")))
                .col(text_opt(name("empreinte")))
                .col(instant_opt(name("close_le")))
                .check(Expr::cust("(gelee_le IS NULL) = (empreinte IS NULL)"))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("seance_demande"))
                .col(id(name("seance_id")))
                .col(id(name("demande_id")))
                .col(integer(name("rang")))
                // What the committee read, JSON: written once, when the list is frozen.
                .col(text_opt(name("copie")))
                .primary_key(Index::create().col(name("seance_id")).col(name("demande_id")))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("decision"))
                .col(id(name("id")).primary_key())
                .col(id(name("seance_id")))
                .col(id(name("demande_id")))
                .col(state("verdict", &Verdict::CLES))
                // The verdict with what it bears, JSON.
                .col(text(name("donnees")))
                .col(text(name("commentaire")))
                // Identifiers of the enveloppes that hold its posts, JSON.
                .col(text(name("enveloppes")))
                .col(id(name("par")))
                .col(instant(name("le")))
                .col(instant_opt(name("annulee_le")))
                .col(uuid_opt(name("annulee_par")))
                .col(instant_opt(name("notifiee_le")))
                .to_owned(),
        )
        .await?;
        for sql in [
            "CREATE UNIQUE INDEX enveloppe_territoire ON enveloppe (niveau, code)",
            "CREATE UNIQUE INDEX decision_vive ON decision (seance_id, demande_id) WHERE annulee_le IS NULL",
            "CREATE INDEX decision_demande ON decision (demande_id)",
            "CREATE INDEX seance_demande_de ON seance_demande (demande_id)",
        ] {
            m.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}

/// `conseillers_0022_decision`: the priority that a decision gives, the observations of the référent.
#[derive(Debug)]
pub(crate) struct Decision0022;

impl MigrationName for Decision0022 {
    fn name(&self) -> &'static str {
        "conseillers_0022_decision"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Decision0022 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for sql in [
            "ALTER TABLE decision ADD COLUMN prioritaire BOOLEAN NOT NULL DEFAULT FALSE",
            "ALTER TABLE decision ADD COLUMN observations TEXT NOT NULL DEFAULT ''",
        ] {
            m.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
