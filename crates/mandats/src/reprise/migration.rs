//! Tables of what was taken over: which row became what, what is known of mandats that were made elsewhere.

use platform::db::kit::{id, integer, name, state, text, text_opt, uuid_opt};
use sea_orm_migration::prelude::*;

use super::attestation::{Raison, Verdict};

/// `mandats_0090_reprise`
#[derive(Debug)]
pub(crate) struct Mandats0090;

impl MigrationName for Mandats0090 {
    fn name(&self) -> &'static str {
        "mandats_0090_reprise"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Mandats0090 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("reprise_ligne"))
                // The table there, and the row's identifier in it.
                .col(text(name("origine")))
                .col(integer(name("ancien")))
                // What it became here.
                .col(uuid_opt(name("cible")))
                // What later tables need of it, sealed when it is about a person; forgotten at the end.
                .col(text_opt(name("note")))
                .primary_key(Index::create().col(name("origine")).col(name("ancien")))
                .to_owned(),
        )
        .await?;
        let mut raison = state("raison", &Raison::TOUTES.map(Raison::cle));
        m.create_table(
            Table::create()
                .table(name("mandat_repris"))
                .col(id(name("mandat_id")).primary_key())
                .col(integer(name("ancien")))
                .col(text_opt(name("empreinte")))
                // Path of the text that was printed.
                .col(text_opt(name("modele")))
                // What the journal wrote in words; sealed: it may hold names.
                .col(text_opt(name("texte")))
                .col(state("verdict", &Verdict::CLES))
                .col(raison.null())
                .foreign_key(
                    ForeignKey::create()
                        .from(name("mandat_repris"), name("mandat_id"))
                        .to(name("mandat"), name("id"))
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .check(Expr::cust("(verdict = 'inverifiable') = (raison IS NOT NULL)"))
                .to_owned(),
        )
        .await?;
        m.create_table(
            Table::create()
                .table(name("reprise_sel"))
                .col(text(name("nom")).primary_key())
                .col(text(name("scelle")))
                .to_owned(),
        )
        .await
    }
}
