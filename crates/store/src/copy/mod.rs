//! The whole database as text that either database reads back: what a backup holds.
//!
//! Lines of JSON, table after table. A table begins with `{"table":NAME,"columns":[[NAME,KIND],…]}`, each row is an array in
//! the order of those columns, and `{"end":NAME,"rows":COUNT}` closes it. Moments are microseconds since 1970, bytes are
//! base64. Every table names its columns, so that a later version of Peshi can read what an earlier one wrote.
//!
//! It does not know what a row means, nor how the text is compressed, sealed or kept. Sign-in sessions and signs of life of
//! workers are left out: they belong to the running machine, not to the organisation.

mod columns;
mod restoration;
mod snapshot;

pub use restoration::Restoration;
pub use snapshot::{Snapshot, TableCount};

/// Runs a macro over the entities of a copy, each table after those its foreign keys point at.
macro_rules! copied_tables {
    ($run:ident) => {
        $run!(
            organisation_key,
            pack,
            account,
            permission,
            case,
            case_key,
            name_token,
            journal,
            team,
            agenda,
            violation,
            document_part,
            job,
            schedule,
            audit,
            counter,
            calendar_day
        )
    };
}
pub(crate) use copied_tables;

/// Tables that a copy leaves out on purpose.
#[cfg(test)]
pub(crate) const LEFT_OUT: [&str; 3] = ["sessions", "heartbeats", crate::schema::LEDGER];

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use sea_orm::{ConnectionTrait, DbBackend, Statement};

    use super::*;
    use crate::{Store, StoreOptions};

    async fn rows(store: &Store, sql: String) -> Vec<String> {
        let statement = Statement::from_string(DbBackend::Sqlite, sql);
        let rows = store.reader().query_all_raw(statement).await.unwrap();
        rows.iter().map(|row| row.try_get("", "name").unwrap()).collect()
    }

    /// A table or column that a schema step adds and a copy forgets would be lost in the next restore.
    #[tokio::test]
    async fn every_table_and_column_is_copied_or_left_out_on_purpose() {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", dir.path().join("a.sqlite").display());
        let store = Store::connect(&url, &StoreOptions::default()).await.unwrap();
        store.migrate().await.unwrap();

        let mut copied: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let snapshot = store.snapshot().await.unwrap();
        snapshot
            .lines(&mut |_, line| {
                let line: serde_json::Value = serde_json::from_slice(line)?;
                if let Some(table) = line.get("table") {
                    let columns = line["columns"].as_array().unwrap();
                    let mut names: Vec<String> = columns
                        .iter()
                        .map(|c| c[0].as_str().unwrap().to_owned())
                        .collect();
                    names.sort();
                    copied.insert(table.as_str().unwrap().to_owned(), names);
                }
                Ok(())
            })
            .await
            .unwrap();
        for table in rows(
            &store,
            "SELECT name FROM sqlite_master WHERE type = 'table'".to_owned(),
        )
        .await
        {
            if table.starts_with("sqlite_") || LEFT_OUT.contains(&table.as_str()) {
                continue;
            }
            let columns = rows(
                &store,
                format!("SELECT name FROM pragma_table_info('{table}') ORDER BY name"),
            )
            .await;
            assert_eq!(
                copied.remove(&table),
                Some(columns),
                "table {table}: add it to `copied_tables`, with every column in its entity, or to LEFT_OUT"
            );
        }
        assert_eq!(copied, BTreeMap::new(), "copied, but not in the schema");
    }
}
