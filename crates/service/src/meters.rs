//! What Peshi counts and times about itself, and the text in which Prometheus reads it.
//!
//! Nothing personal can get in: a label is a word of the program, never a text that came from outside; the types say so.
//! It knows no database, and time is handed in by a clock: without one everything is counted and nothing timed.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use peshi_store::{JobKind, Settlement};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use crate::Clock;

type Words<const N: usize> = [(&'static str, &'static str); N];
type Status = [(&'static str, u16); 1];

/// The counters, gauges and histograms of one process.
pub struct Meters {
    clock: OnceLock<Arc<dyn Clock>>,
    registry: Registry,
    claimed: Family<Words<1>, Counter>,
    settled: Family<Words<2>, Counter>,
    rescued: Counter,
    ticks: Family<Words<1>, Counter>,
    tick_seconds: Histogram,
    group_commands: Histogram,
    commit_seconds: Histogram,
    requests: Family<(Words<2>, Status), Counter>,
    request_seconds: Family<Words<1>, Histogram, fn() -> Histogram>,
    pub(crate) seen: Seen,
}

/// What is looked up when somebody asks, rather than counted when it happens.
pub(crate) struct Seen {
    pub(crate) database: Gauge,
    pub(crate) oldest_due: Gauge<f64, std::sync::atomic::AtomicU64>,
    pub(crate) due: Family<Words<1>, Gauge>,
    pub(crate) queue: Gauge,
}

impl std::fmt::Debug for Meters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Meters").finish_non_exhaustive()
    }
}

/// 0.1 ms, doubling up to 13 s.
fn seconds() -> Histogram {
    Histogram::new(exponential_buckets(0.000_1, 2.0, 18))
}

impl Default for Meters {
    fn default() -> Self {
        let meters = Self {
            clock: OnceLock::new(),
            registry: Registry::default(),
            claimed: Family::default(),
            settled: Family::default(),
            rescued: Counter::default(),
            ticks: Family::default(),
            tick_seconds: seconds(),
            group_commands: Histogram::new(exponential_buckets(1.0, 2.0, 10)),
            commit_seconds: seconds(),
            requests: Family::default(),
            request_seconds: Family::new_with_constructor(seconds),
            seen: Seen {
                database: Gauge::default(),
                oldest_due: Gauge::default(),
                due: Family::default(),
                queue: Gauge::default(),
            },
        };
        meters.registered()
    }
}

impl Meters {
    fn registered(mut self) -> Self {
        let mut registry = Registry::with_prefix("peshi");
        registry.register(
            "jobs_claimed",
            "Jobs taken to be worked on, by kind",
            self.claimed.clone(),
        );
        registry.register(
            "jobs_settled",
            "How tries of jobs ended, by kind: done, retry, deferred, failed, dead, suppressed, cancelled",
            self.settled.clone(),
        );
        registry.register(
            "jobs_rescued",
            "Jobs taken back from workers that died",
            self.rescued.clone(),
        );
        registry.register(
            "ticks",
            "Rounds of the scheduler: done, failed, or waited because the clock is not believed",
            self.ticks.clone(),
        );
        registry.register(
            "tick_seconds",
            "How long a round of the scheduler took",
            self.tick_seconds.clone(),
        );
        registry.register(
            "commit_group_commands",
            "Commands decided and written in one transaction",
            self.group_commands.clone(),
        );
        registry.register(
            "commit_seconds",
            "How long the disk took to keep a group",
            self.commit_seconds.clone(),
        );
        registry.register(
            "http_requests",
            "Requests answered, by method, pattern of the address and status",
            self.requests.clone(),
        );
        registry.register(
            "http_request_seconds",
            "How long an answer took, by pattern of the address",
            self.request_seconds.clone(),
        );
        registry.register(
            "database_up",
            "1 if the database answered just now",
            self.seen.database.clone(),
        );
        registry.register(
            "oldest_due_seconds",
            "How late the longest waiting due job is; 0 if none waits",
            self.seen.oldest_due.clone(),
        );
        registry.register(
            "jobs_due",
            "Jobs that wait although they are due, by kind, counted up to 10000",
            self.seen.due.clone(),
        );
        registry.register(
            "writer_queue",
            "Requests that wait for the writer",
            self.seen.queue.clone(),
        );
        self.registry = registry;
        self
    }

    /// Times from now on by this clock's steady hand; the first clock stays.
    pub fn time_by(&self, clock: Arc<dyn Clock>) {
        drop(self.clock.set(clock));
    }

    /// The steady hand: what lies between two readings is how long something took.
    pub fn steady(&self) -> Duration {
        self.clock.get().map(|clock| clock.steady()).unwrap_or_default()
    }

    fn passed(&self, since: Duration) -> f64 {
        self.steady().saturating_sub(since).as_secs_f64()
    }

    /// Jobs of a kind were claimed.
    pub fn claimed(&self, kind: JobKind, count: usize) {
        self.claimed
            .get_or_create(&[("kind", kind.as_str())])
            .inc_by(count as u64);
    }

    /// A try of a job ended.
    pub fn settled(&self, kind: JobKind, settlement: &Settlement) {
        self.settled
            .get_or_create(&[("kind", kind.as_str()), ("outcome", settlement.word())])
            .inc();
    }

    /// Jobs came back from workers that died.
    pub fn rescued(&self, count: u64) {
        self.rescued.inc_by(count);
    }

    /// A round of the scheduler that began at `since` ended: `done`, `failed` or `waited`.
    pub fn ticked(&self, since: Duration, result: &'static str) {
        self.ticks.get_or_create(&[("result", result)]).inc();
        self.tick_seconds.observe(self.passed(since));
    }

    /// So many commands were decided and written together, and the disk was asked at `since`.
    pub(crate) fn committed(&self, since: Duration, commands: usize) {
        let commands = u32::try_from(commands).unwrap_or(u32::MAX);
        self.group_commands.observe(f64::from(commands));
        self.commit_seconds.observe(self.passed(since));
    }

    /// A request that came at `since` was answered. `route` is the pattern of an address, never an address.
    pub fn answered(&self, since: Duration, method: &'static str, route: &'static str, status: u16) {
        let labels = ([("method", method), ("route", route)], [("status", status)]);
        self.requests.get_or_create(&labels).inc();
        self.request_seconds
            .get_or_create(&[("route", route)])
            .observe(self.passed(since));
    }

    /// Everything, as OpenMetrics text.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        // Writing into a String fails for no reason of its own; half a text would end without its last line, and be refused.
        if encode(&mut text, &self.registry).is_err() {
            tracing::error!("the metrics could not be written");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ManualClock;
    use chrono::{DateTime, TimeDelta};

    #[test]
    fn what_happens_is_counted_and_timed() {
        let clock = Arc::new(ManualClock::at(DateTime::UNIX_EPOCH));
        let meters = Meters::default();
        meters.time_by(Arc::<ManualClock>::clone(&clock));
        let since = meters.steady();
        clock.set(DateTime::UNIX_EPOCH + TimeDelta::milliseconds(250));
        meters.claimed(JobKind::Timer, 3);
        meters.settled(JobKind::Message, &Settlement::Done { result: None });
        meters.rescued(2);
        meters.ticked(since, "done");
        meters.committed(since, 17);
        meters.answered(since, "GET", "/cases/{reference}", 404);
        let text = meters.text();
        for line in [
            "peshi_jobs_claimed_total{kind=\"timer\"} 3",
            "peshi_jobs_settled_total{kind=\"message\",outcome=\"done\"} 1",
            "peshi_jobs_rescued_total 2",
            "peshi_ticks_total{result=\"done\"} 1",
            "peshi_tick_seconds_sum 0.25",
            "peshi_commit_group_commands_bucket{le=\"16.0\"} 0",
            "peshi_commit_group_commands_bucket{le=\"32.0\"} 1",
            "peshi_commit_seconds_sum 0.25",
            "peshi_http_requests_total{method=\"GET\",route=\"/cases/{reference}\",status=\"404\"} 1",
            "peshi_http_request_seconds_count{route=\"/cases/{reference}\"} 1",
            "# EOF",
        ] {
            assert!(text.lines().any(|l| l == line), "{line} is missing in\n{text}");
        }
    }
}
