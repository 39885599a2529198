//! Step 40: days that staff have added to the court calendars of the files.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    date, timestamp_with_time_zone as moment, timestamp_with_time_zone_null, uuid,
};
use sea_orm_migration::sea_orm::DbBackend;

/// The step.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        let column = |name: &'static str| {
            let mut column = ColumnDef::new(name);
            column.text();
            if backend == DbBackend::Postgres {
                column.extra("COLLATE \"C\"");
            }
            column
        };
        let word = |name: &'static str| column(name).not_null().take();
        let days = Table::create()
            .table("calendar_days")
            .col(uuid("id").primary_key())
            .col(word("calendar"))
            .col(date("day"))
            .col(word("name"))
            .col(word("status"))
            .col(column("province"))
            .col(column("city"))
            .col(column("court"))
            .col(moment("added_at"))
            // None until every date that it moves has moved.
            .col(timestamp_with_time_zone_null("followed_at"))
            .take();
        manager.create_table(days).await
    }

    /// All or nothing on SQLite too, where the library would otherwise run each statement on its own.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
