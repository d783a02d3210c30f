//! Tables of structures.

use platform::db::kit::{id, instant, instant_opt, integer, name, state, text, text_opt, uuid_opt};
use sea_orm_migration::prelude::*;

use super::model::Etat;

/// `annuaire_0010_structures`
#[derive(Debug)]
pub(super) struct Annuaire0010;

impl MigrationName for Annuaire0010 {
    fn name(&self) -> &'static str {
        "annuaire_0010_structures"
    }
}

fn vers_structure(table: &str, column: &str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(name(table), name(column))
        .to(name("structure"), name("id"))
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}

async fn index(m: &SchemaManager<'_>, nom: &str, table: &str, columns: &[&str]) -> Result<(), DbErr> {
    let mut index = Index::create();
    index.name(nom).table(name(table));
    for column in columns {
        index.col(name(column));
    }
    m.create_index(index).await
}

#[async_trait::async_trait]
impl MigrationTrait for Annuaire0010 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("structure"))
                .col(id(name("id")).primary_key())
                .col(text_opt(name("pivot")))
                .col(text(name("nom")))
                .col(text(name("genre")))
                .col(text_opt(name("categorie")))
                .col(text_opt(name("voie")))
                .col(text_opt(name("code_postal")))
                .col(text(name("code_commune")))
                .col(text(name("commune")))
                .col(text(name("departement")))
                .col(text(name("region")))
                .col(text_opt(name("site_web")))
                .col(state("etat", &Etat::CLES))
                .col(instant_opt(name("fermee_le")))
                .col(uuid_opt(name("fusionnee_dans")))
                .col(integer(name("version")))
                .col(instant(name("creee_le")))
                .col(instant(name("modifiee_le")))
                // Folded: what lists look into, and what they sort by.
                .col(text(name("recherche")))
                .foreign_key(
                    ForeignKey::create()
                        .from(name("structure"), name("fusionnee_dans"))
                        .to(name("structure"), name("id")),
                )
                // A state and what it bears go together.
                .check(Expr::cust("(etat = 'fermee') = (fermee_le IS NOT NULL)"))
                .check(Expr::cust("(etat = 'fusionnee') = (fusionnee_dans IS NOT NULL)"))
                .to_owned(),
        )
        .await?;
        index(m, "structure_recherche", "structure", &["recherche", "id"]).await?;
        index(m, "structure_departement", "structure", &["departement"]).await?;
        index(m, "structure_region", "structure", &["region"]).await?;
        index(m, "structure_pivot", "structure", &["pivot"]).await?;
        index(m, "structure_fusionnee_dans", "structure", &["fusionnee_dans"]).await?;

        m.create_table(
            Table::create()
                .table(name("structure_contact"))
                .col(id(name("id")).primary_key())
                .col(id(name("structure_id")))
                .col(text(name("nom")))
                .col(text_opt(name("fonction")))
                .col(text_opt(name("courriel")))
                .col(text_opt(name("telephone")))
                .col(ColumnDef::new(name("principal")).boolean().not_null())
                .foreign_key(&mut vers_structure("structure_contact", "structure_id"))
                .check(Expr::cust("courriel IS NOT NULL OR telephone IS NOT NULL"))
                .to_owned(),
        )
        .await?;
        index(m, "structure_contact_structure", "structure_contact", &["structure_id"]).await?;

        m.create_table(
            Table::create()
                .table(name("structure_historique"))
                .col(id(name("structure_id")))
                // From 1, without a gap, in the order of the changes.
                .col(integer(name("rang")))
                .col(instant(name("le")))
                .col(uuid_opt(name("par")))
                .col(text_opt(name("role")))
                .col(text(name("action")))
                .col(text(name("quoi")))
                .col(text(name("avant")))
                .col(text(name("apres")))
                .primary_key(Index::create().col(name("structure_id")).col(name("rang")))
                .foreign_key(&mut vers_structure("structure_historique", "structure_id"))
                .to_owned(),
        )
        .await?;

        // Keys under which duplicates meet.
        m.create_table(
            Table::create()
                .table(name("structure_cle"))
                .col(text(name("cle")))
                .col(id(name("structure_id")))
                .primary_key(Index::create().col(name("cle")).col(name("structure_id")))
                .foreign_key(&mut vers_structure("structure_cle", "structure_id"))
                .to_owned(),
        )
        .await?;
        index(m, "structure_cle_structure", "structure_cle", &["structure_id"]).await?;

        // Two structures that a person declared to be two: never proposed again.
        m.create_table(
            Table::create()
                .table(name("structure_distincte"))
                .col(id(name("premiere")))
                .col(id(name("seconde")))
                .col(instant(name("le")))
                .col(uuid_opt(name("par")))
                .primary_key(Index::create().col(name("premiere")).col(name("seconde")))
                .foreign_key(&mut vers_structure("structure_distincte", "premiere"))
                .foreign_key(&mut vers_structure("structure_distincte", "seconde"))
                .check(Expr::cust("premiere < seconde"))
                .to_owned(),
        )
        .await?;

        m.create_table(
            Table::create()
                .table(name("structure_fusion"))
                .col(id(name("id")).primary_key())
                .col(id(name("gardee")))
                .col(id(name("absorbee")))
                .col(instant(name("le")))
                .col(uuid_opt(name("par")))
                // What both were before, and what the kept one became: all that undoing needs.
                .col(text(name("avant")))
                .col(instant_opt(name("annulee_le")))
                .col(uuid_opt(name("annulee_par")))
                .foreign_key(&mut vers_structure("structure_fusion", "gardee"))
                .foreign_key(&mut vers_structure("structure_fusion", "absorbee"))
                .to_owned(),
        )
        .await?;
        index(m, "structure_fusion_gardee", "structure_fusion", &["gardee"]).await?;
        index(m, "structure_fusion_absorbee", "structure_fusion", &["absorbee"]).await
    }
}

/// `annuaire_0034_structures_paires`
#[derive(Debug)]
pub(super) struct Annuaire0034;

impl MigrationName for Annuaire0034 {
    fn name(&self) -> &'static str {
        "annuaire_0034_structures_paires"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Annuaire0034 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        // Likely duplicates, kept up to date at each writing: the list compares nothing.
        m.create_table(
            Table::create()
                .table(name("structure_paire"))
                .col(id(name("premiere")))
                .col(id(name("seconde")))
                .col(integer(name("score")))
                .primary_key(Index::create().col(name("premiere")).col(name("seconde")))
                .foreign_key(&mut vers_structure("structure_paire", "premiere"))
                .foreign_key(&mut vers_structure("structure_paire", "seconde"))
                .check(Expr::cust("premiere < seconde"))
                .to_owned(),
        )
        .await?;
        index(m, "structure_paire_seconde", "structure_paire", &["seconde"]).await?;
        super::store::apparier_tout(m.get_connection()).await
    }
}

/// `annuaire_0036_structures_reseau`
#[derive(Debug)]
pub(super) struct Annuaire0036;

impl MigrationName for Annuaire0036 {
    fn name(&self) -> &'static str {
        "annuaire_0036_structures_reseau"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Annuaire0036 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.alter_table(
            Table::alter().table(name("structure")).add_column(text_opt(name("reseau"))).to_owned(),
        )
        .await?;
        index(m, "structure_reseau", "structure", &["reseau"]).await
    }
}
