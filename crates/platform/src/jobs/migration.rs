//! Tables of jobs and of leases.

use sea_orm_migration::prelude::*;

use crate::db::kit::{id, instant, instant_opt, integer, name, state, text, text_opt};

/// `platform_0002_jobs`
#[derive(Debug)]
pub struct Jobs0001;

impl MigrationName for Jobs0001 {
    fn name(&self) -> &'static str {
        "platform_0002_jobs"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Jobs0001 {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_table(
            Table::create()
                .table(name("job"))
                .col(id(name("id")).primary_key())
                .col(text(name("kind")))
                .col(text(name("payload")))
                .col(text_opt(name("dedup_key")))
                .col(state("state", &["waiting", "running", "done", "stuck"]))
                .col(integer(name("attempts")))
                .col(instant(name("created_at")))
                .col(instant(name("run_at")))
                .col(instant_opt(name("lease_until")))
                .col(instant_opt(name("finished_at")))
                .col(text_opt(name("progress")))
                .col(text_opt(name("error")))
                .to_owned(),
        )
        .await?;
        m.create_index(
            Index::create()
                .name("job_due")
                .table(name("job"))
                .col(name("state"))
                .col(name("run_at"))
                .to_owned(),
        )
        .await?;
        // Both engines know partial indexes: one waiting job for a key.
        m.get_connection()
            .execute_unprepared(
                "CREATE UNIQUE INDEX job_dedup ON job (kind, dedup_key) WHERE state = 'waiting' AND dedup_key IS NOT NULL",
            )
            .await?;
        m.create_table(
            Table::create()
                .table(name("schedule"))
                .col(text(name("name")).primary_key())
                .col(instant(name("next_at")))
                .to_owned(),
        )
        .await?;
        Ok(())
    }
}
