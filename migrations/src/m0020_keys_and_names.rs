//! Step 20: which organisation key a database is sealed with, and the blind index of names.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{timestamp_with_time_zone as moment, uuid};
use sea_orm_migration::sea_orm::DbBackend;

/// The step.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        let word = |name: &'static str| {
            let mut column = ColumnDef::new(name);
            column.text().not_null();
            if backend == DbBackend::Postgres {
                column.extra("COLLATE \"C\"");
            }
            column
        };
        let keys = Table::create()
            .table("organisation_keys")
            .col(word("fingerprint").primary_key())
            .col(word("state"))
            .col(moment("since"))
            .take();
        let names = Table::create()
            .table("name_tokens")
            .col(uuid("case_id"))
            .col(word("token"))
            .primary_key(Index::create().col("case_id").col("token"))
            .foreign_key(ForeignKey::create().from_col("case_id").to("cases", "id"))
            .take();
        let by_token = Index::create()
            .name("name_tokens_token")
            .table("name_tokens")
            .col("token")
            .take();
        manager.create_table(keys).await?;
        manager.create_table(names).await?;
        manager.create_index(by_token).await
    }

    /// All or nothing on SQLite too, where the library would otherwise run each statement on its own.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
