//! The schema's state: which steps have run, which are to come, and whether this program fits a database that a newer one
//! has already taken further.
//!
//! It does not know what a step does.

use peshi_migrations::{Migrator, MigratorTrait, only_adds};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement};

use crate::error::{OnTable, StoreError};
use crate::store::Store;
use crate::words::Backend;

/// Every process that migrates a PostgreSQL database takes this advisory lock first ("peshi" in ASCII).
const MIGRATION_LOCK: i64 = 0x0070_6573_6869;

/// How long a step may wait for a table that others use: whoever comes after it waits as well, so it must not be for long.
const TABLE_PATIENCE: &str = "SET LOCAL lock_timeout = '5s'";

/// Where the schema steps that ran are kept.
pub(crate) const LEDGER: &str = "seaql_migrations";

impl Store {
    /// Brings the schema up to date and returns the names of the steps that ran.
    ///
    /// All steps run in one transaction; a second process waits for the first and then finds nothing to do.
    ///
    /// # Errors
    /// [`StoreError::Unreachable`] if the database was made by a newer version that this one does not fit.
    /// [`StoreError::Busy`] if somebody holds a table that is to be changed.
    pub async fn migrate(&self) -> Result<Vec<String>, StoreError> {
        self.migrate_unless(|_| None).await
    }

    /// The same on a database that other nodes may be using: if any step is more than an addition to a schema that is
    /// there, none runs.
    ///
    /// # Errors
    /// As [`Self::migrate`]; [`StoreError::Unreachable`] if a step is to come that those nodes would not survive.
    pub async fn migrate_beside_others(&self) -> Result<Vec<String>, StoreError> {
        self.migrate_unless(stopping).await
    }

    async fn migrate_unless(
        &self,
        hindered: impl Fn(&[String]) -> Option<String>,
    ) -> Result<Vec<String>, StoreError> {
        let tx = self.start_migrating().await?;
        let ran = applied(&tx).await?;
        refuse_newer(&ran)?;
        let names = missing(&ran);
        if names.is_empty() {
            tx.rollback().await.on(LEDGER)?;
            return Ok(names);
        }
        if let Some(step) = hindered(&ran) {
            return Err(StoreError::Unreachable {
                place: "in use".to_owned(),
                what: format!(
                    "the schema step {step} is to come, which nodes of an older version do not survive"
                ),
                remedy: "Stop every node, run `peshi migrate`, and start the new version".to_owned(),
            });
        }
        if ran.iter().any(|step| !is_known(step)) {
            return Err(mixed(&ran, &names));
        }
        Migrator::up(&tx, None).await.on(LEDGER)?;
        tx.commit().await.on(LEDGER)?;
        for name in &names {
            tracing::info!(step = %name, "schema step applied");
        }
        Ok(names)
    }

    /// Whether a step is to come that nodes of an older version, which may be working now, do not survive.
    ///
    /// # Errors
    /// As [`Self::pending_migrations`].
    pub async fn stops_others(&self) -> Result<bool, StoreError> {
        let ran = applied(self.reader()).await?;
        refuse_newer(&ran)?;
        Ok(stopping(&ran).is_some())
    }

    /// A raw transaction that no other process migrates beside.
    pub(crate) async fn start_migrating(&self) -> Result<DatabaseTransaction, StoreError> {
        let tx = self.start().await.on(LEDGER)?;
        if self.backend() == Backend::Postgres {
            let lock = format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})");
            for statement in [lock.as_str(), TABLE_PATIENCE] {
                tx.execute_raw(Statement::from_string(DbBackend::Postgres, statement))
                    .await
                    .on(LEDGER)?;
            }
        }
        Ok(tx)
    }

    /// Names of the schema steps that have run, oldest first; for work that must know every table and column.
    ///
    /// # Errors
    /// [`StoreError::Unreachable`] if the database was taken further by a newer version, be it by additions only.
    pub async fn schema(&self) -> Result<Vec<String>, StoreError> {
        let ran = applied(self.reader()).await?;
        match newer(&ran).first() {
            None => Ok(ran),
            Some(step) => Err(made_by_newer(
                &format!("has the step {step}, and this needs a version that knows every table"),
                "Use the newest version that runs here",
            )),
        }
    }

    /// Names of the schema steps that have not run yet; changes nothing.
    ///
    /// # Errors
    /// [`StoreError::Unreachable`] if the database was made by a newer version that this one does not fit.
    pub async fn pending_migrations(&self) -> Result<Vec<String>, StoreError> {
        let ran = applied(self.reader()).await?;
        refuse_newer(&ran)?;
        Ok(missing(&ran))
    }

    /// Names of schema steps that a newer version has added, and that this one does not know; nothing is missing without.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn newer_steps(&self) -> Result<Vec<String>, StoreError> {
        Ok(newer(&applied(self.reader()).await?))
    }
}

/// Names of all schema steps this program has, oldest first.
pub(crate) fn steps() -> impl Iterator<Item = String> {
    Migrator::migrations()
        .into_iter()
        .map(|step| step.name().to_owned())
}

/// Names of the steps that have run, whoever ran them.
pub(crate) async fn applied(db: &impl ConnectionTrait) -> Result<Vec<String>, StoreError> {
    let backend = db.get_database_backend();
    let there = match backend {
        DbBackend::Postgres => format!("SELECT 1 WHERE to_regclass('{LEDGER}') IS NOT NULL"),
        _ => format!("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '{LEDGER}'"),
    };
    let there = Statement::from_string(backend, there);
    if db.query_one_raw(there).await.on(LEDGER)?.is_none() {
        return Ok(Vec::new());
    }
    let list = Statement::from_string(backend, format!("SELECT version FROM {LEDGER} ORDER BY version"));
    let rows = db.query_all_raw(list).await.on(LEDGER)?;
    rows.iter()
        .map(|row| row.try_get("", "version").on(LEDGER))
        .collect()
}

fn is_known(step: &str) -> bool {
    steps().any(|known| known == step)
}

fn missing(ran: &[String]) -> Vec<String> {
    steps().filter(|step| !ran.contains(step)).collect()
}

/// A step to come that does more than add to a schema that is there.
fn stopping(ran: &[String]) -> Option<String> {
    let missing = missing(ran).into_iter();
    missing.filter(|_| !ran.is_empty()).find(|step| !only_adds(step))
}

fn newer(ran: &[String]) -> Vec<String> {
    ran.iter().filter(|step| !is_known(step)).cloned().collect()
}

fn refuse_newer(ran: &[String]) -> Result<(), StoreError> {
    match newer(ran).iter().find(|step| !only_adds(step)) {
        None => Ok(()),
        Some(step) => Err(made_by_newer(
            &format!("has the step {step}, which this version does not survive"),
            "Install the newest version that runs here",
        )),
    }
}

fn mixed(ran: &[String], missing: &[String]) -> StoreError {
    made_by_newer(
        &format!(
            "has steps of another version ({}) and lacks some of this ({})",
            newer(ran).join(", "),
            missing.join(", ")
        ),
        "Install a version that has them all",
    )
}

fn made_by_newer(what: &str, remedy: &str) -> StoreError {
    StoreError::Unreachable {
        place: "in use".to_owned(),
        what: format!("it was made by a newer version of Peshi: it {what}"),
        remedy: remedy.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

    use super::*;
    use crate::connect::StoreOptions;

    /// What an older program may rely on: each column with its type and whether it may be left out, and what is refused.
    type Shape = BTreeMap<String, String>;

    async fn shape(db: &DatabaseConnection) -> Shape {
        let query = "SELECT m.name || '.' || p.name AS what, \
             p.type || CASE WHEN p.\"notnull\" AND p.dflt_value IS NULL THEN ' needed' ELSE '' END AS how \
             FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table' \
             UNION ALL SELECT 'refusal ' || m.name || '.' || i.name, 'unique' \
             FROM sqlite_master m JOIN pragma_index_list(m.name) i WHERE m.type = 'table' AND i.\"unique\" \
             UNION ALL SELECT 'refusal ' || tbl_name || '.' || name, 'trigger' FROM sqlite_master WHERE type = 'trigger'";
        let rows = db
            .query_all_raw(Statement::from_string(DbBackend::Sqlite, query))
            .await
            .unwrap();
        rows.iter()
            .map(|row| (row.try_get("", "what").unwrap(), row.try_get("", "how").unwrap()))
            .collect()
    }

    /// What an older program would stumble over.
    fn stumbles(before: &Shape, after: &Shape) -> Vec<String> {
        let table = |what: &str| {
            let what = what.strip_prefix("refusal ").unwrap_or(what);
            what.split('.').next().unwrap_or_default().to_owned()
        };
        let known = |what: &str| {
            before
                .keys()
                .any(|k| !k.starts_with("refusal ") && table(k) == table(what))
        };
        let lost = before
            .iter()
            .filter(|(what, how)| !what.starts_with("refusal ") && after.get(*what) != Some(how));
        let demanded = after.iter().filter(|(what, how)| {
            let demand = what.starts_with("refusal ") || how.ends_with(" needed");
            demand && known(what) && !before.contains_key(*what)
        });
        lost.chain(demanded)
            .map(|(what, how)| format!("{what} {how}"))
            .collect()
    }

    async fn fresh(folder: &std::path::Path) -> Store {
        let url = format!("sqlite://{}/peshi.db", folder.display());
        Store::connect(&url, &StoreOptions::default()).await.unwrap()
    }

    #[tokio::test]
    async fn a_step_that_says_it_only_adds_does() {
        let folder = tempfile::tempdir().unwrap();
        let store = fresh(folder.path()).await;
        let db = store.writer();
        let mut before = shape(db).await;
        for step in steps() {
            Migrator::up(db, Some(1)).await.unwrap();
            let after = shape(db).await;
            if only_adds(&step) {
                assert_eq!(stumbles(&before, &after), Vec::<String>::new(), "{step}");
            }
            before = after;
        }
        let sorted: Vec<String> = steps().collect();
        assert!(
            sorted.is_sorted(),
            "the order of the names is the order of the steps: {sorted:?}"
        );
    }

    #[tokio::test]
    async fn what_is_no_addition_is_noticed() {
        for (change, stumbled) in [
            ("CREATE TABLE t (a text NOT NULL UNIQUE)", 0),
            ("ALTER TABLE cases ADD COLUMN a text", 0),
            ("ALTER TABLE cases ADD COLUMN a text NOT NULL DEFAULT ''", 0),
            ("CREATE INDEX i ON cases (pack_name)", 0),
            ("CREATE UNIQUE INDEX i ON cases (head)", 1),
            ("ALTER TABLE cases DROP COLUMN public_status", 1),
            ("ALTER TABLE cases RENAME COLUMN public_status TO status", 1),
            (
                "CREATE TRIGGER g BEFORE DELETE ON cases BEGIN SELECT RAISE(ABORT, 'no'); END",
                1,
            ),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let store = fresh(folder.path()).await;
            store.migrate().await.unwrap();
            let before = shape(store.writer()).await;
            store.writer().execute_unprepared(change).await.unwrap();
            let found = stumbles(&before, &shape(store.writer()).await);
            assert_eq!(found.len(), stumbled, "{change}: {found:?}");
        }
    }

    #[test]
    fn a_newer_database_is_used_if_it_was_only_added_to() {
        let ran = |extra: &[&str]| -> Vec<String> {
            steps()
                .chain(extra.iter().map(|step| (*step).to_owned()))
                .collect()
        };
        assert!(refuse_newer(&ran(&[])).is_ok());
        assert!(refuse_newer(&ran(&["m9001_invented_expand"])).is_ok());
        let error = refuse_newer(&ran(&["m9001_invented_expand", "m9002_invented"])).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the database in use cannot be used: it was made by a newer version of Peshi: it has the step m9002_invented, which this version does not survive. Install the newest version that runs here"
        );
        assert_eq!(missing(&ran(&["m9001_invented_expand"])), Vec::<String>::new());
    }
}
