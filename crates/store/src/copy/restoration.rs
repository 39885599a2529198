//! Lines of a copy back into rows, in one transaction: either the whole copy is there afterwards or nothing.
//! Knows the form of the lines, not which tables there are: an older copy has the tables of its time, and the schema steps
//! that came later run over them.

use std::collections::BTreeMap;

use peshi_migrations::{Migrator, MigratorTrait};
use sea_orm::sea_query::{Alias, Expr, Query};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, EntityName, IdenStatic, Iterable, PrimaryKeyTrait,
    Statement, Value,
};
use serde::Deserialize;
use serde_json::Value as Json;

use super::columns::Kind;
use super::copied_tables;
use crate::entities::{
    account, agenda, audit, calendar_day, case, case_key, counter, document_part, job, journal, name_token,
    organisation_key, pack, permission, schedule, team, violation,
};
use crate::error::{OnTable, StoreError};
use crate::schema::{LEDGER, applied, steps};
use crate::store::Store;

/// Most rows written by one statement; with the widest table far below what either database binds.
const ROWS: usize = 500;

const DAMAGED: &str =
    "The backup is damaged, or Peshi is older than the backup: try the newest Peshi, then another backup";

/// A copy on its way into an empty database. Dropping it leaves the database as it was.
#[derive(Debug)]
#[must_use = "a restoration that is not committed is rolled back"]
pub struct Restoration {
    tx: DatabaseTransaction,
    table: Option<Incoming>,
    done: BTreeMap<String, u64>,
}

#[derive(Debug)]
struct Incoming {
    name: String,
    columns: Vec<(String, Kind)>,
    rows: Vec<Vec<Value>>,
    count: u64,
}

/// A line that is not a row.
#[derive(Deserialize)]
#[serde(untagged)]
enum Mark {
    Table {
        table: String,
        columns: Vec<(String, Kind)>,
    },
    End {
        end: String,
        rows: u64,
    },
}

impl Store {
    /// Begins to restore a copy that was made when these schema steps had run.
    ///
    /// # Errors
    /// [`StoreError::NotEmpty`] if any table has a row; [`StoreError::Unreadable`] if the copy has a newer schema than this
    /// program, or the empty database has.
    pub async fn restoring(&self, schema: &[String]) -> Result<Restoration, StoreError> {
        let known: Vec<String> = steps().collect();
        if schema.is_empty() || !known.starts_with(schema) {
            return Err(StoreError::Unreadable {
                table: None,
                what: "it was made by a newer version of Peshi, or by a different one".to_owned(),
                remedy: "Install the version that the backup names, restore with it, and update afterwards",
            });
        }
        let tx = self.start_migrating().await?;
        refuse_rows(&tx).await?;
        let ran = applied(&tx).await?;
        if !schema.starts_with(&ran) {
            return Err(StoreError::Unreadable {
                table: None,
                what: "the database is empty, but its tables are newer than the backup".to_owned(),
                remedy: "Name a place without any tables: another --data folder or another --database",
            });
        }
        let missing = u32::try_from(schema.len() - ran.len()).unwrap_or(u32::MAX);
        if missing > 0 {
            Migrator::up(&tx, Some(missing)).await.on(LEDGER)?;
        }
        Ok(Restoration {
            tx,
            table: None,
            done: BTreeMap::new(),
        })
    }
}

impl Restoration {
    /// The table that is being read, for messages.
    pub fn table(&self) -> Option<&str> {
        self.table.as_ref().map(|table| table.name.as_str())
    }

    /// Reads the next line.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] if it is not what can stand there; when the database fails.
    pub async fn line(&mut self, line: &str) -> Result<(), StoreError> {
        if line.starts_with('[') {
            let values = serde_json::from_str::<Vec<Json>>(line);
            let values = values.map_err(|e| self.unreadable(&e.to_string()))?;
            return self.row(&values).await;
        }
        match serde_json::from_str(line).map_err(|e| self.unreadable(&e.to_string()))? {
            Mark::Table { table, columns } if self.table.is_none() && !self.done.contains_key(&table) => {
                self.table = Some(Incoming {
                    name: table,
                    columns,
                    rows: Vec::new(),
                    count: 0,
                });
                Ok(())
            }
            Mark::End { end, rows } => self.end(&end, rows).await,
            Mark::Table { table, .. } => Err(self.unreadable(&format!("table {table} begins out of turn"))),
        }
    }

    async fn row(&mut self, values: &[Json]) -> Result<(), StoreError> {
        let unreadable = self.unreadable("a row does not fit the columns of its table");
        let Some(table) = self.table.as_mut().filter(|t| t.columns.len() == values.len()) else {
            return Err(unreadable);
        };
        let row: Option<Vec<Value>> = table
            .columns
            .iter()
            .zip(values)
            .map(|((_, kind), value)| kind.read(value))
            .collect();
        table.rows.push(row.ok_or(unreadable)?);
        table.count += 1;
        if table.rows.len() == ROWS {
            table.flush(&self.tx).await?;
        }
        Ok(())
    }

    async fn end(&mut self, name: &str, rows: u64) -> Result<(), StoreError> {
        let unreadable = self.unreadable(&format!("table {name} does not end with the rows it should have"));
        let Some(mut table) = self.table.take().filter(|t| t.name == name && t.count == rows) else {
            return Err(unreadable);
        };
        table.flush(&self.tx).await?;
        self.done.insert(table.name, table.count);
        Ok(())
    }

    /// Rows of each table that was read to its end.
    pub fn read(&self) -> &BTreeMap<String, u64> {
        &self.done
    }

    /// Runs the schema steps that are newer than the copy, and keeps everything.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] if the copy ends inside a table; when the database fails.
    pub async fn commit(self) -> Result<(), StoreError> {
        if self.table.is_some() {
            return Err(self.unreadable("it ends inside the table"));
        }
        Migrator::up(&self.tx, None).await.on(LEDGER)?;
        self.continue_numbering().await?;
        self.tx.commit().await.on(LEDGER)
    }

    /// PostgreSQL does not notice numbers that were written rather than drawn, and would give them a second time.
    async fn continue_numbering(&self) -> Result<(), StoreError> {
        if self.tx.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        macro_rules! numbered {
            ($($entity:ident),+) => {
                [$((
                    $entity::Entity.table_name(),
                    $entity::PrimaryKey::auto_increment(),
                    $entity::PrimaryKey::iter().next().map(|key| key.as_str()),
                )),+]
            };
        }
        for (table, numbered, key) in copied_tables!(numbered) {
            if let (true, Some(key)) = (numbered, key) {
                let sql = format!(
                    "SELECT setval(pg_get_serial_sequence('{table}', '{key}'), COALESCE(MAX({key}), 0) + 1, false) FROM {table}"
                );
                let statement = Statement::from_string(DbBackend::Postgres, sql);
                self.tx.query_one_raw(statement).await.on(table)?;
            }
        }
        Ok(())
    }

    fn unreadable(&self, what: &str) -> StoreError {
        StoreError::Unreadable {
            table: self.table().map(str::to_owned),
            what: what.to_owned(),
            remedy: DAMAGED,
        }
    }
}

impl Incoming {
    async fn flush(&mut self, tx: &DatabaseTransaction) -> Result<(), StoreError> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let mut insert = Query::insert();
        insert
            .into_table(Alias::new(&self.name))
            .columns(self.columns.iter().map(|(name, _)| Alias::new(name)));
        for row in self.rows.drain(..) {
            insert.values_panic(row.into_iter().map(Expr::val));
        }
        tx.execute(&insert)
            .await
            .map_err(|error| StoreError::Unreadable {
                table: Some(self.name.clone()),
                what: format!("the database refuses its rows: {error}"),
                remedy: DAMAGED,
            })?;
        Ok(())
    }
}

/// Only a place that holds nothing may be restored into, not even somebody else's tables.
async fn refuse_rows(tx: &DatabaseTransaction) -> Result<(), StoreError> {
    let backend = tx.get_database_backend();
    let list = match backend {
        DbBackend::Postgres => {
            "SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"
        }
        _ => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY 1"
        }
    };
    let rows = tx
        .query_all_raw(Statement::from_string(backend, list))
        .await
        .on(LEDGER)?;
    for row in rows {
        let table: String = row.try_get("", "name").on(LEDGER)?;
        let any = Query::select()
            .expr(Expr::val(1))
            .from(Alias::new(&table))
            .limit(1)
            .take();
        if table != LEDGER && tx.query_one(&any).await.on(LEDGER)?.is_some() {
            return Err(StoreError::NotEmpty { table });
        }
    }
    Ok(())
}
