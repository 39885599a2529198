//! The life of a job: claimed with a lease, settled by the claim that holds it, rescued when the lease ran out.
//!
//! ```text
//!            claim                settle
//!  waiting ─────────▶ running ─────────────▶ done, failed, suppressed, cancelled, dead
//!     ▲  ▲               │ │
//!     │  └── RetryAt ────┘ │ lease ran out
//!     │      DeferTo       │
//!     └────── rescue ──────┘
//! ```
//!
//! It does not know what a job does. The attempt number only ever grows and names one claim: an outcome counts only
//! while its attempt is the latest one, so a worker that was given up for dead cannot undo what its successor did.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::sea_query::{
    Alias, CommonTableExpression, Expr, ExprTrait, LockBehavior, LockType, Query, SimpleExpr,
    UpdateStatement, WithClause,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult, QueryFilter,
    QueryOrder, QuerySelect,
};

use crate::entities::job::{self, Column};
use crate::error::{OnTable, StoreError};
use crate::rows::JobRow;
use crate::sql::{IN_CHUNK, micros};
use crate::store::Store;
use crate::words::{JobKind, JobState};

/// The result of a job that a lost worker had claimed, until somebody does it.
pub const WORKER_LOST: &str = "worker_lost";

/// How a claimed job ended, or when it shall be tried again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// The work was done.
    Done {
        /// What the handler reported, for instance the server's answer.
        result: Option<String>,
    },
    /// It failed and may succeed later.
    RetryAt {
        /// When to try again.
        at: DateTime<Utc>,
        /// Why it failed.
        reason: String,
    },
    /// It was not tried yet, for instance because of quiet hours. Does not count as an attempt.
    DeferTo {
        /// When to look again.
        at: DateTime<Utc>,
        /// Why not now.
        reason: String,
    },
    /// The far end refused for good.
    Failed {
        /// Why.
        reason: String,
    },
    /// Attempts are used up.
    Dead {
        /// Why the last one failed.
        reason: String,
    },
    /// It was decided not to do it.
    Suppressed {
        /// Why.
        reason: String,
    },
    /// It has no purpose any more.
    Cancelled {
        /// Why.
        reason: String,
    },
}

impl Settlement {
    /// How it ended, in one word.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Done { .. } => "done",
            Self::RetryAt { .. } => "retry",
            Self::DeferTo { .. } => "deferred",
            Self::Failed { .. } => "failed",
            Self::Dead { .. } => "dead",
            Self::Suppressed { .. } => "suppressed",
            Self::Cancelled { .. } => "cancelled",
        }
    }
}

/// What one claim reports about its job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The job.
    pub id: String,
    /// The attempt the claim was given.
    pub attempt: i32,
    /// How it ended.
    pub settlement: Settlement,
}

/// Which due jobs to claim, and how many at most.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The kinds; empty means any.
    pub kinds: &'a [JobKind],
    /// Only jobs that belong to a case, or only those that belong to none; `None` means both.
    pub of_a_case: Option<bool>,
    /// How many at most.
    pub limit: u64,
}

impl<'a> Wanted<'a> {
    /// Jobs of these kinds, of a case or not.
    pub const fn of(kinds: &'a [JobKind], limit: u64) -> Self {
        Self {
            kinds,
            of_a_case: None,
            limit,
        }
    }
}

impl Store {
    /// Claims the due jobs that are `wanted` for `worker`, in one statement: the earliest due first, each by one claimer only.
    ///
    /// Every claimed job is running, has one attempt more, and is held until `now + lease`.
    ///
    /// # Errors
    /// [`StoreError::Busy`] if the database is locked.
    pub async fn claim(
        &self,
        now: DateTime<Utc>,
        wanted: Wanted<'_>,
        lease: TimeDelta,
        worker: &str,
    ) -> Result<Vec<JobRow>, StoreError> {
        // A table expression with a row lock is computed once. The same subquery inside IN (…) may be planned as the
        // inner side of a loop and lock other rows on each round.
        let mut due = Query::select();
        due.column(Column::Id)
            .from(job::Entity)
            .and_where(Column::State.eq(JobState::Waiting.as_str()))
            .and_where(Column::DueAt.lte(micros(now)))
            .order_by(Column::DueAt, sea_orm::Order::Asc)
            .order_by(Column::Id, sea_orm::Order::Asc)
            .limit(wanted.limit)
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        if !wanted.kinds.is_empty() {
            due.and_where(Column::Kind.is_in(wanted.kinds.iter().map(|kind| kind.as_str())));
        }
        match wanted.of_a_case {
            Some(true) => due.and_where(Column::CaseId.is_not_null()),
            Some(false) => due.and_where(Column::CaseId.is_null()),
            None => &mut due,
        };
        let mut table = CommonTableExpression::new();
        table.query(due).column(Column::Id).table_name("due");
        let mut update = Query::update();
        update
            .table(job::Entity)
            .value(Column::State, JobState::Running.as_str())
            .value(Column::Attempt, Expr::col(Column::Attempt).add(1))
            .value(Column::LeaseUntil, micros(now + lease))
            .value(Column::Worker, worker)
            .and_where(
                Expr::col((job::Entity, Column::Id))
                    .in_subquery(Query::select().column(Column::Id).from(Alias::new("due")).take()),
            )
            .returning_all();
        let statement = update.with(WithClause::new().cte(table).to_owned());
        let rows = self.writer().query_all(&statement).await.on("jobs")?;
        let mut claimed = rows
            .iter()
            .map(|row| {
                job::Model::from_query_result(row, "")
                    .on("jobs")
                    .and_then(JobRow::try_from)
            })
            .collect::<Result<Vec<_>, _>>()?;
        claimed.sort_by(|a, b| (a.due_at, &a.id).cmp(&(b.due_at, &b.id)));
        Ok(claimed)
    }

    /// Gives jobs whose lease ran out before `now` back to the queue; how many. Until it is done, each says as its result
    /// that a worker was [`WORKER_LOST`]: nobody knows how far that one came.
    ///
    /// The old lease stays in the row: until someone claims the job anew, the late worker's outcome still counts.
    ///
    /// # Errors
    /// [`StoreError::Busy`] if the database is locked.
    pub async fn rescue(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let done = job::Entity::update_many()
            .col_expr(Column::State, Expr::val(JobState::Waiting.as_str()))
            .col_expr(Column::Result, Expr::val(WORKER_LOST))
            .filter(Column::State.eq(JobState::Running.as_str()))
            .filter(Column::LeaseUntil.lt(micros(now)))
            .exec(self.writer())
            .await
            .on("jobs")?;
        Ok(done.rows_affected)
    }

    /// Records how a claim ended; `false` if its attempt is no longer the latest, or the job has ended already.
    ///
    /// # Errors
    /// [`StoreError::Busy`] if the database is locked.
    pub async fn settle(
        &self,
        id: &str,
        attempt: i32,
        settlement: &Settlement,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let outcome = Outcome {
            id: id.to_owned(),
            attempt,
            settlement: settlement.clone(),
        };
        Ok(self.settle_many(&[outcome], now).await? == [true])
    }

    /// Records how several claims ended, in one transaction; for each, in order, whether it still counted.
    ///
    /// # Errors
    /// [`StoreError::Busy`] if the database is locked; nothing is recorded then.
    pub async fn settle_many(
        &self,
        outcomes: &[Outcome],
        now: DateTime<Utc>,
    ) -> Result<Vec<bool>, StoreError> {
        if outcomes.is_empty() {
            return Ok(Vec::new());
        }
        let mut groups: Vec<(&Settlement, Vec<(&str, i32)>)> = Vec::new();
        for outcome in outcomes {
            let claim = (outcome.id.as_str(), outcome.attempt);
            match groups
                .iter_mut()
                .find(|(settlement, _)| **settlement == outcome.settlement)
            {
                Some((_, claims)) => claims.push(claim),
                None => groups.push((&outcome.settlement, vec![claim])),
            }
        }
        let mut tx = self.begin().await?;
        let mut settled = BTreeSet::new();
        for (settlement, claims) in groups {
            for chunk in claims.chunks(CLAIMS_PER_STATEMENT) {
                tx.enter()?;
                let these = settle(tx.raw(), chunk, settlement, now).await?;
                settled.extend(tx.leave(these));
            }
        }
        tx.commit().await?;
        Ok(outcomes
            .iter()
            .map(|outcome| settled.contains(&(outcome.id.clone(), outcome.attempt)))
            .collect())
    }
}

/// SQLite allows expressions 1,000 levels deep, and a chain of ORs is one level each.
const CLAIMS_PER_STATEMENT: usize = 500;

/// Settles all these claims alike; which of them still counted.
pub(crate) async fn settle(
    db: &impl ConnectionTrait,
    claims: &[(&str, i32)],
    settlement: &Settlement,
    now: DateTime<Utc>,
) -> Result<Vec<(String, i32)>, StoreError> {
    let mut these = Condition::any();
    for (id, attempt) in claims {
        these = these.add(Column::Id.eq(*id).and(Column::Attempt.eq(*attempt)));
    }
    let mut update = Query::update();
    update.table(job::Entity);
    set(&mut update, settlement, micros(now));
    update
        .cond_where(these)
        .cond_where(unfinished())
        .returning(Query::returning().columns([Column::Id, Column::Attempt]));
    let rows = db.query_all(&update).await.on("jobs")?;
    rows.iter()
        .map(|row| {
            Ok((
                row.try_get("", "id").on("jobs")?,
                row.try_get("", "attempt").on("jobs")?,
            ))
        })
        .collect()
}

/// Which of these claims still count, held until the transaction ends: rows are locked in the order of their ids.
pub(crate) async fn hold_claims(
    tx: &DatabaseTransaction,
    claims: &BTreeMap<String, i32>,
) -> Result<BTreeSet<String>, StoreError> {
    let ids: Vec<&str> = claims.keys().map(String::as_str).collect();
    let mut held = BTreeSet::new();
    for chunk in ids.chunks(IN_CHUNK) {
        let rows: Vec<(String, i32)> = job::Entity::find()
            .select_only()
            .column(Column::Id)
            .column(Column::Attempt)
            .filter(Column::Id.is_in(chunk.iter().copied()))
            .filter(unfinished())
            .order_by_asc(Column::Id)
            .lock(LockType::NoKeyUpdate)
            .into_tuple()
            .all(tx)
            .await
            .on("jobs")?;
        held.extend(
            rows.into_iter()
                .filter(|(id, attempt)| claims.get(id) == Some(attempt))
                .map(|(id, _)| id),
        );
    }
    Ok(held)
}

/// Settles jobs that [`hold_claims`] holds, one statement for each way to end.
pub(crate) async fn settle_held(
    tx: &DatabaseTransaction,
    outcomes: &[(String, Settlement)],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let mut groups: Vec<(&Settlement, Vec<&str>)> = Vec::new();
    for (id, settlement) in outcomes {
        match groups.iter_mut().find(|(known, _)| *known == settlement) {
            Some((_, ids)) => ids.push(id),
            None => groups.push((settlement, vec![id])),
        }
    }
    for (settlement, ids) in groups {
        for chunk in ids.chunks(IN_CHUNK) {
            let mut update = Query::update();
            update.table(job::Entity);
            set(&mut update, settlement, micros(now));
            update.and_where(Column::Id.is_in(chunk.iter().copied()));
            tx.execute(&update).await.on("jobs")?;
        }
    }
    Ok(())
}

fn unfinished() -> Condition {
    Condition::any()
        .add(Column::State.eq(JobState::Running.as_str()))
        .add(
            Column::State
                .eq(JobState::Waiting.as_str())
                .and(Column::LeaseUntil.is_not_null()),
        )
}

fn set(update: &mut UpdateStatement, settlement: &Settlement, now: DateTime<Utc>) {
    let (state, reason, again) = match settlement {
        Settlement::Done { .. } => (JobState::Done, None, None),
        Settlement::RetryAt { at, reason } | Settlement::DeferTo { at, reason } => {
            (JobState::Waiting, Some(reason), Some(micros(*at)))
        }
        Settlement::Failed { reason } => (JobState::Failed, Some(reason), None),
        Settlement::Dead { reason } => (JobState::Dead, Some(reason), None),
        Settlement::Suppressed { reason } => (JobState::Suppressed, Some(reason), None),
        Settlement::Cancelled { reason } => (JobState::Cancelled, Some(reason), None),
    };
    update
        .value(Column::State, state.as_str())
        .value(Column::Reason, reason.cloned())
        .value(Column::LeaseUntil, None::<DateTime<Utc>>)
        .value(Column::Worker, None::<String>);
    match again {
        Some(at) => update.value(Column::DueAt, at),
        None => update.value(Column::SettledAt, now),
    };
    match settlement {
        Settlement::Done { result } => update.value(Column::Result, result.clone()),
        Settlement::DeferTo { .. } => update.value(Column::Deferrals, one_more(Column::Deferrals)),
        _ => update,
    };
}

fn one_more(column: Column) -> SimpleExpr {
    Expr::col(column).add(1)
}
