//! The store as a whole: opening, beginning a transaction, closing, and the small writes that stand alone.
//!
//! It does not know any query on cases or jobs; those are in `read`, `queue` and `write`, and its
//! schema is in `schema`.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    EntityTrait, IntoActiveModel, QueryFilter, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait,
};
use uuid::Uuid;

use crate::bell::{Bell, Ringer};
use crate::connect::{Pools, StoreOptions, open};
use crate::entities::{heartbeat, session};
use crate::error::{OnTable, StoreError};
use crate::rows::{HeartbeatRow, SessionRow};
use crate::sql::micros;
use crate::tx::WriteTx;
use crate::watch::{Step, Watcher};
use crate::words::Backend;

/// An open database. Cheap to share behind an `Arc`.
#[derive(Debug)]
pub struct Store {
    pools: Pools,
    bell: Ringer,
    watcher: Watcher,
}

impl Store {
    /// Opens `sqlite:///absolute/path.db` (made, readable by its owner only, if missing) or `postgres://…`.
    ///
    /// What follows `sqlite://` is the path as it stands, without any percent-decoding.
    ///
    /// # Errors
    /// [`StoreError::Unreachable`] with what to do about it. No message contains a password.
    pub async fn connect(url: &str, options: &StoreOptions) -> Result<Self, StoreError> {
        let pools = open(url, options).await?;
        let store = Self {
            bell: Ringer::new(&pools),
            pools,
            watcher: Watcher::default(),
        };
        if let Err(error) = store.refresh_statistics().await {
            // Statistics only advise the planner: a database that is busy just now is used without fresh ones.
            tracing::debug!(%error, "the planner's statistics were not refreshed");
        }
        Ok(store)
    }

    /// Brings the query planner's statistics up to date where they have become stale: once a day, and after an import.
    ///
    /// Without them SQLite looks for the few cases of one person by reading all open ones. PostgreSQL does this by itself.
    ///
    /// # Errors
    /// [`StoreError::Busy`] if the database is locked; the old statistics stay.
    pub async fn refresh_statistics(&self) -> Result<(), StoreError> {
        if self.backend() == Backend::Sqlite {
            // 0x10002: look at every table, analyse those that changed much since, read a sample only.
            self.writer()
                .execute_unprepared("PRAGMA optimize=0x10002")
                .await
                .on("cases")?;
        }
        Ok(())
    }

    /// Tells whoever watches each [`Step`] of this store, on the task that takes it. It must be set before the store is
    /// shared.
    pub fn watch(&mut self, told: impl Fn(Step) + Send + Sync + 'static) {
        self.watcher = Watcher::new(told);
        let (read, write) = (self.watcher.clone(), self.watcher.clone());
        self.pools
            .read
            .set_metric_callback(move |_| read.tell(Step::Statement));
        self.pools
            .write
            .set_metric_callback(move |_| write.tell(Step::Statement));
    }

    /// Which database answers.
    pub const fn backend(&self) -> Backend {
        self.pools.backend
    }

    /// Begins a transaction that writes.
    ///
    /// On SQLite it holds the write lock from the start, so at most one exists at a time. On PostgreSQL it locks the rows
    /// it reads for update.
    ///
    /// # Errors
    /// [`StoreError::Busy`] if the lock or a connection did not become free in time.
    pub async fn begin(&self) -> Result<WriteTx, StoreError> {
        let tx = self.start().await.on("cases")?;
        Ok(WriteTx::new(tx, self.watcher.begun()))
    }

    /// Closes all connections after their running statements.
    ///
    /// # Errors
    /// [`StoreError::Driver`] if the driver cannot say goodbye; nothing is lost by that.
    pub async fn close(mut self) -> Result<(), StoreError> {
        self.pools.following.shutdown().await;
        if let Some(listen) = &self.pools.listen {
            listen.close().await;
        }
        self.pools.read.close().await.on("cases")?;
        self.pools.write.close().await.on("cases")
    }

    /// Tells the workers of every process that something due has been written. Costs the caller nothing, and nothing
    /// depends on it: a worker that does not hear it looks by itself before long.
    pub fn ring(&self) {
        self.bell.ring();
    }

    /// An ear for [`Self::ring`].
    pub fn bell(&self) -> Bell {
        self.bell.ear()
    }

    pub(crate) const fn reader(&self) -> &DatabaseConnection {
        &self.pools.read
    }

    pub(crate) const fn writer(&self) -> &DatabaseConnection {
        &self.pools.write
    }

    /// Begins a raw transaction; on SQLite one that takes the write lock at once and so never fails half way for want of it.
    pub(crate) async fn start(&self) -> Result<DatabaseTransaction, DbErr> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        self.pools.write.begin_with_options(options).await
    }

    /// Notes that a worker is alive.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn heartbeat(&self, worker: &str, now: DateTime<Utc>, detail: &str) -> Result<(), StoreError> {
        let row = HeartbeatRow {
            worker: worker.to_owned(),
            at: now,
            detail: detail.to_owned(),
        };
        let mut clause = OnConflict::column(heartbeat::Column::Worker);
        clause.update_columns([heartbeat::Column::At, heartbeat::Column::Detail]);
        heartbeat::Entity::insert(heartbeat::Model::from(&row).into_active_model())
            .on_conflict(clause)
            .exec_without_returning(self.writer())
            .await
            .on("heartbeats")?;
        Ok(())
    }

    /// Forgets signs of life from before `from` and from after `until`, and those of workers that only wait; how many. A
    /// worker that still waits says so again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_heartbeats(
        &self,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let idle = Condition::any()
            .add(heartbeat::Column::At.lt(micros(from)))
            .add(heartbeat::Column::At.gt(micros(until)))
            .add(heartbeat::Column::Detail.ne(HeartbeatRow::TICK));
        let done = heartbeat::Entity::delete_many()
            .filter(idle)
            .exec(self.writer())
            .await
            .on("heartbeats")?;
        Ok(done.rows_affected)
    }

    /// The clock of the database server, for comparison; none for a file, whose clock is this machine's own.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn server_clock(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        if self.backend() == Backend::Sqlite {
            return Ok(None);
        }
        let ask = Statement::from_string(DbBackend::Postgres, "SELECT clock_timestamp() AS now");
        let row = self.reader().query_one_raw(ask).await.on("heartbeats")?;
        row.map(|row| row.try_get("", "now").on("heartbeats")).transpose()
    }

    /// Writes a session, new or changed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_session(&self, row: &SessionRow) -> Result<(), StoreError> {
        let mut clause = OnConflict::column(session::Column::Id);
        clause.update_columns([
            session::Column::AccountId,
            session::Column::Data,
            session::Column::ExpiresAt,
        ]);
        session::Entity::insert(session::Model::from(row).into_active_model())
            .on_conflict(clause)
            .exec_without_returning(self.writer())
            .await
            .on("sessions")?;
        Ok(())
    }

    /// Ends a session; whether there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_session(&self, id: &str) -> Result<bool, StoreError> {
        let done = session::Entity::delete_by_id(id)
            .exec(self.writer())
            .await
            .on("sessions")?;
        Ok(done.rows_affected == 1)
    }

    /// Removes sessions that ended before `now`; how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_expired_sessions(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        self.delete_sessions(session::Column::ExpiresAt.lte(micros(now)))
            .await
    }

    /// Ends every session of an account; how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_account_sessions(&self, account: Uuid) -> Result<u64, StoreError> {
        self.delete_sessions(session::Column::AccountId.eq(account)).await
    }

    async fn delete_sessions(&self, which: sea_orm::sea_query::Expr) -> Result<u64, StoreError> {
        let done = session::Entity::delete_many()
            .filter(which)
            .exec(self.writer())
            .await
            .on("sessions")?;
        Ok(done.rows_affected)
    }
}
