//! The transaction that writes: an owned object, kept by `commit`, undone by `rollback` or by being dropped.
//!
//! It does not know what is decided between its reads and its writes. Once any of its calls fails, or is broken off by
//! dropping its future, nothing of it can be committed: PostgreSQL would otherwise answer a `COMMIT` of a failed
//! transaction by quietly rolling back, and the caller would take its work for saved.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, LockType, OnConflict};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};
use uuid::Uuid;

use crate::batch::CaseBatch;
use crate::entities::{account, audit, case, case_key, job, journal, pack, permission, schedule};
use crate::error::{OnTable, StoreError, committing};
use crate::queue::{self, Settlement};
use crate::rows::{AccountRow, AuditEntry, CaseRow, NewJob, PackRow, PermissionRow, ScheduleRow};
use crate::sql::{IN_CHUNK, micros};
use crate::watch::Watched;
use crate::words::{JobKind, JobState};
use crate::write::{self, Heads, Locked};

/// A transaction that writes. Begun by [`Store::begin`](crate::Store::begin).
///
/// Besides the errors each method names, all may fail with [`StoreError::Busy`] and, after an earlier failure, with
/// [`StoreError::Abandoned`].
#[derive(Debug)]
#[must_use = "a transaction that is not committed is rolled back"]
pub struct WriteTx {
    tx: DatabaseTransaction,
    locked: Locked,
    /// False while a call is under way and after one failed.
    sound: bool,
    watched: Watched,
}

impl WriteTx {
    pub(crate) const fn new(tx: DatabaseTransaction, watched: Watched) -> Self {
        Self {
            tx,
            locked: BTreeMap::new(),
            sound: true,
            watched,
        }
    }

    /// Marks a call as under way; [`Self::leave`] marks it as done.
    pub(crate) fn enter(&mut self) -> Result<(), StoreError> {
        std::mem::replace(&mut self.sound, false)
            .then_some(())
            .ok_or(StoreError::Abandoned)
    }

    pub(crate) fn leave<T>(&mut self, value: T) -> T {
        self.sound = true;
        value
    }

    /// The transaction itself, for calls between [`Self::enter`] and [`Self::leave`].
    pub(crate) const fn raw(&self) -> &DatabaseTransaction {
        &self.tx
    }

    /// Keeps everything written.
    ///
    /// # Errors
    /// [`StoreError::Abandoned`] if a call failed before; everything is rolled back then. [`StoreError::Uncertain`] if the
    /// connection broke before the answer came. After any other error nothing was kept.
    pub async fn commit(self) -> Result<(), StoreError> {
        if !self.sound {
            self.tx.rollback().await.on("cases")?;
            return Err(StoreError::Abandoned);
        }
        self.tx.commit().await.map_err(committing)?;
        self.watched.committed();
        Ok(())
    }

    /// Undoes everything written. Dropping does the same, only later.
    ///
    /// # Errors
    /// When the connection is lost; the database undoes everything by itself then.
    pub async fn rollback(self) -> Result<(), StoreError> {
        self.tx.rollback().await.on("cases")
    }

    /// Reads these cases, by id, and keeps everyone else from changing them until this transaction ends.
    ///
    /// Unknown ids are left out. Ask for all cases of a group at once: two transactions that ask piecemeal may wait for
    /// each other, and PostgreSQL then breaks one of them off as [`StoreError::Busy`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn cases_for_update(&mut self, ids: &[Uuid]) -> Result<Vec<CaseRow>, StoreError> {
        self.enter()?;
        let rows = write::lock_cases(&self.tx, &mut self.locked, &ids.iter().copied().collect()).await?;
        Ok(self.leave(rows))
    }

    /// Where these cases stand, kept from being changed by anyone else until this transaction ends. Cases that are unknown
    /// or erased are left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hold_heads(&mut self, ids: &BTreeSet<Uuid>) -> Result<Heads, StoreError> {
        self.enter()?;
        let heads = write::lock_heads(&self.tx, &mut self.locked, ids).await?;
        Ok(self.leave(heads))
    }

    /// One case by its reference, without holding it; use its id with [`Self::cases_for_update`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn case_by_reference(&mut self, reference: &str) -> Result<Option<CaseRow>, StoreError> {
        self.enter()?;
        let query = case::Entity::find().filter(case::Column::Reference.eq(reference));
        let row = query.one(&self.tx).await.on("cases")?.map(CaseRow::from);
        Ok(self.leave(row))
    }

    /// The wrapped keys of these cases.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn case_keys(&mut self, cases: &[Uuid]) -> Result<BTreeMap<Uuid, Vec<u8>>, StoreError> {
        self.enter()?;
        let mut keys = BTreeMap::new();
        for chunk in cases.chunks(IN_CHUNK) {
            let query =
                case_key::Entity::find().filter(case_key::Column::CaseId.is_in(chunk.iter().copied()));
            let found = query.all(&self.tx).await.on("case_keys")?;
            keys.extend(found.into_iter().map(|key| (key.case_id, key.wrapped)));
        }
        Ok(self.leave(keys))
    }

    /// Writes what one or many commands decided, with a few statements whatever their number. `now` becomes the end of
    /// cancelled jobs.
    ///
    /// # Errors
    /// [`StoreError::VersionMoved`] if a case is not at the version expected, before anything is written;
    /// [`StoreError::Conflict`] if a reference, an import key or a journal place is taken.
    pub async fn write(&mut self, batch: &CaseBatch, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.enter()?;
        write::write(&self.tx, &mut self.locked, batch, now).await?;
        self.leave(());
        self.add_names(&batch.names).await
    }

    /// Adds jobs and leaves known ids alone; the ids that were new, in order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_jobs(&mut self, jobs: &[NewJob]) -> Result<Vec<String>, StoreError> {
        self.enter()?;
        let fresh = write::insert_jobs(&self.tx, jobs).await?;
        Ok(self.leave(fresh))
    }

    /// Records how a claim ended, together with what it did; `false` if its attempt is no longer the latest, or the job
    /// has ended already. Then another claim has done the work, and this transaction should be rolled back.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn settle(
        &mut self,
        id: &str,
        attempt: i32,
        settlement: &Settlement,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.enter()?;
        let settled = queue::settle(&self.tx, &[(id, attempt)], settlement, now).await?;
        Ok(self.leave(!settled.is_empty()))
    }

    /// Gives a dead or failed job another full set of attempts from `due_at` on; whether it was dead or failed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn reopen_job(&mut self, id: &str, due_at: DateTime<Utc>) -> Result<bool, StoreError> {
        self.enter()?;
        let done = job::Entity::update_many()
            .col_expr(job::Column::State, Expr::val(JobState::Waiting.as_str()))
            .col_expr(job::Column::DueAt, Expr::val(micros(due_at)))
            .col_expr(job::Column::Deferrals, Expr::col(job::Column::Attempt))
            .col_expr(job::Column::SettledAt, Expr::val(None::<DateTime<Utc>>))
            .col_expr(job::Column::Reason, Expr::val(None::<String>))
            .filter(job::Column::Id.eq(id))
            .filter(job::Column::State.is_in([JobState::Dead.as_str(), JobState::Failed.as_str()]))
            .exec(&self.tx)
            .await
            .on("jobs")?;
        Ok(self.leave(done.rows_affected == 1))
    }

    /// One account, kept from changing until this transaction ends.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn account_for_update(&mut self, id: Uuid) -> Result<Option<AccountRow>, StoreError> {
        self.enter()?;
        let found = account::Entity::find_by_id(id)
            .lock(LockType::NoKeyUpdate)
            .one(&self.tx)
            .await
            .on("accounts")?;
        let row = found.map(AccountRow::try_from).transpose()?;
        Ok(self.leave(row))
    }

    /// Adds an account.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if the login name is taken.
    pub async fn put_account(&mut self, row: &AccountRow) -> Result<(), StoreError> {
        self.enter()?;
        account::Entity::insert(account::Model::from(row).into_active_model())
            .exec_without_returning(&self.tx)
            .await
            .on("accounts")?;
        self.leave(());
        Ok(())
    }

    /// Writes an account over the one with the same id; whether there is one.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if the login name is taken.
    pub async fn update_account(&mut self, row: &AccountRow) -> Result<bool, StoreError> {
        self.enter()?;
        let done = account::Entity::update_many()
            .set(account::Model::from(row).into_active_model().reset_all())
            .filter(account::Column::Id.eq(row.id))
            .exec(&self.tx)
            .await
            .on("accounts")?;
        Ok(self.leave(done.rows_affected == 1))
    }

    /// Adds a staff member's permission.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] if the account does not exist.
    pub async fn put_permission(&mut self, row: &PermissionRow) -> Result<(), StoreError> {
        self.enter()?;
        permission::Entity::insert(permission::Model::from(row).into_active_model())
            .exec_without_returning(&self.tx)
            .await
            .on("permissions")?;
        self.leave(());
        Ok(())
    }

    /// Takes a permission back; whether it stood until now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revoke_permission(&mut self, id: Uuid, at: DateTime<Utc>) -> Result<bool, StoreError> {
        self.enter()?;
        let done = permission::Entity::update_many()
            .col_expr(permission::Column::RevokedAt, Expr::val(micros(at)))
            .filter(permission::Column::Id.eq(id))
            .filter(permission::Column::RevokedAt.is_null())
            .exec(&self.tx)
            .await
            .on("permissions")?;
        Ok(self.leave(done.rows_affected == 1))
    }

    /// Keeps a pack as it is now; whether it was new. A known hash is left alone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_pack(&mut self, row: &PackRow) -> Result<bool, StoreError> {
        self.enter()?;
        let mut clause = OnConflict::column(pack::Column::Hash);
        clause.do_nothing();
        let inserted = pack::Entity::insert(pack::Model::from(row).into_active_model())
            .on_conflict(clause)
            .exec_without_returning(&self.tx)
            .await
            .on("packs")?;
        Ok(self.leave(inserted == 1))
    }

    /// Adds entries to the audit trail.
    ///
    /// # Errors
    /// When the database fails; the action that was to be accounted for fails with it.
    pub async fn audit(&mut self, entries: &[AuditEntry]) -> Result<(), StoreError> {
        self.enter()?;
        // Five values an entry: far below the limit on bound values.
        for chunk in entries.chunks(1_000) {
            audit::Entity::insert_many(chunk.iter().map(audit::ActiveModel::from))
                .exec_without_returning(&self.tx)
                .await
                .on("audit")?;
        }
        self.leave(());
        Ok(())
    }

    /// The last numbers given under these names, 0 where none was, kept from everyone else until this transaction ends.
    /// The caller gives the next ones itself and writes them with [`Self::set_counters`]: rolled back with the
    /// transaction, so numbers have no gaps.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn counters(&mut self, names: &BTreeSet<String>) -> Result<BTreeMap<String, i64>, StoreError> {
        self.enter()?;
        let counters = write::lock_counters(&self.tx, names).await?;
        Ok(self.leave(counters))
    }

    /// Writes the last numbers given; the names were locked with [`Self::counters`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_counters(&mut self, counters: &BTreeMap<String, i64>) -> Result<(), StoreError> {
        self.enter()?;
        write::set_counters(&self.tx, counters).await?;
        self.leave(());
        Ok(())
    }

    /// Which of these claims, as job and attempt, still count. They are held until this transaction ends, so
    /// [`Self::settle_held`] will find them unchanged.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hold_claims(
        &mut self,
        claims: &BTreeMap<String, i32>,
    ) -> Result<BTreeSet<String>, StoreError> {
        self.enter()?;
        let held = queue::hold_claims(&self.tx, claims).await?;
        Ok(self.leave(held))
    }

    /// Records how claims ended that [`Self::hold_claims`] holds, a statement for each way to end.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn settle_held(
        &mut self,
        outcomes: &[(String, Settlement)],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.enter()?;
        queue::settle_held(&self.tx, outcomes, now).await?;
        self.leave(());
        Ok(())
    }

    /// The hash of one journal entry as this transaction sees it; none if there is no such entry.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn journal_hash(&mut self, case: Uuid, seq: i64) -> Result<Option<Vec<u8>>, StoreError> {
        self.enter()?;
        let hash = journal::Entity::find_by_id((case, seq))
            .select_only()
            .column(journal::Column::Hash)
            .into_tuple()
            .one(&self.tx)
            .await
            .on("journal")?;
        Ok(self.leave(hash))
    }

    /// All schedules that were ever planned, by name, kept from being planned by anyone else until this transaction ends.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn schedules_for_update(&mut self) -> Result<Vec<ScheduleRow>, StoreError> {
        self.enter()?;
        let query = schedule::Entity::find()
            .order_by_asc(schedule::Column::Name)
            .lock(LockType::NoKeyUpdate);
        let rows = query
            .all(&self.tx)
            .await
            .on("schedules")?
            .into_iter()
            .map(ScheduleRow::from)
            .collect();
        Ok(self.leave(rows))
    }

    /// Notes how far a schedule's occurrences have been written as jobs, and by which line and zone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn plan_schedule(
        &mut self,
        name: &str,
        line: &str,
        zone: &str,
        planned_until: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.enter()?;
        let row = ScheduleRow {
            name: name.to_owned(),
            line: line.to_owned(),
            zone: zone.to_owned(),
            planned_until,
        };
        let mut clause = OnConflict::column(schedule::Column::Name);
        clause.update_columns([
            schedule::Column::Line,
            schedule::Column::Zone,
            schedule::Column::PlannedUntil,
        ]);
        schedule::Entity::insert(schedule::Model::from(&row).into_active_model())
            .on_conflict(clause)
            .exec_without_returning(&self.tx)
            .await
            .on("schedules")?;
        self.leave(());
        Ok(())
    }

    /// Removes what is recorded as skipped of a schedule by a clock that showed more than `now`: the earliest due moment
    /// among them and how many; `None` if there is nothing of the kind.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_back_skipped(
        &mut self,
        schedule: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<(DateTime<Utc>, u64)>, StoreError> {
        self.enter()?;
        let of_the_future = Condition::all()
            .add(job::Column::Kind.eq(JobKind::Schedule.as_str()))
            .add(job::Column::MessageKind.eq(schedule))
            .add(job::Column::State.eq(JobState::Suppressed.as_str()))
            .add(job::Column::CreatedAt.gt(micros(now)));
        let earliest: Option<DateTime<Utc>> = job::Entity::find()
            .select_only()
            .column(job::Column::DueAt)
            .filter(of_the_future.clone())
            .order_by_asc(job::Column::DueAt)
            .into_tuple()
            .one(&self.tx)
            .await
            .on("jobs")?;
        let done = job::Entity::delete_many()
            .filter(of_the_future)
            .exec(&self.tx)
            .await
            .on("jobs")?;
        Ok(self.leave(earliest.map(|at| (at, done.rows_affected))))
    }
}
