//! What the scheduler asks of the service: bring due timers into their cases, give a message up, fan a digest out.
//! Knows jobs; not how or when they are claimed.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use peshi_casework::{Actor, Command, EffectId};
use peshi_store::{JobKind, JobRow, NewJob, Settlement};
use uuid::Uuid;

use crate::Service;
use crate::access::{Action, Role, may};
use crate::error::ServiceError;
use crate::writer::GROUP;
use crate::writing::{Outcome, Settles, Submission};

impl Service {
    /// Brings due timers into their cases, each settled in the transaction that applies it, some hundreds in one
    /// transaction, timers of one case in order. For each job, in order, what came of it: a timer whose case cannot be read
    /// fails alone and keeps its claim.
    ///
    /// # Errors
    /// When the database fails; timers that were not brought into their cases keep their claims.
    pub async fn fire_timers(
        &self,
        jobs: &[JobRow],
        now: DateTime<Utc>,
    ) -> Result<Vec<Result<Outcome, ServiceError>>, ServiceError> {
        let groups = groups(jobs);
        // Submitted at the same time and in this order, so that one group is decided while the one before is written.
        let firing = groups
            .iter()
            .map(|places| places.iter().map(|place| timer(&jobs[*place])).collect())
            .map(|group| self.fire_group(group, now));
        let mut fired: Vec<Option<Result<Outcome, ServiceError>>> = jobs.iter().map(|_| None).collect();
        for (places, outcomes) in groups.iter().zip(join_all(firing).await) {
            for (place, outcome) in places.iter().zip(outcomes?) {
                fired[*place] = Some(outcome);
            }
        }
        Ok(fired.into_iter().flatten().collect())
    }

    async fn fire_group(
        &self,
        group: Vec<Submission>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Result<Outcome, ServiceError>>, ServiceError> {
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

/// The places of jobs, in groups for one transaction each; the jobs of a case are in one group, in order.
fn groups(jobs: &[JobRow]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut of_case: BTreeMap<Option<Uuid>, usize> = BTreeMap::new();
    for (place, job) in jobs.iter().enumerate() {
        let last = groups.len().saturating_sub(1);
        let open = groups.get(last).is_some_and(|group| group.len() < GROUP);
        let group = *of_case
            .entry(job.case_id)
            .or_insert(if open { last } else { groups.len() });
        if group == groups.len() {
            groups.push(Vec::new());
        }
        groups[group].push(place);
    }
    groups
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

#[cfg(test)]
mod tests {
    use super::*;
    use peshi_store::JobState;
    use proptest::prelude::*;

    fn job(case: Option<u128>) -> JobRow {
        let now = DateTime::UNIX_EPOCH;
        JobRow {
            id: String::new(),
            case_id: case.map(Uuid::from_u128),
            kind: JobKind::Timer,
            due_at: now,
            state: JobState::Running,
            attempt: 1,
            deferrals: 0,
            lease_until: None,
            worker: None,
            message_kind: None,
            account_id: None,
            person_id: None,
            about: None,
            payload: serde_json::Value::Null,
            result: None,
            reason: None,
            created_at: now,
            settled_at: None,
            useful_until: None,
            trace: None,
        }
    }

    proptest! {
        #[test]
        fn every_job_is_in_one_group_and_a_case_in_no_two(
            cases in prop::collection::vec(prop::option::of(0_u128..600), 0..1_500),
        ) {
            let jobs: Vec<JobRow> = cases.into_iter().map(job).collect();
            let groups = groups(&jobs);
            let mut all: Vec<usize> = groups.concat();
            all.sort_unstable();
            prop_assert_eq!(all, (0..jobs.len()).collect::<Vec<_>>());
            let mut of_case = BTreeMap::new();
            for (number, group) in groups.iter().enumerate() {
                prop_assert!(!group.is_empty() && group.is_sorted());
                for place in group {
                    prop_assert_eq!(*of_case.entry(jobs[*place].case_id).or_insert(number), number);
                }
            }
        }
    }
}
