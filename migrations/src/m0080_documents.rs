//! Step 80: documents of cases, in sealed parts. Not an expanding step: an older program does not know the journal's new words.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{blob, integer, uuid};

/// The step.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let parts = Table::create()
            .table("document_parts")
            .col(uuid("case_id"))
            .col(integer("document"))
            .col(integer("part"))
            .col(blob("sealed"))
            .primary_key(Index::create().col("case_id").col("document").col("part"))
            .foreign_key(ForeignKey::create().from_col("case_id").to("cases", "id"))
            .take();
        manager.create_table(parts).await
    }

    /// All or nothing on SQLite too, where the library would otherwise run each statement on its own.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
