//! Tables of the consents at a distance.

use platform::db::kit::{id, instant, instant_opt, integer, name, state, text, text_opt, uuid_opt};
use sea_orm_migration::prelude::*;

use super::model::{Adresse, Etat};

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
                .col(state(
                    "etat",
                    &["offre_envoyee", "acceptation_demandee", "acceptee", "refusee", "expiree", "arretee"],
                ))
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

/// `mandats_0120_consentements_equipe`
#[derive(Debug)]
pub(crate) struct Mandats0120;

impl MigrationName for Mandats0120 {
    fn name(&self) -> &'static str {
        "mandats_0120_consentements_equipe"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Mandats0120 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        // Under which membership it was asked: that of a team, sometimes. Unknown for what was asked before.
        let mut colonne = uuid_opt(name("appartenance_id"));
        m.alter_table(Table::alter().table(name("consentement")).add_column(&mut colonne).to_owned()).await
    }
}

/// `mandats_0141_consentements_echange`
#[derive(Debug)]
pub(crate) struct Mandats0141;

impl MigrationName for Mandats0141 {
    fn name(&self) -> &'static str {
        "mandats_0141_consentements_echange"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Mandats0141 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        // The exchange, letter for letter, kept when the answer comes; and the mandat that it made.
        for mut colonne in [text_opt(name("echange")), uuid_opt(name("mandat_id"))] {
            m.alter_table(Table::alter().table(name("consentement")).add_column(&mut colonne).to_owned())
                .await?;
        }
        m.create_table(
            Table::create()
                .table(name("consentement_adresse"))
                // Keyed fingerprint: one row to hold, so that a STOP and an offer come one after the other.
                .col(text(name("empreinte")).primary_key())
                .col(instant(name("vue_le")))
                .to_owned(),
        )
        .await?;
        m.get_connection()
            .execute_unprepared("CREATE INDEX consentement_mandat ON consentement (mandat_id)")
            .await
            .map(drop)
    }
}

/// `mandats_0170_consentements_arret`
#[derive(Debug)]
pub(crate) struct Mandats0170;

impl MigrationName for Mandats0170 {
    fn name(&self) -> &'static str {
        "mandats_0170_consentements_arret"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Mandats0170 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        // Keyed fingerprint of the address: a link that ends the messages knows no more. None for what was asked before.
        let mut colonne = text_opt(name("empreinte"));
        m.alter_table(Table::alter().table(name("consentement")).add_column(&mut colonne).to_owned()).await?;
        m.create_table(
            Table::create()
                .table(name("consentement_arret_lien"))
                // Keyed fingerprint of what the link of a message bears.
                .col(text(name("empreinte")).primary_key())
                // Keyed fingerprint of the address that it was sent to.
                .col(text(name("adresse")))
                .col(id(name("usager_id")))
                .col(instant(name("ecrit_le")))
                .col(instant_opt(name("servi_le")))
                .foreign_key(
                    ForeignKey::create()
                        .from(name("consentement_arret_lien"), name("usager_id"))
                        .to(name("usager"), name("id"))
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .to_owned(),
        )
        .await?;
        for sql in [
            "CREATE INDEX consentement_empreinte ON consentement (empreinte)",
            "CREATE INDEX consentement_arret_lien_ecrit ON consentement_arret_lien (ecrit_le)",
            "CREATE INDEX consentement_arret_lien_usager ON consentement_arret_lien (usager_id)",
        ] {
            m.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}

/// `mandats_0171_consentements_appel`
#[derive(Debug)]
pub(crate) struct Mandats0171;

impl MigrationName for Mandats0171 {
    fn name(&self) -> &'static str {
        "mandats_0171_consentements_appel"
    }
}

/// What the table had before.
const AVANT: &str = "id, brouillon_id, structure_id, usager_id, canal, adresse, offre, question, etat, retour, offre_le, \
                     demande_le, reponse_le, reponse, dernier_le, envois, aides, expire_le, sel, lien, appartenance_id, \
                     echange, mandat_id, empreinte";

#[async_trait::async_trait]
impl MigrationTrait for Mandats0171 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        // Agreement by a call: two ways more, and a state. What a column may hold changes on both engines alike by another
        // table, filled from the first; nothing refers to it.
        m.create_table(
            Table::create()
                .table(name("consentement_suivant"))
                .col(id(name("id")).primary_key())
                .col(id(name("brouillon_id")))
                .col(id(name("structure_id")))
                .col(id(name("usager_id")))
                .col(state("canal", &Adresse::CLES))
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
                .col(text_opt(name("lien")).unique_key())
                .col(uuid_opt(name("appartenance_id")))
                .col(text_opt(name("echange")))
                .col(uuid_opt(name("mandat_id")))
                .col(text_opt(name("empreinte")))
                // Keyed fingerprint of the code that was sent to the telephone, while it may be said.
                .col(text_opt(name("code")))
                .col(integer(name("essais")).default(0))
                .foreign_key(
                    ForeignKey::create()
                        .from(name("consentement_suivant"), name("usager_id"))
                        .to(name("usager"), name("id"))
                        .on_delete(ForeignKeyAction::Cascade),
                )
                // The last walls behind the rules: an answer was asked for (on the telephone one may refuse before), and only
                // a call has a witness.
                .check(Expr::cust(
                    "etat = 'offre_envoyee' OR etat = 'expiree' OR etat = 'arretee' OR demande_le IS NOT NULL \
                     OR (etat = 'refusee' AND (canal = 'telephone_code' OR canal = 'telephone_temoin'))",
                ))
                .check(Expr::cust("(etat <> 'acceptee' AND etat <> 'refusee') OR reponse_le IS NOT NULL"))
                .check(Expr::cust("etat <> 'attente_temoin' OR canal = 'telephone_temoin'"))
                .to_owned(),
        )
        .await?;
        let copie = format!("INSERT INTO consentement_suivant ({AVANT}) SELECT {AVANT} FROM consentement");
        let ouvert = "etat = 'offre_envoyee' OR etat = 'acceptation_demandee' OR etat = 'attente_temoin'";
        for sql in [
            copie.as_str(),
            "DROP TABLE consentement",
            "ALTER TABLE consentement_suivant RENAME TO consentement",
            &format!("CREATE UNIQUE INDEX consentement_ouvert ON consentement (adresse) WHERE {ouvert}"),
            &format!(
                "CREATE UNIQUE INDEX consentement_brouillon ON consentement (brouillon_id) \
                 WHERE {ouvert} OR etat = 'acceptee'"
            ),
            "CREATE INDEX consentement_expire ON consentement (expire_le)",
            "CREATE INDEX consentement_usager ON consentement (usager_id)",
            "CREATE INDEX consentement_mandat ON consentement (mandat_id)",
            "CREATE INDEX consentement_empreinte ON consentement (empreinte)",
            "CREATE INDEX consentement_temoin ON consentement (structure_id) WHERE etat = 'attente_temoin'",
        ] {
            m.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
