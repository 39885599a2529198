//! Questions about jobs: why was this (not) sent, what comes next, how much lies in the queue.
//!
//! Claiming and settling are in `queue`.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use super::cases_of;
use crate::entities::job::{self, Column};
use crate::error::{OnTable, StoreError};
use crate::filters::JobFilter;
use crate::rows::{JobCount, JobRow};
use crate::sql::{micros, word};
use crate::store::Store;
use crate::words::{JobKind, JobState};

impl Store {
    /// One job by its effect id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn job(&self, id: &str) -> Result<Option<JobRow>, StoreError> {
        let found = job::Entity::find_by_id(id).one(self.reader()).await.on("jobs")?;
        found.map(JobRow::try_from).transpose()
    }

    /// The jobs that match, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn jobs(&self, filter: &JobFilter) -> Result<Vec<JobRow>, StoreError> {
        let query = job::Entity::find()
            .filter(matching(filter))
            .order_by_desc(Column::CreatedAt)
            .order_by_desc(Column::Id)
            .limit(filter.limit);
        let found = query.all(self.reader()).await.on("jobs")?;
        found.into_iter().map(JobRow::try_from).collect()
    }

    /// When the next waiting job becomes due, be it past or future; `None` if nothing waits.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_due(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        job::Entity::find()
            .select_only()
            .column(Column::DueAt)
            .filter(Column::State.eq(JobState::Waiting.as_str()))
            .order_by_asc(Column::DueAt)
            .limit(1)
            .into_tuple()
            .one(self.reader())
            .await
            .on("jobs")
    }

    /// When the next waiting job becomes due that is not due at `now`; `None` if there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_due_after(&self, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, StoreError> {
        job::Entity::find()
            .select_only()
            .column(Column::DueAt)
            .filter(Column::State.eq(JobState::Waiting.as_str()))
            .filter(Column::DueAt.gt(micros(now)))
            .order_by_asc(Column::DueAt)
            .limit(1)
            .into_tuple()
            .one(self.reader())
            .await
            .on("jobs")
    }

    /// Since when the longest overdue job waits; `None` if nothing due waits at `now`. How far the queue lags behind.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn oldest_due(&self, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, StoreError> {
        Ok(self.next_due().await?.filter(|due| *due <= now))
    }

    /// How many messages wait or are being sent whose moment has come.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_due_messages(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        job::Entity::find()
            .filter(Column::Kind.eq(JobKind::Message.as_str()))
            .filter(Column::State.is_in([JobState::Waiting.as_str(), JobState::Running.as_str()]))
            .filter(Column::DueAt.lte(micros(now)))
            .count(self.reader())
            .await
            .on("jobs")
    }

    /// How many jobs of each kind stand in each state. Reads the whole table: for a health page, not for every tick.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn job_counts(&self) -> Result<Vec<JobCount>, StoreError> {
        let rows: Vec<(String, String, i64)> = job::Entity::find()
            .select_only()
            .column(Column::Kind)
            .column(Column::State)
            .column_as(Column::Id.count(), "count")
            .group_by(Column::Kind)
            .group_by(Column::State)
            .into_tuple()
            .all(self.reader())
            .await
            .on("jobs")?;
        let mut counts = rows
            .iter()
            .map(|(kind, state, count)| {
                Ok(JobCount {
                    kind: word("jobs", kind)?,
                    state: word("jobs", state)?,
                    count: count.unsigned_abs(),
                })
            })
            .collect::<Result<Vec<_>, StoreError>>()?;
        counts.sort_by_key(|row| (row.kind, row.state));
        Ok(counts)
    }
}

fn matching(filter: &JobFilter) -> Condition {
    let is = |column: Column, value: &Option<String>| value.as_ref().map(|value| column.eq(value));
    Condition::all()
        .add_option(filter.case_id.map(|case| Column::CaseId.eq(case)))
        .add_option(filter.account_id.map(|account| Column::AccountId.eq(account)))
        .add_option(is(Column::PersonId, &filter.person_id))
        .add_option(is(Column::About, &filter.about))
        .add_option(is(Column::MessageKind, &filter.message_kind))
        .add_option(any_of(
            Column::Kind,
            filter.kinds.iter().map(|kind| kind.as_str()),
        ))
        .add_option(any_of(
            Column::State,
            filter.states.iter().map(|state| state.as_str()),
        ))
        .add_option(
            filter
                .team_member
                .map(|account| Column::CaseId.in_subquery(cases_of(account))),
        )
        .add_option(
            filter
                .created_from
                .map(|from| Column::CreatedAt.gte(micros(from))),
        )
        .add_option(
            filter
                .created_until
                .map(|until| Column::CreatedAt.lt(micros(until))),
        )
        .add_option(filter.due_until.map(|until| Column::DueAt.lt(micros(until))))
        .add_option(filter.before.as_ref().map(|cursor| {
            let at = micros(cursor.created_at);
            Condition::any()
                .add(Column::CreatedAt.lt(at))
                .add(Expr::col(Column::CreatedAt).eq(at).and(Column::Id.lt(&cursor.id)))
        }))
}

fn any_of(column: Column, words: impl ExactSizeIterator<Item = &'static str>) -> Option<Expr> {
    (words.len() > 0).then(|| column.is_in(words))
}
