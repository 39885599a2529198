//! Due jobs: claim, run, settle.
//!
//! The scheduler changes a case only by submitting a command to the service, like any user. It never holds a
//! transaction while a handler works, every batch is bounded, and time is an argument: [`Scheduler::tick`] does one
//! round at a given instant, [`Scheduler::run`] is a loop around it that doubts its clock ([`Watch`]). Any number of schedulers may share a database: a
//! job is claimed by one, and what one that died had claimed comes back when its lease ends.

mod error;
mod handlers;
mod pulse;
mod retry;
mod sending;
mod watch;
mod write;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Asia::Karachi;
use chrono_tz::Tz;
use peshi_calendar::CronLine;
use peshi_delivery::Transport;
use peshi_service::{CatchUp, Clock, ManualClock, ScheduleSpec, Service};
use peshi_store::{JobKind, JobRow, Store, Wanted};
use peshi_templates::Renderer;

pub use error::SchedulerError;
pub use pulse::Pulse;
pub use watch::{Doubt, Reading, Watch};

/// Timers claimed at once: they cost little each, and are applied in a few groups, one written while the next is decided.
const TIMERS: u64 = 1_024;
/// Occurrences of schedules claimed at once.
const OCCURRENCES: u64 = 10;
/// Messages about cases claimed at once: small enough for the slowest mail server to be done before the lease ends.
const REMINDERS: u64 = 24;
/// Digests claimed at once. They take turns with the messages about cases and are the smaller part, so that a flood of
/// them holds no reminder up.
const DIGESTS: u64 = 8;
/// Messages on their way at the same time.
const AT_ONCE: usize = 8;
/// Most rounds of one tick; what is left waits for the next.
const ROUNDS: usize = 100_000;
/// How long a claim holds before another worker may take the job.
const LEASE: TimeDelta = TimeDelta::minutes(5);

/// What a scheduler needs to know.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Its name among other nodes, for claims and heartbeats.
    pub worker: String,
    /// The desk's address for links in staff mail.
    pub base_url: Option<String>,
    /// Its recurring schedules.
    pub schedules: Vec<ScheduleSpec>,
    /// How long it sleeps when nothing is due.
    pub idle: Duration,
}

impl Settings {
    /// The usual schedules in Karachi's time.
    pub fn usual(worker: impl Into<String>) -> Self {
        Self {
            worker: worker.into(),
            base_url: None,
            schedules: usual_schedules(Karachi),
            idle: Duration::from_secs(1),
        }
    }
}

/// A digest for each member of staff at 07:30 and one of stalled cases for coordinators on Monday at 08:00, in the
/// organisation's zone. After an outage the last missed one goes out.
pub fn usual_schedules(zone: Tz) -> Vec<ScheduleSpec> {
    let usual = |name: &str, line: &str| ScheduleSpec {
        name: name.to_owned(),
        line: CronLine::parse(line).expect("the built-in schedules are crontab lines"),
        zone,
        catch_up: CatchUp::Once,
    };
    vec![
        usual("morning_digest", "30 7 * * *"),
        usual("stalled_digest", "0 8 * * MON"),
    ]
}

/// What one tick did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ticked {
    /// Timers brought into cases.
    pub fired: usize,
    /// Messages accepted by the next hop.
    pub sent: usize,
    /// Messages that were decided not to go.
    pub suppressed: usize,
    /// Messages that will never arrive; each raised a task.
    pub failed: usize,
    /// Jobs taken back from workers that died.
    pub rescued: u64,
}

/// What a stretch of virtual time brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lived {
    /// How often something was due.
    pub ticks: usize,
    /// What was done in all.
    pub did: Ticked,
}

impl std::ops::AddAssign for Ticked {
    fn add_assign(&mut self, more: Self) {
        self.fired += more.fired;
        self.sent += more.sent;
        self.suppressed += more.suppressed;
        self.failed += more.failed;
        self.rescued += more.rescued;
    }
}

/// One worker.
pub struct Scheduler {
    pub(crate) service: Arc<Service>,
    pub(crate) store: Arc<Store>,
    pub(crate) renderer: Arc<Renderer>,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) settings: Settings,
}

impl std::fmt::Debug for Scheduler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scheduler")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl Scheduler {
    /// A worker over a service and its store.
    pub fn new(
        service: Arc<Service>,
        store: Arc<Store>,
        renderer: Arc<Renderer>,
        transport: Arc<dyn Transport>,
        settings: Settings,
    ) -> Self {
        Self {
            service,
            store,
            renderer,
            transport,
            settings,
        }
    }

    /// Everything that is due at `now`: plan schedules, rescue what dead workers held, then claim and work until nothing
    /// is left. Messages go one after another, so that the same state always leads to the same rows.
    ///
    /// # Errors
    /// The database failed; what was claimed comes back when its lease ends.
    pub async fn tick(&self, now: DateTime<Utc>) -> Result<Ticked, SchedulerError> {
        let all = async {
            let mut ticked = self.begin(now).await?;
            for _ in 0..ROUNDS {
                if !self.round(now, 1, &mut ticked).await? {
                    break;
                }
            }
            Ok(ticked)
        };
        self.metered(all).await
    }

    /// One bounded portion of what is due at `now`, and whether more may be left.
    async fn turn(&self, now: DateTime<Utc>) -> Result<(Ticked, bool), SchedulerError> {
        let portion = async {
            let mut ticked = self.begin(now).await?;
            let more = self.round(now, AT_ONCE, &mut ticked).await?;
            Ok((ticked, more))
        };
        self.metered(portion).await
    }

    /// Some work of a tick, counted and timed.
    async fn metered<T>(
        &self,
        work: impl Future<Output = Result<T, SchedulerError>>,
    ) -> Result<T, SchedulerError> {
        let meters = self.service.meters();
        let since = meters.steady();
        let done = work.await;
        meters.ticked(since, if done.is_ok() { "done" } else { "failed" });
        done
    }

    async fn begin(&self, now: DateTime<Utc>) -> Result<Ticked, SchedulerError> {
        let rescued = self.store.rescue(now).await?;
        self.service.meters().rescued(rescued);
        self.service.plan_schedules(&self.settings.schedules, now).await?;
        Ok(Ticked {
            rescued,
            ..Ticked::default()
        })
    }

    /// Claims a bounded number of jobs of each kind and works on them; whether there were any.
    async fn round(
        &self,
        now: DateTime<Utc>,
        at_once: usize,
        ticked: &mut Ticked,
    ) -> Result<bool, SchedulerError> {
        // Timers first: what they cancel must not go out, what they announce is claimed in the next round.
        let timers = self.claim(now, Wanted::of(&[JobKind::Timer], TIMERS)).await?;
        if !timers.is_empty() {
            self.timers(&timers, now, ticked).await?;
            return Ok(true);
        }
        let schedules = self
            .claim(now, Wanted::of(&[JobKind::Schedule], OCCURRENCES))
            .await?;
        for job in &schedules {
            self.schedule(job, now).await?;
        }
        let mut any = !schedules.is_empty();
        // Claimed only when their turn has come: a lease must not run while others are being sent.
        for (of_a_case, limit) in [(true, REMINDERS), (false, DIGESTS)] {
            let wanted = Wanted {
                of_a_case: Some(of_a_case),
                ..Wanted::of(&[JobKind::Message], limit)
            };
            let messages = self.claim(now, wanted).await?;
            self.messages(&messages, at_once, now, ticked).await?;
            any |= !messages.is_empty();
        }
        Ok(any)
    }

    async fn claim(&self, now: DateTime<Utc>, wanted: Wanted<'_>) -> Result<Vec<JobRow>, SchedulerError> {
        let claimed = self
            .store
            .claim(now, wanted, LEASE, &self.settings.worker)
            .await?;
        for kind in wanted.kinds {
            let count = claimed.iter().filter(|job| job.kind == *kind).count();
            self.service.meters().claimed(*kind, count);
        }
        Ok(claimed)
    }

    /// The next instant at which a tick has something to do: the earliest waiting job or schedule.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_due(&self, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, SchedulerError> {
        let job = self.store.next_due().await?;
        let known = self.store.schedules().await?;
        let schedule = self
            .settings
            .schedules
            .iter()
            .filter_map(|spec| spec.next(known.iter().find(|row| row.name == spec.name), now))
            .min();
        Ok([job, schedule].into_iter().flatten().min())
    }

    /// Lives through virtual time: ticks at each instant at which something is due, up to `until`, and leaves the clock
    /// there.
    ///
    /// # Errors
    /// The first tick that fails.
    pub async fn live_until(
        &self,
        clock: &ManualClock,
        until: DateTime<Utc>,
    ) -> Result<Lived, SchedulerError> {
        let mut lived = Lived::default();
        while let Some(next) = self.next_due(clock.now()).await?.filter(|at| *at <= until) {
            let at = next.max(clock.now());
            clock.set(at);
            lived.did += self.tick(at).await?;
            lived.ticks += 1;
        }
        clock.set(until);
        Ok(lived)
    }
}
