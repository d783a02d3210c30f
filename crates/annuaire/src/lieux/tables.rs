//! Tables of lieux: sources, deliveries and their reports, lieux, aliases, history.

use platform::db::kit::{id, instant, instant_opt, integer, name, state, text, text_opt};
use sea_orm_migration::prelude::*;

use super::standard::{Champ, Genre};

/// `annuaire_0020_lieux`
#[derive(Debug)]
pub(super) struct Lieux0020;

impl MigrationName for Lieux0020 {
    fn name(&self) -> &'static str {
        "annuaire_0020_lieux"
    }
}

fn uuid_opt(nom: &str) -> ColumnDef {
    let mut c = ColumnDef::new(Alias::new(nom));
    c.uuid().null();
    c
}

fn reference(table: &str, colonne: &str, vers: &str) -> ForeignKeyCreateStatement {
    let mut cle = ForeignKey::create();
    cle.from(name(table), name(colonne)).to(name(vers), name("id"));
    cle
}

#[async_trait::async_trait]
impl MigrationTrait for Lieux0020 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("lieu_source"))
                .col(id(name("id")).primary_key())
                .col(text(name("cle")).unique_key())
                .col(text(name("nom")))
                .col(integer(name("livraisons")))
                .col(instant(name("creee_le")))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("lieu_livraison"))
                .col(id(name("id")).primary_key())
                .col(uuid_opt("source_id"))
                .col(text(name("fichier")))
                .col(instant(name("recue_le")))
                .col(uuid_opt("par"))
                .col(state("issue", &["attente", "enregistree", "essai", "refusee"]))
                .col(text_opt(name("message")))
                .col(uuid_opt("tache"))
                .col(text(name("bilan")))
                .col(text(name("comptes")))
                .foreign_key(&mut reference("lieu_livraison", "source_id", "lieu_source"))
                .to_owned(),
        )
        .await?;
        for morceaux in ["lieu_livraison_rapport", "lieu_depot"] {
            m.create_table(
                Table::create()
                    .table(name(morceaux))
                    .col(id(name("livraison_id")))
                    .col(integer(name("rang")))
                    .col(ColumnDef::new(name("contenu")).blob().not_null())
                    .primary_key(Index::create().col(name("livraison_id")).col(name("rang")))
                    .to_owned(),
            )
            .await?;
        }
        m.create_table(lieu()).await?;
        m.create_table(
            Table::create()
                .table(name("lieu_alias"))
                .col(id(name("source_id")))
                .col(text(name("id_local")))
                .col(id(name("lieu_id")))
                .col(text(name("empreinte")))
                .col(instant_opt(name("absent_depuis")))
                .primary_key(Index::create().col(name("source_id")).col(name("id_local")))
                .foreign_key(&mut reference("lieu_alias", "source_id", "lieu_source"))
                .foreign_key(&mut reference("lieu_alias", "lieu_id", "lieu"))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("lieu_changement"))
                .col(id(name("id")).primary_key())
                .col(id(name("lieu_id")))
                .col(uuid_opt("livraison_id"))
                .col(uuid_opt("par"))
                .col(instant(name("le")))
                .col(state("genre", &["changement", "fermeture", "reouverture"]))
                .col(text(name("champs")))
                .foreign_key(&mut reference("lieu_changement", "lieu_id", "lieu"))
                .to_owned(),
        )
        .await?;
        for (nom, table, colonne) in [
            ("lieu_alias_lieu", "lieu_alias", "lieu_id"),
            ("lieu_changement_lieu", "lieu_changement", "lieu_id"),
            ("lieu_livraison_date", "lieu_livraison", "recue_le"),
        ] {
            m.create_index(Index::create().name(nom).table(name(table)).col(name(colonne)).to_owned())
                .await?;
        }
        Ok(())
    }
}

/// `annuaire_0021_lieu_alias`: addresses of pages are looked up among the identifiers of sources.
#[derive(Debug)]
pub(super) struct LieuAlias0021;

impl MigrationName for LieuAlias0021 {
    fn name(&self) -> &'static str {
        "annuaire_0021_lieu_alias"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for LieuAlias0021 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let index = Index::create()
            .name("lieu_alias_id_local")
            .table(name("lieu_alias"))
            .col(name("id_local"))
            .to_owned();
        m.create_index(index).await
    }
}

/// `annuaire_0036_lieu_livraison_corrige`: what a delivery gives once repaired, as a file of the standard.
#[derive(Debug)]
pub(super) struct Corrige0036;

impl MigrationName for Corrige0036 {
    fn name(&self) -> &'static str {
        "annuaire_0036_lieu_livraison_corrige"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Corrige0036 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("lieu_livraison_corrige"))
                .col(id(name("livraison_id")))
                .col(integer(name("rang")))
                .col(ColumnDef::new(name("contenu")).blob().not_null())
                .primary_key(Index::create().col(name("livraison_id")).col(name("rang")))
                .to_owned(),
        )
        .await
    }
}

/// `annuaire_0041_lieu_livraison_ajout`: the lieux that a delivery added; what else it did stands in their history.
#[derive(Debug)]
pub(super) struct Ajouts0041;

impl MigrationName for Ajouts0041 {
    fn name(&self) -> &'static str {
        "annuaire_0041_lieu_livraison_ajout"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Ajouts0041 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("lieu_livraison_ajout"))
                .col(id(name("livraison_id")))
                .col(id(name("lieu_id")))
                .primary_key(Index::create().col(name("livraison_id")).col(name("lieu_id")))
                .foreign_key(&mut reference("lieu_livraison_ajout", "lieu_id", "lieu"))
                .to_owned(),
        )
        .await?;
        let index = Index::create()
            .name("lieu_changement_livraison")
            .table(name("lieu_changement"))
            .col(name("livraison_id"))
            .to_owned();
        m.create_index(index).await
    }
}

/// The lieu itself: a column a field of the standard, `id` becoming `identifiant`.
fn lieu() -> TableCreateStatement {
    let mut table = Table::create();
    table
        .table(name("lieu"))
        .col(id(name("id")).primary_key())
        .col(text(name("identifiant")).unique_key())
        .col(id(name("source_id")))
        .col(instant_opt(name("ferme_le")))
        .col(instant(name("cree_le")))
        .col(instant(name("modifie_le")))
        .foreign_key(&mut reference("lieu", "source_id", "lieu_source"));
    for champ in Champ::TOUS.into_iter().skip(1) {
        let mut colonne = ColumnDef::new(name(champ.nom()));
        match champ.genre() {
            Genre::Texte => colonne.text().not_null(),
            Genre::Nombre => colonne.double().null(),
            Genre::Date => colonne.date().null(),
        };
        table.col(&mut colonne);
    }
    table.to_owned()
}
