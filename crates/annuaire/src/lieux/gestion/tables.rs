//! Tables of the management of lieux: what people typed over what sources deliver, links with structures, reminders.

use platform::Tx;
use platform::db::kit::{self, id, instant, instant_opt, integer, name, text, text_opt};
use sea_orm::ConnectionTrait;
use sea_orm_migration::prelude::*;

/// `annuaire_0030_lieux_gestion`
#[derive(Debug)]
pub(in crate::lieux) struct Lieux0030;

impl MigrationName for Lieux0030 {
    fn name(&self) -> &'static str {
        "annuaire_0030_lieux_gestion"
    }
}

fn uuid_opt(nom: &str) -> ColumnDef {
    let mut c = ColumnDef::new(name(nom));
    c.uuid().null();
    c
}

fn vers_lieu(table: &str) -> ForeignKeyCreateStatement {
    ForeignKey::create().from(name(table), name("lieu_id")).to(name("lieu"), name("id")).to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Lieux0030 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let mut booleen = ColumnDef::new(name("structure_choisie"));
        booleen.boolean().not_null().default(false);
        // One column a statement: SQLite takes no more.
        for mut colonne in [
            integer(name("version")).default(1).to_owned(),
            text(name("recherche")).default("").to_owned(),
            uuid_opt("structure_id"),
            booleen,
            text_opt(name("motif_fermeture")),
            instant_opt(name("confirme_le")),
        ] {
            m.alter_table(Table::alter().table(name("lieu")).add_column(&mut colonne).to_owned()).await?;
        }
        for colonne in ["acte", "role"] {
            let mut colonne = text_opt(name(colonne));
            m.alter_table(Table::alter().table(name("lieu_changement")).add_column(&mut colonne).to_owned())
                .await?;
        }
        m.create_table(
            Table::create()
                .table(name("lieu_saisie"))
                .col(id(name("lieu_id")))
                .col(text(name("champ")))
                .col(text(name("valeur")))
                // What the source says of this field, as last delivered.
                .col(text(name("source_valeur")))
                .col(uuid_opt("par"))
                .col(instant(name("le")))
                .primary_key(Index::create().col(name("lieu_id")).col(name("champ")))
                .foreign_key(&mut vers_lieu("lieu_saisie"))
                .to_owned(),
        )
        .await?;
        // A reminder is one message: to one address, about one or several lieux.
        m.create_table(
            Table::create()
                .table(name("lieu_rappel"))
                .col(id(name("id")).primary_key())
                .col(text(name("jeton")).unique_key())
                .col(text(name("destinataire")))
                .col(instant(name("envoye_le")))
                .col(instant(name("expire_le")))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("lieu_rappel_lieu"))
                .col(id(name("rappel_id")))
                .col(id(name("lieu_id")))
                .col(instant_opt(name("confirme_le")))
                .primary_key(Index::create().col(name("rappel_id")).col(name("lieu_id")))
                .foreign_key(
                    ForeignKey::create()
                        .from(name("lieu_rappel_lieu"), name("rappel_id"))
                        .to(name("lieu_rappel"), name("id"))
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .foreign_key(&mut vers_lieu("lieu_rappel_lieu"))
                .to_owned(),
        )
        .await?;
        // Addresses that want no more reminders, as hashes: nothing to read in a copy of the table.
        m.create_table(
            Table::create()
                .table(name("lieu_rappel_refus"))
                .col(text(name("destinataire")).primary_key())
                .col(instant(name("le")))
                .to_owned(),
        )
        .await?;
        for (nom, table, colonne) in [
            ("lieu_structure", "lieu", "structure_id"),
            ("lieu_pivot", "lieu", "pivot"),
            ("lieu_rappel_destinataire", "lieu_rappel", "destinataire"),
            ("lieu_rappel_lieu_lieu", "lieu_rappel_lieu", "lieu_id"),
        ] {
            m.create_index(Index::create().name(nom).table(name(table)).col(name(colonne)).to_owned())
                .await?;
        }
        indexe(m.get_connection()).await
    }
}

/// Lieux that are there already get the text that the list searches.
async fn indexe(conn: &impl ConnectionTrait) -> Result<(), DbErr> {
    let mut dernier = uuid::Uuid::nil();
    loop {
        let rows = kit::query(
            conn,
            "SELECT id, nom, commune, code_postal, code_insee, adresse, identifiant FROM lieu WHERE id > $1 \
             ORDER BY id LIMIT 1000",
            [dernier.into()],
        )
        .await?;
        if rows.is_empty() {
            return Ok(());
        }
        for row in &rows {
            dernier = row.try_get("", "id")?;
            let mut mots = Vec::new();
            for colonne in ["nom", "commune", "code_postal", "code_insee", "adresse", "identifiant"] {
                mots.push(row.try_get::<String>("", colonne)?);
            }
            let recherche = kernel::text::fold(&mots.join(" "));
            kit::execute(
                conn,
                "UPDATE lieu SET recherche = $1 WHERE id = $2",
                [recherche.into(), dernier.into()],
            )
            .await?;
        }
    }
}

/// Locks these rows until the end of the transaction, in one order for everybody. SQLite has one writer at a time, and
/// this transaction is it.
pub(in crate::lieux) async fn tient(tx: &Tx, lieux: &[kernel::ids::LieuId]) -> Result<(), DbErr> {
    if tx.get_database_backend() == sea_orm::DbBackend::Postgres {
        for lot in lieux.chunks(500) {
            let places: Vec<String> = (1..=lot.len()).map(|n| format!("${n}")).collect();
            let sql =
                format!("SELECT id FROM lieu WHERE id IN ({}) ORDER BY id FOR UPDATE", places.join(","));
            kit::query(tx, &sql, lot.iter().map(|l| l.0.into())).await?;
        }
    }
    Ok(())
}
