//! Tables of the person's own space.

use platform::db::kit::{flag, id, instant, integer, name, state, text, uuid_opt};
use sea_orm_migration::prelude::*;

use super::model::{GENRES, Moyen, Voie};

/// `mandats_0041_espace`
#[derive(Debug)]
pub(crate) struct Mandats0041;

impl MigrationName for Mandats0041 {
    fn name(&self) -> &'static str {
        "mandats_0041_espace"
    }
}

fn de(table: &str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(name(table), name("usager_id"))
        .to(name("usager"), name("id"))
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Mandats0041 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("espace_session"))
                .col(id(name("id")).primary_key())
                // SHA-256 of the cookie.
                .col(text(name("empreinte")).unique_key())
                .col(id(name("usager_id")))
                .col(state("moyen", &Moyen::TOUS.map(Moyen::cle)))
                .col(instant(name("ouverte_le")))
                .col(instant(name("vue_le")))
                .foreign_key(&mut de("espace_session"))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("espace_code"))
                .col(id(name("id")).primary_key())
                // SHA-256 of the cookie of the browser that asked.
                .col(text(name("empreinte")).unique_key())
                // Keyed fingerprint of the address: to count, whoever it is of.
                .col(text(name("adresse")))
                // None for an address that nobody has: the answer is the same.
                .col(uuid_opt(name("usager_id")))
                // Keyed fingerprint of the code.
                .col(text(name("code")))
                .col(integer(name("essais")))
                .col(flag(name("fini")))
                .col(instant(name("cree_le")))
                .col(instant(name("expire_le")))
                .foreign_key(&mut de("espace_code"))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("espace_preference"))
                .col(id(name("usager_id")))
                .col(state("genre", &GENRES.map(|(cle, _)| cle)))
                .col(state("voie", &Voie::TOUTES.map(Voie::cle)))
                .primary_key(Index::create().col(name("usager_id")).col(name("genre")))
                .foreign_key(&mut de("espace_preference"))
                .to_owned(),
        )
        .await?;
        for sql in [
            "CREATE INDEX espace_session_vue ON espace_session (vue_le)",
            "CREATE INDEX espace_session_usager ON espace_session (usager_id)",
            "CREATE INDEX espace_code_adresse ON espace_code (adresse, cree_le)",
            "CREATE INDEX espace_code_usager ON espace_code (usager_id)",
            // To find who asks for a code: few people share an address.
            "CREATE INDEX usager_courriel ON usager (lower(courriel))",
            "CREATE INDEX usager_telephone ON usager (telephone)",
        ] {
            m.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}

/// `mandats_0121_espace_changement`
#[derive(Debug)]
pub(crate) struct Mandats0121;

impl MigrationName for Mandats0121 {
    fn name(&self) -> &'static str {
        "mandats_0121_espace_changement"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Mandats0121 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("espace_changement"))
                .col(id(name("id")).primary_key())
                .col(id(name("usager_id")))
                .col(state("sorte", &["courriel", "telephone"]))
                // In clear until it is proven or forgotten, a day at most.
                .col(text(name("valeur")))
                // Keyed fingerprint of it: codes are counted with those of sign-in.
                .col(text(name("adresse")))
                // Keyed fingerprint of the code.
                .col(text(name("code")))
                .col(integer(name("essais")))
                .col(flag(name("fini")))
                .col(instant(name("cree_le")))
                .col(instant(name("expire_le")))
                .foreign_key(&mut de("espace_changement"))
                .to_owned(),
        )
        .await?;
        for sql in [
            "CREATE INDEX espace_changement_usager ON espace_changement (usager_id, cree_le)",
            "CREATE INDEX espace_changement_adresse ON espace_changement (adresse, cree_le)",
            "CREATE INDEX espace_changement_cree ON espace_changement (cree_le)",
        ] {
            m.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}

/// `mandats_0140_coordonnees_prouvees`
#[derive(Debug)]
pub(crate) struct Mandats0140;

impl MigrationName for Mandats0140 {
    fn name(&self) -> &'static str {
        "mandats_0140_coordonnees_prouvees"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Mandats0140 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        // Of what is known already nobody can say who typed it: it opens nothing until FranceConnect or a code proves it.
        for colonne in ["courriel_prouve", "telephone_prouve"] {
            let mut colonne = flag(name(colonne)).default(false).to_owned();
            m.alter_table(Table::alter().table(name("usager")).add_column(&mut colonne).to_owned()).await?;
        }
        m.create_table(
            Table::create()
                .table(name("espace_adresse"))
                // Keyed fingerprint: one row to hold while its codes are counted, forgotten after a day.
                .col(text(name("adresse")).primary_key())
                .col(instant(name("vue_le")))
                .to_owned(),
        )
        .await
    }
}
