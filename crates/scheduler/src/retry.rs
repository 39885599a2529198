//! When work that failed is tried again, and how often. Knows no clock.

use chrono::{DateTime, TimeDelta, Utc};
use peshi_store::JobRow;

/// Tries of one job before it becomes a dead letter with a task.
pub(crate) const TRIES: i32 = 8;
/// The first wait after a failure; it doubles up to [`LONGEST_WAIT`].
const FIRST_WAIT: TimeDelta = TimeDelta::minutes(1);
/// The longest wait between tries.
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(6);

/// Doubling waits, spread by up to a quarter so that a thousand messages do not knock together again. The spread comes
/// from the job's id: the same job waits the same in every replay.
pub(crate) fn retry_at(job: &JobRow, now: DateTime<Utc>) -> DateTime<Utc> {
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
