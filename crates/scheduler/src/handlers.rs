//! What is done with claimed jobs of each kind, and how they are settled.
//! Holds no transaction while it works; every settlement names its attempt.

use chrono::{DateTime, Utc};
use peshi_service::{ServiceError, settlement};
use peshi_store::{JobRow, Outcome, Settlement};
use tokio::task::JoinSet;
use tracing::{Instrument, Span};

use crate::error::SchedulerError;
use crate::sending::{Hand, again};
use crate::{Scheduler, Ticked};

impl Scheduler {
    /// Brings due timers into their cases, as one group. One whose case cannot be read is tried again later, alone.
    pub(crate) async fn timers(
        &self,
        jobs: &[JobRow],
        now: DateTime<Utc>,
        ticked: &mut Ticked,
    ) -> Result<(), SchedulerError> {
        let fired = self.service.fire_timers(jobs, now).await?;
        let mut faulty = Vec::new();
        let meters = self.service.meters();
        for (job, fired) in jobs.iter().zip(fired) {
            let _span = span(job).entered();
            match fired {
                Ok(_) => {
                    ticked.fired += 1;
                    tracing::debug!("a timer fired");
                    meters.settled(job.kind, &Settlement::Done { result: None });
                }
                Err(ServiceError::Rejected(rejection)) => {
                    tracing::warn!(%rejection, "a timer was not taken");
                    meters.settled(job.kind, &settlement(&rejection, now));
                }
                Err(fault) => {
                    tracing::error!(%fault, "a timer could not be brought into its case");
                    faulty.push((job, again(job, fault.to_string(), now)));
                }
            }
        }
        for (job, end) in faulty {
            ticked.failed += usize::from(matches!(end, Settlement::Dead { .. }));
            meters.settled(job.kind, &end);
            self.store.settle(&job.id, job.attempt, &end, now).await?;
        }
        Ok(())
    }

    /// Fans a schedule's occurrence out into its messages.
    pub(crate) async fn schedule(&self, job: &JobRow, now: DateTime<Utc>) -> Result<(), SchedulerError> {
        let readers = self.service.fan_out(job, now).await?;
        let done = Settlement::Done { result: None };
        self.service.meters().settled(job.kind, &done);
        tracing::debug!(job = %job.id, readers, "a schedule fanned out");
        Ok(())
    }

    /// Sends messages, `at_once` at the same time, and settles each such portion together.
    pub(crate) async fn messages(
        &self,
        jobs: &[JobRow],
        at_once: usize,
        now: DateTime<Utc>,
        ticked: &mut Ticked,
    ) -> Result<(), SchedulerError> {
        let hand = Hand {
            service: self.service.clone(),
            renderer: self.renderer.clone(),
            transport: self.transport.clone(),
            base_url: self.settings.base_url.clone(),
        };
        for portion in jobs.chunks(at_once.max(1)) {
            let ends = send_all(&hand, portion, now).await?;
            self.settle(portion, ends, now, ticked).await?;
        }
        Ok(())
    }

    async fn settle(
        &self,
        jobs: &[JobRow],
        ends: Vec<Settlement>,
        now: DateTime<Utc>,
        ticked: &mut Ticked,
    ) -> Result<(), SchedulerError> {
        let mut plain = Vec::with_capacity(jobs.len());
        let mut given_up = Vec::new();
        for (job, settlement) in jobs.iter().zip(ends) {
            self.service.meters().settled(job.kind, &settlement);
            let outcome = settlement.word();
            tracing::info!(parent: &span(job), outcome, "a message was worked on");
            match settlement {
                Settlement::Dead { .. } | Settlement::Failed { .. } => given_up.push((job, settlement)),
                settlement => {
                    ticked.sent += usize::from(matches!(settlement, Settlement::Done { .. }));
                    ticked.suppressed += usize::from(matches!(settlement, Settlement::Suppressed { .. }));
                    plain.push(Outcome {
                        id: job.id.clone(),
                        attempt: job.attempt,
                        settlement,
                    });
                }
            }
        }
        self.store.settle_many(&plain, now).await?;
        for (job, settlement) in given_up {
            ticked.failed += 1;
            match self.service.give_up(job, &settlement, now).await {
                Ok(_) => {}
                Err(error) if error.is_outage() => return Err(error.into()),
                Err(error) => {
                    // The case that should get the task cannot be read; the job's own end is kept all the same.
                    tracing::error!(job = %job.id, %error, "a message failed and no task could be raised");
                    self.store.settle(&job.id, job.attempt, &settlement, now).await?;
                }
            }
        }
        Ok(())
    }
}

/// The span of one try of a job; its trace is that of the request it follows from.
fn span(job: &JobRow) -> Span {
    let (kind, attempt) = (job.kind.as_str(), job.attempt);
    tracing::info_span!("job", kind, id = %job.id, attempt, trace = job.trace)
}

/// How each job ends, in order. A fault in the program ends one message's try, not its neighbours'.
async fn send_all(
    hand: &Hand,
    jobs: &[JobRow],
    now: DateTime<Utc>,
) -> Result<Vec<Settlement>, SchedulerError> {
    let mut tasks = JoinSet::new();
    for (n, job) in jobs.iter().enumerate() {
        let (hand, job) = (hand.clone(), job.clone());
        let span = span(&job);
        let send = async move { (n, hand.send(&job, now).await) };
        tasks.spawn(send.instrument(span));
    }
    let mut ends: Vec<Settlement> = jobs
        .iter()
        .map(|job| again(job, "Peshi broke off while sending it".to_owned(), now))
        .collect();
    while let Some(done) = tasks.join_next().await {
        match done {
            Ok((n, end)) => ends[n] = end?,
            Err(error) => tracing::error!(%error, "sending broke off"),
        }
    }
    Ok(ends)
}
