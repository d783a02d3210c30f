//! The table, its head, and the triggers that refuse any change.

use sea_orm::DbBackend;
use sea_orm_migration::prelude::*;

use crate::db::kit::{id, instant, integer, name, text, text_opt};

/// `platform_0001_journal`
#[derive(Debug)]
pub struct Journal0001;

impl MigrationName for Journal0001 {
    fn name(&self) -> &'static str {
        "platform_0001_journal"
    }
}

const SQLITE: &[&str] = &[
    "CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END",
    "CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END",
];

const POSTGRES: &[&str] = &[
    "CREATE FUNCTION journal_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$",
    "CREATE TRIGGER journal_no_change BEFORE UPDATE OR DELETE ON journal FOR EACH ROW EXECUTE FUNCTION journal_refuse()",
    "CREATE TRIGGER journal_no_truncate BEFORE TRUNCATE ON journal FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse()",
];

#[async_trait::async_trait]
impl MigrationTrait for Journal0001 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("journal"))
                .col(integer(name("seq")).primary_key())
                .col(id(name("id")))
                .col(instant(name("at")))
                .col(ColumnDef::new(name("by")).uuid().null())
                .col(ColumnDef::new(name("seen_by")).uuid().null())
                .col(text(name("action")))
                .col(text(name("subject")))
                .col(text(name("subject_id")))
                // The exact text that was hashed: json columns do not keep the order of keys.
                .col(text(name("details")))
                .col(text(name("previous")))
                .col(text(name("hash")))
                .to_owned(),
        )
        .await?;
        m.create_index(
            Index::create()
                .name("journal_subject")
                .table(name("journal"))
                .col(name("subject"))
                .col(name("subject_id"))
                .to_owned(),
        )
        .await?;
        // The head holds the last line: writers queue on it, and a cut tail is seen.
        m.create_table(
            Table::create()
                .table(name("journal_head"))
                .col(integer(name("one")).primary_key())
                .col(integer(name("seq")))
                .col(text_opt(name("hash")))
                .to_owned(),
        )
        .await?;
        let conn = m.get_connection();
        conn.execute_unprepared("INSERT INTO journal_head (one, seq, hash) VALUES (1, 0, '')").await?;
        let triggers = match conn.get_database_backend() {
            DbBackend::Postgres => POSTGRES,
            _ => SQLITE,
        };
        for sql in triggers {
            conn.execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
