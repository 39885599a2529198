//! When the scheduler was silent: how long counts, who is told, and what the message holds.
//! Notices nothing itself; the scheduler says that it was away as soon as it is back.

use chrono::{DateTime, TimeDelta, Utc};
use peshi_store::{JobKind, JobRow, NewJob};
use serde_json::json;

use crate::Service;
use crate::access::{Action, Role, may};
use crate::error::ServiceError;

/// A scheduler that has not ticked for so long is ill: every page says so, and an alarm goes out when it is back.
pub const SILENCE: TimeDelta = TimeDelta::minutes(5);

/// How far the clocks of two machines may differ before one of them is taken for wrong.
pub const SKEW: TimeDelta = TimeDelta::minutes(2);

/// The kind of message.
pub(crate) const ALARM: &str = "scheduler_alarm";

/// Whether a role is told: who mends the machine, and who answers for the cases whose reminders may be late.
pub(crate) fn told(role: Role) -> bool {
    may(role, Action::Administer, false) || may(role, Action::ReadBoard, false)
}

/// The silence an alarm is about.
pub(crate) fn silence(job: &JobRow) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let of = |key: &str| serde_json::from_value(job.payload.get(key)?.clone()).ok();
    Some((of("from")?, of("until")?))
}

impl Service {
    /// Writes an alarm to everybody who must know that the scheduler did nothing between these moments; how many are new.
    /// The same silence is told once, however many nodes notice it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn alarm_silence(
        &self,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<usize, ServiceError> {
        let accounts = self.store.accounts().await?;
        let alarms: Vec<NewJob> = accounts
            .iter()
            .filter(|a| a.active && Role::named(&a.role).is_some_and(told))
            .map(|a| {
                let id = format!("alarm:silence:{}:{}", from.format("%Y%m%dT%H%M%S"), a.id);
                let mut alarm = NewJob::new(id, JobKind::Message, until, until);
                alarm.message_kind = Some(ALARM.to_owned());
                alarm.account_id = Some(a.id);
                alarm.payload = json!({ "from": from, "until": until });
                alarm
            })
            .collect();
        let mut tx = self.store.begin().await?;
        let new = tx.insert_jobs(&alarms).await?;
        tx.commit().await?;
        Ok(new.len())
    }
}
