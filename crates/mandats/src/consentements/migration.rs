//! Tables of the consents at a distance.

use platform::db::kit::{id, instant, instant_opt, integer, name, state, text, text_opt};
use sea_orm_migration::prelude::*;

use super::model::Etat;

/// `mandats_0042_consentements`
#[derive(Debug)]
pub(crate) struct Mandats0042;

impl MigrationName for Mandats0042 {
    fn name(&self) -> &'static str {
        "mandats_0042_consentements"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Mandats0042 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("consentement"))
                .col(id(name("id")).primary_key())
                .col(id(name("brouillon_id")))
                .col(id(name("structure_id")))
                .col(id(name("usager_id")))
                .col(state("canal", &["sms", "courriel"]))
                .col(text(name("adresse")))
                .col(text(name("offre")))
                .col(text(name("question")))
                .col(state("etat", &Etat::TOUS.map(Etat::cle)))
                .col(text(name("retour")))
                .col(instant(name("offre_le")))
                .col(instant_opt(name("demande_le")))
                .col(instant_opt(name("reponse_le")))
                .col(text_opt(name("reponse")))
                .col(instant(name("dernier_le")))
                .col(integer(name("envois")))
                .col(integer(name("aides")))
                .col(instant(name("expire_le")))
                .col(text(name("sel")))
                // SHA-256 of the link of an e-mail, while it may be followed.
                .col(text_opt(name("lien")).unique_key())
                .foreign_key(
                    ForeignKey::create()
                        .from(name("consentement"), name("usager_id"))
                        .to(name("usager"), name("id"))
                        .on_delete(ForeignKeyAction::Cascade),
                )
                // The last wall behind the rules: an answer was asked for.
                .check(Expr::cust("etat = 'offre_envoyee' OR etat = 'expiree' OR etat = 'arretee' OR demande_le IS NOT NULL"))
                .check(Expr::cust("(etat <> 'acceptee' AND etat <> 'refusee') OR reponse_le IS NOT NULL"))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("consentement_arret"))
                // Keyed fingerprint of the number: who wants no more messages is not listed.
                .col(text(name("empreinte")).primary_key())
                .col(instant(name("le")))
                .to_owned(),
        )
        .await?;
        for sql in [
            // One question at a time for one number: an answer then has one meaning.
            "CREATE UNIQUE INDEX consentement_ouvert ON consentement (adresse) \
             WHERE etat = 'offre_envoyee' OR etat = 'acceptation_demandee'",
            "CREATE UNIQUE INDEX consentement_brouillon ON consentement (brouillon_id) \
             WHERE etat = 'offre_envoyee' OR etat = 'acceptation_demandee' OR etat = 'acceptee'",
            "CREATE INDEX consentement_expire ON consentement (expire_le)",
            "CREATE INDEX consentement_usager ON consentement (usager_id)",
        ] {
            m.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
