//! Step 21: the register of violations across cases: codes and how far each has come, no account and no name.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{boolean, integer, timestamp_with_time_zone as moment, uuid};
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
        let violations = Table::create()
            .table("violations")
            .col(uuid("case_id"))
            .col(integer("number"))
            .col(word("code"))
            .col(word("status"))
            .col(boolean("publishable"))
            .col(moment("noted_for"))
            .primary_key(Index::create().col("case_id").col("number"))
            .foreign_key(ForeignKey::create().from_col("case_id").to("cases", "id"))
            .take();
        let index = |name: &'static str, first: Option<&'static str>| {
            let mut index = Index::create().name(name).table("violations").take();
            if let Some(first) = first {
                index.col(first);
            }
            index.col("noted_for").take()
        };
        manager.create_table(violations).await?;
        manager.create_index(index("violations_noted", None)).await?;
        manager
            .create_index(index("violations_code", Some("code")))
            .await?;
        manager
            .create_index(index("violations_status", Some("status")))
            .await
    }

    /// All or nothing on SQLite too, where the library would otherwise run each statement on its own.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
