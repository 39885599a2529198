//! Questions about jobs: why was this (not) sent, what comes next, how much lies in the queue.
//!
//! Claiming and settling are in `queue`.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

use super::cases_of;
use crate::entities::job::{self, Column};
use crate::error::{OnTable, StoreError};
use crate::filters::JobFilter;
use crate::rows::{JobCount, JobRow};
use crate::sql::{count_limited, micros};
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
        let first = if filter.by_due {
            Column::DueAt
        } else {
            Column::CreatedAt
        };
        let query = job::Entity::find()
            .filter(matching(filter))
            .order_by_desc(first)
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
        self.earliest(None).await
    }

    /// When the next waiting job becomes due that is not due at `now`; `None` if there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_due_after(&self, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.earliest(Some(now)).await
    }

    /// The earliest of each kind is the first row of its part of the index, so this costs the same however many wait.
    async fn earliest(&self, after: Option<DateTime<Utc>>) -> Result<Option<DateTime<Utc>>, StoreError> {
        let mut earliest = None;
        for kind in JobKind::ALL {
            let mut query = job::Entity::find()
                .select_only()
                .column(Column::DueAt)
                .filter(Column::State.eq(JobState::Waiting.as_str()))
                .filter(Column::Kind.eq(kind.as_str()));
            if let Some(now) = after {
                query = query.filter(Column::DueAt.gt(micros(now)));
            }
            let first: Option<DateTime<Utc>> = query
                .order_by_asc(Column::DueAt)
                .limit(1)
                .into_tuple()
                .one(self.reader())
                .await
                .on("jobs")?;
            earliest = [earliest, first].into_iter().flatten().min();
        }
        Ok(earliest)
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

    /// How many jobs of each kind wait although they are due at `now`, counted no further than [`COUNTED`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_due(&self, now: DateTime<Utc>) -> Result<Vec<(JobKind, u64)>, StoreError> {
        let mut counts = Vec::new();
        for kind in JobKind::ALL {
            let due = of(*kind, JobState::Waiting).filter(Column::DueAt.lte(micros(now)));
            counts.push((*kind, count_limited(self.reader(), due).await.on("jobs")?));
        }
        Ok(counts)
    }

    /// How many jobs of each kind stand in each state, each counted no further than [`COUNTED`]; none of those of which
    /// there are none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn job_counts(&self) -> Result<Vec<JobCount>, StoreError> {
        let mut counts = Vec::new();
        for kind in JobKind::ALL {
            for state in JobState::ALL {
                let count = count_limited(self.reader(), of(*kind, *state)).await.on("jobs")?;
                counts.push(JobCount {
                    kind: *kind,
                    state: *state,
                    count,
                });
            }
        }
        counts.retain(|row| row.count > 0);
        Ok(counts)
    }
}

/// How far jobs are counted: more than a person tells apart, and few enough to read at any time.
pub const COUNTED: u64 = 10_000;

/// The jobs of a kind in a state, at most [`COUNTED`].
fn of(kind: JobKind, state: JobState) -> Select<job::Entity> {
    job::Entity::find()
        .filter(Column::State.eq(state.as_str()))
        .filter(Column::Kind.eq(kind.as_str()))
        .limit(COUNTED)
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
