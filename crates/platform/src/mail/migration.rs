//! The outbox.

use sea_orm_migration::prelude::*;

use crate::db::kit::{id, instant, instant_opt, name, state, text, text_opt};

/// `platform_0003_mail`
#[derive(Debug)]
pub struct Mail0001;

impl MigrationName for Mail0001 {
    fn name(&self) -> &'static str {
        "platform_0003_mail"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Mail0001 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("courriel"))
                .col(id(name("id")).primary_key())
                .col(text(name("destinataire")))
                .col(text(name("sujet")))
                .col(text(name("texte")))
                .col(state("etat", &["en_attente", "parti"]))
                .col(instant(name("ecrit_le")))
                .col(instant_opt(name("parti_le")))
                .to_owned(),
        )
        .await
    }
}

/// `platform_0007_mail_rhythm`: what each address wants, and what waits for its daily message.
#[derive(Debug)]
pub struct Mail0002;

impl MigrationName for Mail0002 {
    fn name(&self) -> &'static str {
        "platform_0007_mail_rhythm"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Mail0002 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("courriel_rythme"))
                // In lower case.
                .col(text(name("adresse")).primary_key())
                .col(state("rythme", &["aussitot", "quotidien", "jamais"]))
                .col(instant(name("choisi_le")))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("courriel_a_grouper"))
                .col(id(name("id")).primary_key())
                .col(text(name("adresse")))
                .col(text(name("sujet")))
                .col(text(name("texte")))
                .col(instant(name("ecrit_le")))
                .to_owned(),
        )
        .await?;
        m.create_index(
            Index::create()
                .name("ix_courriel_a_grouper_adresse")
                .table(name("courriel_a_grouper"))
                .col(name("adresse"))
                .to_owned(),
        )
        .await
    }
}

/// `platform_0011_mail_kind`: the kind of each message.
#[derive(Debug)]
pub struct Mail0003;

impl MigrationName for Mail0003 {
    fn name(&self) -> &'static str {
        "platform_0011_mail_kind"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Mail0003 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let sql = "ALTER TABLE courriel ADD COLUMN genre TEXT NOT NULL DEFAULT ''";
        m.get_connection().execute_unprepared(sql).await.map(|_| ())
    }
}

/// `platform_0012_mail_unsubscribe`: where the reader of a message says that they want no more.
#[derive(Debug)]
pub struct Mail0004;

impl MigrationName for Mail0004 {
    fn name(&self) -> &'static str {
        "platform_0012_mail_unsubscribe"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Mail0004 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut colonne = text_opt(name("arret"));
        m.alter_table(Table::alter().table(name("courriel")).add_column(&mut colonne).to_owned()).await
    }
}
