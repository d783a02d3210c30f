//! The table, its head, and the triggers that refuse any change.

use sea_orm::DbBackend;
use sea_orm_migration::prelude::*;

use crate::db::kit::{id, instant, integer, name, text, text_opt};

/// `platform_0004_journal_walls`: what the first triggers let through. On SQLite, `INSERT OR REPLACE`
/// deletes without calling the trigger that refuses it; the head could be changed at will.
#[derive(Debug)]
pub struct Journal0002;

impl MigrationName for Journal0002 {
    fn name(&self) -> &'static str {
        "platform_0004_journal_walls"
    }
}

const SQLITE_WALLS: &[&str] = &[
    "CREATE TRIGGER journal_no_replace BEFORE INSERT ON journal WHEN EXISTS (SELECT 1 FROM journal WHERE seq = NEW.seq) \
     BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END",
    "CREATE TRIGGER journal_head_grows BEFORE UPDATE ON journal_head \
     WHEN NEW.one <> OLD.one OR NEW.seq < OLD.seq OR NEW.seq > OLD.seq + 1 \
     BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END",
    // A head that nothing follows yet goes away when a backup is restored.
    "CREATE TRIGGER journal_head_stays BEFORE DELETE ON journal_head WHEN OLD.seq > 0 \
     BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END",
    "CREATE TRIGGER journal_head_no_replace BEFORE INSERT ON journal_head WHEN EXISTS (SELECT 1 FROM journal_head) \
     BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END",
];

const POSTGRES_WALLS: &[&str] = &[
    "CREATE TRIGGER journal_head_grows BEFORE UPDATE ON journal_head FOR EACH ROW \
     WHEN (NEW.one <> OLD.one OR NEW.seq < OLD.seq OR NEW.seq > OLD.seq + 1) EXECUTE FUNCTION journal_refuse()",
    "CREATE TRIGGER journal_head_stays BEFORE DELETE ON journal_head FOR EACH ROW \
     WHEN (OLD.seq > 0) EXECUTE FUNCTION journal_refuse()",
    "CREATE TRIGGER journal_head_no_truncate BEFORE TRUNCATE ON journal_head \
     FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse()",
];

#[async_trait::async_trait]
impl MigrationTrait for Journal0002 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let conn = m.get_connection();
        let triggers = match conn.get_database_backend() {
            DbBackend::Postgres => POSTGRES_WALLS,
            _ => SQLITE_WALLS,
        };
        for sql in triggers {
            conn.execute_unprepared(sql).await?;
        }
        Ok(())
    }
}

/// `platform_0008_journal_lots`: the head moves once for all the lines of a transaction, to a line that is there, with its
/// hash: a wall that is higher, and a million lines are not a million statements.
#[derive(Debug)]
pub struct Journal0003;

impl MigrationName for Journal0003 {
    fn name(&self) -> &'static str {
        "platform_0008_journal_lots"
    }
}

const SQLITE_LOTS: &[&str] = &[
    "DROP TRIGGER journal_head_grows",
    "CREATE TRIGGER journal_head_grows BEFORE UPDATE ON journal_head \
     WHEN NEW.one <> OLD.one OR NEW.seq < OLD.seq \
       OR NOT EXISTS (SELECT 1 FROM journal WHERE seq = NEW.seq AND hash = NEW.hash) \
     BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END",
];

const POSTGRES_LOTS: &[&str] = &[
    "DROP TRIGGER journal_head_grows ON journal_head",
    "CREATE FUNCTION journal_head_check() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
       IF NEW.one <> OLD.one OR NEW.seq < OLD.seq \
         OR NOT EXISTS (SELECT 1 FROM journal WHERE seq = NEW.seq AND hash = NEW.hash) THEN \
         RAISE EXCEPTION 'the journal is append-only'; \
       END IF; \
       RETURN NEW; END $$",
    "CREATE TRIGGER journal_head_grows BEFORE UPDATE ON journal_head FOR EACH ROW EXECUTE FUNCTION journal_head_check()",
];

#[async_trait::async_trait]
impl MigrationTrait for Journal0003 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        let conn = m.get_connection();
        let triggers = match conn.get_database_backend() {
            DbBackend::Postgres => POSTGRES_LOTS,
            _ => SQLITE_LOTS,
        };
        for sql in triggers {
            conn.execute_unprepared(sql).await?;
        }
        Ok(())
    }
}

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
