//! One moment of the whole database, read table by table while others go on writing.
//! Knows tables and their order; not what becomes of the lines.

use futures_util::StreamExt;
use sea_orm::{
    AccessMode, DatabaseTransaction, DbBackend, EntityTrait, IsolationLevel, Iterable, ModelTrait,
    PaginatorTrait, PrimaryKeyToColumn, QueryOrder, TransactionTrait,
};
use serde_json::json;

use super::columns::columns_of;
use super::copied_tables;
use crate::entities::{
    account, agenda, audit, calendar_day, case, case_key, counter, document_part, job, journal, name_token,
    organisation_key, pack, permission, schedule, team, violation,
};
use crate::error::{OnTable, StoreError};
use crate::store::Store;

/// A table and how many rows it has.
pub type TableCount = (String, u64);

/// A transaction that only reads: everything read through it belongs to one moment.
///
/// SQLite cannot shorten its write-ahead log while one is open; PostgreSQL cannot clear away dead rows.
#[derive(Debug)]
pub struct Snapshot {
    tx: DatabaseTransaction,
}

impl Store {
    /// Takes a snapshot. The schema must be up to date.
    ///
    /// # Errors
    /// [`StoreError::Busy`] if no connection became free in time.
    pub async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        let reader = self.reader();
        let tx = match reader.get_database_backend() {
            DbBackend::Postgres => {
                let level = Some(IsolationLevel::RepeatableRead);
                reader.begin_with_config(level, Some(AccessMode::ReadOnly)).await
            }
            // A reading transaction of SQLite sees one moment from its first question on.
            _ => reader.begin().await,
        };
        Ok(Snapshot { tx: tx.on("cases")? })
    }
}

impl Snapshot {
    /// How many rows each table has, in the order in which they will come.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn counts(&self) -> Result<Vec<TableCount>, StoreError> {
        let mut counts = Vec::new();
        macro_rules! count {
            ($($entity:ident),+) => {
                $(counts.push(self.count::<$entity::Entity>().await?);)+
            };
        }
        copied_tables!(count);
        Ok(counts)
    }

    /// Hands every line to `sink`, with its table's name.
    ///
    /// # Errors
    /// When the database fails, or with [`StoreError::Copy`] when `sink` does.
    pub async fn lines(
        &self,
        sink: &mut (dyn FnMut(&'static str, &[u8]) -> std::io::Result<()> + Send),
    ) -> Result<(), StoreError> {
        macro_rules! copy {
            ($($entity:ident),+) => {
                $(self.copy::<$entity::Entity>(sink).await?;)+
            };
        }
        copied_tables!(copy);
        Ok(())
    }

    async fn count<E>(&self) -> Result<TableCount, StoreError>
    where
        E: EntityTrait,
        E::Model: Sync,
    {
        let table = name_of::<E>();
        Ok((table.to_owned(), E::find().count(&self.tx).await.on(table)?))
    }

    async fn copy<E>(
        &self,
        sink: &mut (dyn FnMut(&'static str, &[u8]) -> std::io::Result<()> + Send),
    ) -> Result<(), StoreError>
    where
        E: EntityTrait,
        E::Model: Send + Sync,
    {
        let table = name_of::<E>();
        let columns = columns_of::<E>(table)?;
        let names: Vec<_> = columns.iter().map(|(name, kind, _)| (name, kind)).collect();
        write(table, &json!({ "table": table, "columns": names }), sink)?;
        let mut query = E::find();
        for key in E::PrimaryKey::iter() {
            query = query.order_by_asc(key.into_column());
        }
        let mut rows = query.stream(&self.tx).await.on(table)?;
        let mut count = 0_u64;
        while let Some(row) = rows.next().await {
            let row = row.on(table)?;
            let values: Option<Vec<_>> = columns
                .iter()
                .map(|(_, kind, column)| kind.write(row.get(*column)))
                .collect();
            let values = values.ok_or_else(|| StoreError::Inconsistent {
                table,
                what: "a row holds a value of another kind than its column".to_owned(),
            })?;
            write(table, &json!(values), sink)?;
            count += 1;
        }
        write(table, &json!({ "end": table, "rows": count }), sink)
    }
}

fn name_of<E: EntityTrait>() -> &'static str {
    E::default().table_name()
}

fn write(
    table: &'static str,
    line: &serde_json::Value,
    sink: &mut (dyn FnMut(&'static str, &[u8]) -> std::io::Result<()> + Send),
) -> Result<(), StoreError> {
    let mut bytes = line.to_string().into_bytes();
    bytes.push(b'\n');
    sink(table, &bytes).map_err(|source| StoreError::Copy { source })
}
