//! What is done with a claimed job of each kind, and how it is settled.
//! Holds no transaction while it works; every settlement names its attempt.

use chrono::{DateTime, TimeDelta, Utc};
use peshi_casework::Channel;
use peshi_delivery::{Address, Envelope, Outcome};
use peshi_service::{Outgoing, Prepared};
use peshi_store::{JobRow, Settlement};
use peshi_templates::Lang;

use crate::error::SchedulerError;
use crate::write::Writer;
use crate::{Scheduler, Ticked};

/// Tries of one message before it becomes a dead letter with a task.
const TRIES: i32 = 8;
/// The first wait after a failure; it doubles up to [`LONGEST_WAIT`].
const FIRST_WAIT: TimeDelta = TimeDelta::minutes(1);
/// The longest wait between tries.
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(6);

impl Scheduler {
    /// Brings due timers into their cases, as one group.
    pub(crate) async fn timers(
        &self,
        jobs: &[JobRow],
        now: DateTime<Utc>,
        ticked: &mut Ticked,
    ) -> Result<(), SchedulerError> {
        let outcomes = self.service.fire_timers(jobs, now).await?;
        for (job, outcome) in jobs.iter().zip(&outcomes) {
            match outcome {
                Ok(_) => ticked.fired += 1,
                Err(rejection) => {
                    tracing::warn!(job = %job.id, %rejection, "a timer was not taken");
                }
            }
        }
        Ok(())
    }

    /// Fans a schedule's occurrence out into its messages.
    pub(crate) async fn schedule(&self, job: &JobRow, now: DateTime<Utc>) -> Result<(), SchedulerError> {
        let readers = self.service.fan_out(job, now).await?;
        tracing::debug!(job = %job.id, readers, "a schedule fanned out");
        Ok(())
    }

    /// Sends one message, or says why not.
    pub(crate) async fn message(
        &self,
        job: &JobRow,
        now: DateTime<Utc>,
        ticked: &mut Ticked,
    ) -> Result<(), SchedulerError> {
        let settlement = match self.service.prepare(job, now).await? {
            Prepared::Suppress(refusal) => {
                ticked.suppressed += 1;
                Settlement::Suppressed {
                    reason: refusal.key().to_owned(),
                }
            }
            Prepared::Defer { until, reason } => Settlement::DeferTo {
                at: until,
                reason: reason.to_owned(),
            },
            Prepared::Send(outgoing) => self.send(job, &outgoing, now).await,
        };
        match settlement {
            Settlement::Dead { .. } | Settlement::Failed { .. } => {
                ticked.failed += 1;
                self.service.give_up(job, &settlement, now).await?;
            }
            settlement => {
                ticked.sent += usize::from(matches!(settlement, Settlement::Done { .. }));
                self.store.settle(&job.id, job.attempt, &settlement, now).await?;
            }
        }
        Ok(())
    }

    async fn send(&self, job: &JobRow, outgoing: &Outgoing, now: DateTime<Utc>) -> Settlement {
        if outgoing.permission.channel() == Channel::Sms {
            return Settlement::Failed {
                reason: "no_sms_gateway".to_owned(),
            };
        }
        let writer = Writer {
            renderer: &self.renderer,
            base_url: self.settings.base_url.as_deref(),
            now,
            zone: self.service.zone(),
        };
        let text = match writer.write(outgoing) {
            Ok(text) => text,
            // A text that cannot be written today cannot be written tomorrow: a person must mend the template.
            Err(e) => {
                return Settlement::Failed {
                    reason: e.to_string(),
                };
            }
        };
        let to = match Address::parse(outgoing.permission.address()) {
            Ok(to) => to,
            Err(e) => {
                return Settlement::Failed {
                    reason: e.to_string(),
                };
            }
        };
        let envelope = Envelope {
            // The effect's id is the Message-ID, so that a second copy after a crash is recognised as the same.
            message_id: job.id.replace(':', "."),
            to,
            subject: text.subject.unwrap_or_default(),
            text: text.text,
            html: text.html,
            lang: text.lang.to_string(),
            dir: if text.lang == Lang::Ur { "rtl" } else { "ltr" }.to_owned(),
            list_unsubscribe: None,
            // Not when it is tried: a second copy must be the same to the last byte.
            date: job.created_at,
        };
        match self.transport.send(&envelope).await {
            Outcome::Accepted { detail } => Settlement::Done { result: Some(detail) },
            Outcome::Permanent { reason } => Settlement::Failed { reason },
            Outcome::Transient { reason } if job.tries() >= TRIES => Settlement::Dead { reason },
            Outcome::Transient { reason } => Settlement::RetryAt {
                at: retry_at(job, now),
                reason,
            },
        }
    }
}

/// Doubling waits, spread by up to a quarter so that a thousand messages do not knock together again. The spread comes
/// from the job's id: the same job waits the same in every replay.
fn retry_at(job: &JobRow, now: DateTime<Utc>) -> DateTime<Utc> {
    let doublings = u32::try_from(job.tries().clamp(1, 12) - 1).unwrap_or(0);
    let wait = (FIRST_WAIT * 2_i32.pow(doublings)).min(LONGEST_WAIT);
    let hash = job.id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| {
        (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)
    });
    let spread = i32::try_from(hash % 256).unwrap_or(0);
    now + wait + wait * spread / 1024
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn waits_double_and_are_bounded() {
        let now: DateTime<Utc> = "2026-03-02T00:00:00Z".parse().unwrap();
        let mut last = TimeDelta::zero();
        for attempt in 1..=12 {
            let job = JobRow {
                id: "x:1:0".to_owned(),
                case_id: None,
                kind: peshi_store::JobKind::Message,
                due_at: now,
                state: peshi_store::JobState::Running,
                attempt,
                deferrals: 0,
                lease_until: None,
                worker: None,
                message_kind: None,
                account_id: None,
                person_id: None,
                about: None,
                payload: Value::Null,
                result: None,
                reason: None,
                created_at: now,
                settled_at: None,
                useful_until: None,
                trace: None,
            };
            let wait = retry_at(&job, now) - now;
            assert!(
                wait >= last && wait <= LONGEST_WAIT * 5 / 4,
                "attempt {attempt}: {wait}"
            );
            last = wait;
        }
        assert!(last >= LONGEST_WAIT);
    }
}
