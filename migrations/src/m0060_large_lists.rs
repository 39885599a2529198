//! Step 60: indexes for a million cases. Each list and each tick has one that leads straight to its rows; those that no
//! question uses any more are gone, because every change of a row pays for each of them.

use sea_orm_migration::prelude::*;

/// The step.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Name and table. Cases were listed by reference or by their day in court nowhere; jobs and agenda items are always asked
/// for by their kind, or by their case.
const GONE: [(&str, &str); 5] = [
    ("cases_open", "cases"),
    ("cases_court", "cases"),
    ("jobs_due", "jobs"),
    ("jobs_created", "jobs"),
    ("agenda_due", "agenda"),
];

/// Name, table, columns.
const NEW: [(&str, &str, [&str; 3]); 2] = [
    // Those in which one party must act, the last changed first.
    (
        "cases_waiting",
        "cases",
        ["closed", "waiting_on", "last_event_at"],
    ),
    // Due timers, whatever else is due; messages of one fate.
    ("jobs_kind_due", "jobs", ["state", "kind", "due_at"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, table) in GONE {
            let index = Index::drop().name(name).table(table).to_owned();
            manager.drop_index(index).await?;
        }
        for (name, table, columns) in NEW {
            let mut index = Index::create();
            index.name(name).table(table);
            for column in columns {
                index.col(column);
            }
            manager.create_index(index.take()).await?;
        }
        Ok(())
    }

    /// All or nothing on SQLite too, where the library would otherwise run each statement on its own.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
