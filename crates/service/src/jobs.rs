//! What the scheduler asks of the service: bring due timers into their cases, give a message up, fan a digest out.
//! Knows jobs; not how or when they are claimed.

use chrono::{DateTime, Utc};
use peshi_casework::{Actor, Command, EffectId};
use peshi_store::{JobKind, JobRow, NewJob, Settlement};
use uuid::Uuid;

use crate::Service;
use crate::access::{Action, Role, may};
use crate::error::ServiceError;
use crate::writing::{Outcome, Settles, Submission};

impl Service {
    /// Brings due timers into their cases, each settled in the transaction that applies it; all in one transaction, timers
    /// of one case in order. For each job, in order, what came of it: a timer whose case cannot be read fails alone and
    /// keeps its claim.
    ///
    /// # Errors
    /// When the database fails; nothing happened then.
    pub async fn fire_timers(
        &self,
        jobs: &[JobRow],
        now: DateTime<Utc>,
    ) -> Result<Vec<Result<Outcome, ServiceError>>, ServiceError> {
        let group: Vec<Submission> = jobs.iter().map(timer).collect();
        let outcomes = match self.submit(&group, now).await {
            Ok(outcomes) => outcomes,
            Err(error) if error.is_outage() => return Err(error),
            Err(error) if group.len() == 1 => return Ok(vec![Err(error)]),
            Err(_) => return self.fire_one_by_one(&group, now).await,
        };
        Ok(outcomes
            .into_iter()
            .map(|o| o.map_err(ServiceError::from))
            .collect())
    }

    /// Some case of the group cannot be read: the others must not wait for it.
    async fn fire_one_by_one(
        &self,
        group: &[Submission],
        now: DateTime<Utc>,
    ) -> Result<Vec<Result<Outcome, ServiceError>>, ServiceError> {
        let mut fired = Vec::with_capacity(group.len());
        for timer in group {
            match self.submit(std::slice::from_ref(timer), now).await {
                Ok(outcomes) => fired.extend(outcomes.into_iter().map(|o| o.map_err(ServiceError::from))),
                Err(error) if error.is_outage() => return Err(error),
                Err(error) => fired.push(Err(error)),
            }
        }
        Ok(fired)
    }

    /// Settles a message that will never arrive and raises a task in its case, in one transaction; a message of no case
    /// is only settled. Gives whether the attempt was still ours.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn give_up(
        &self,
        job: &JobRow,
        settlement: &Settlement,
        now: DateTime<Utc>,
    ) -> Result<bool, ServiceError> {
        let Some(case) = job.case_id else {
            return Ok(self.store.settle(&job.id, job.attempt, settlement, now).await?);
        };
        let command = Command::RaiseTask {
            key: "message_failed".to_owned(),
        };
        let submission = machines(job, case, command, now, settlement.clone());
        Ok(self.submit(&[submission], now).await?.iter().all(Result::is_ok))
    }

    /// Turns one occurrence of a digest into a message for each reader, and settles it, in one transaction.
    /// Gives how many messages are new; none if another worker did it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn fan_out(&self, job: &JobRow, now: DateTime<Utc>) -> Result<usize, ServiceError> {
        let kind = job.message_kind.clone().unwrap_or_default();
        let wanted = if kind == "stalled_digest" {
            Action::ReadBoard
        } else {
            Action::ReadCase
        };
        let readers = self.store.accounts().await?;
        let messages: Vec<NewJob> = readers
            .iter()
            .filter(|a| a.active && Role::named(&a.role).is_some_and(|r| may(r, wanted, true)))
            .map(|a| {
                let mut message = NewJob::new(format!("{}:{}", job.id, a.id), JobKind::Message, now, now);
                message.message_kind = Some(kind.clone());
                message.account_id = Some(a.id);
                message.trace.clone_from(&job.trace);
                message
            })
            .collect();
        let mut tx = self.store.begin().await?;
        let result = format!("{} readers", messages.len());
        if !tx
            .settle(
                &job.id,
                job.attempt,
                &Settlement::Done { result: Some(result) },
                now,
            )
            .await?
        {
            tx.rollback().await?;
            return Ok(0);
        }
        let new = tx.insert_jobs(&messages).await?;
        tx.commit().await?;
        Ok(new.len())
    }
}

/// A due timer as a command. A timer of no case finds no case.
fn timer(job: &JobRow) -> Submission {
    let command = Command::TimerDue {
        timer: EffectId::named(&job.id),
    };
    let case = job.case_id.unwrap_or_default();
    machines(job, case, command, job.due_at, Settlement::Done { result: None })
}

/// A command of the machine's own that settles the claimed job it comes from.
fn machines(
    job: &JobRow,
    case: Uuid,
    command: Command,
    occurred_at: DateTime<Utc>,
    settlement: Settlement,
) -> Submission {
    Submission {
        settles: Some(Settles {
            job: job.id.clone(),
            attempt: job.attempt,
            settlement,
        }),
        trace: job.trace.as_deref().and_then(|trace| trace.parse().ok()),
        ..Submission::new(case, command, Actor::Machine, None, occurred_at)
    }
}
