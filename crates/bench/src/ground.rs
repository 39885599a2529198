//! What the durable benches stand on: a stopwatch, a house with cases, the report. Measures nothing itself.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use chrono::{DateTime, TimeDelta, Utc};
use peshi_casework::{Actor, Command, Fields, InstanceId};
use peshi_service::{Clock, Role, Submission, Viewer};
use peshi_test_support::{DatabaseKind, House};
use serde::Serialize;
use serde_json::json;
use tokio::task::JoinSet;
use uuid::Uuid;

/// The instant the virtual clock begins at.
const BEGIN: &str = "2026-04-13T05:00:00Z";

/// Tasks that open cases at the same time.
const OPENERS: usize = 64;

/// Which database to measure on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum On {
    /// A SQLite file in the temporary folder (TMPDIR).
    Sqlite,
    /// The cluster named by PESHI_TEST_POSTGRES.
    Postgres,
    /// Both.
    Both,
}

impl On {
    pub(crate) fn kinds(self) -> &'static [DatabaseKind] {
        match self {
            Self::Sqlite => &[DatabaseKind::Sqlite],
            Self::Postgres => &[DatabaseKind::Postgres],
            Self::Both => &[DatabaseKind::Sqlite, DatabaseKind::Postgres],
        }
    }
}

pub(crate) fn name(kind: DatabaseKind) -> &'static str {
    match kind {
        DatabaseKind::Sqlite => "sqlite",
        DatabaseKind::Postgres => "postgres",
    }
}

/// Time that really passes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "a bench measures real time")]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }

    pub(crate) fn seconds(self) -> f64 {
        self.elapsed().as_secs_f64()
    }
}

/// A clock that runs from a given instant.
pub(crate) struct Running {
    pub(crate) from: DateTime<Utc>,
    pub(crate) watch: Stopwatch,
}

impl Clock for Running {
    fn now(&self) -> DateTime<Utc> {
        self.from + TimeDelta::from_std(self.watch.elapsed()).unwrap_or_default()
    }

    fn steady(&self) -> Duration {
        self.watch.elapsed()
    }

    fn is_shared(&self) -> bool {
        false
    }
}

/// The beginning of every run.
pub(crate) fn begin() -> DateTime<Utc> {
    BEGIN.parse().expect("the constant is a moment in RFC 3339")
}

/// Says what to do if there is no cluster to measure on.
pub(crate) fn needs(kind: DatabaseKind) -> Result<()> {
    if kind == DatabaseKind::Postgres && std::env::var_os("PESHI_TEST_POSTGRES").is_none() {
        bail!("PESHI_TEST_POSTGRES names no cluster; `cargo xtask pg` starts one and prints its URL");
    }
    Ok(())
}

/// The machine's time, for rows that a program on the real clock shall find neither due nor old.
#[expect(
    clippy::disallowed_methods,
    reason = "the program that is started reads it too"
)]
pub(crate) fn wall() -> DateTime<Utc> {
    Utc::now()
}

/// Memory this process holds, in MiB.
pub(crate) fn memory_mib() -> u64 {
    memory_mib_of(std::process::id())
}

/// Memory a process holds, in MiB; 0 where the kernel does not tell.
pub(crate) fn memory_mib_of(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|rest| rest.trim().trim_end_matches("kB").trim().parse::<u64>().ok());
    kib.unwrap_or_default() / 1024
}

/// A house with one lawyer.
pub(crate) struct Ground {
    pub(crate) house: House,
    pub(crate) lawyer: Viewer,
}

impl Ground {
    pub(crate) async fn new(kind: DatabaseKind) -> Result<Arc<Self>> {
        needs(kind)?;
        let house = House::new(kind, begin()).await;
        let lawyer = house.staff(Role::Lawyer, "lawyer", begin()).await;
        Ok(Arc::new(Self { house, lawyer }))
    }

    /// Ends it in order and removes its database.
    pub(crate) async fn end(self: Arc<Self>) {
        self.house.service.finish().await;
        match Arc::into_inner(self) {
            Some(ground) => ground.house.database.remove().await,
            None => eprintln!("the database stays: something still uses it"),
        }
    }

    /// Opens cases, many at a time; gives their ids.
    pub(crate) async fn open(self: &Arc<Self>, count: usize, now: DateTime<Utc>) -> Result<Vec<Uuid>> {
        let mut tasks = JoinSet::new();
        for share in 0..OPENERS.min(count) {
            let ground = Arc::clone(self);
            let mine = (share..count).step_by(OPENERS).count();
            tasks.spawn(async move { ground.open_some(mine, now).await });
        }
        let mut ids = Vec::with_capacity(count);
        while let Some(done) = tasks.join_next().await {
            ids.extend(done??);
        }
        Ok(ids)
    }

    async fn open_some(&self, count: usize, now: DateTime<Utc>) -> Result<Vec<Uuid>> {
        let form = json!({"province": "punjab", "district": "Invented", "reported_at": "2026-04-12T18:00"});
        let house = &self.house;
        let mut ids = Vec::with_capacity(count);
        for _ in 0..count {
            let opening = house
                .service
                .open_case(&self.lawyer, "abduction", fields(&form), now);
            let reference = opening.await.context("a case is opened")?;
            let row = house.store.case_by_reference(&reference).await?;
            ids.push(row.ok_or_else(|| anyhow!("case {reference} is gone"))?.id);
        }
        Ok(ids)
    }

    /// One transition: the search was pressed, so its clock begins anew.
    pub(crate) fn transition(&self, case: Uuid, at: DateTime<Utc>) -> Submission {
        let form = json!({"check_note": "asked at the station, no news"});
        self.event(case, "search_pressed", &form, at)
    }

    /// An application was given, so the clock of the police runs.
    pub(crate) fn waiting(&self, case: Uuid, at: DateTime<Utc>) -> Submission {
        let form = json!({"station": "Invented", "receipt": "e_tag"});
        self.event(case, "application_given", &form, at)
    }

    fn event(&self, case: Uuid, event: &str, form: &serde_json::Value, at: DateTime<Utc>) -> Submission {
        let command = Command::Event {
            instance: InstanceId::root(),
            event: event.to_owned(),
            form: fields(form),
            known: peshi_casework::Knowledge::default(),
        };
        let actor = Actor::Account(self.lawyer.account);
        Submission::new(case, command, actor, Some("lawyer".to_owned()), at)
    }
}

pub(crate) fn fields(form: &serde_json::Value) -> Fields {
    serde_json::from_value(form.clone()).expect("a form is an object")
}

/// The machine, in the words of its kernel.
#[derive(Debug, Serialize)]
pub(crate) struct Machine {
    cpu: String,
    cores: usize,
    os: &'static str,
    profile: &'static str,
}

impl Machine {
    pub(crate) fn this() -> Self {
        let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let cpu = info
            .lines()
            .find_map(|line| line.strip_prefix("model name"))
            .map_or("unknown", |rest| rest.trim_start_matches([' ', '\t', ':']));
        Self {
            cpu: cpu.to_owned(),
            cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            os: std::env::consts::OS,
            profile: if cfg!(debug_assertions) { "dev" } else { "release" },
        }
    }
}

/// Seconds of processor time this process has used, as the kernel counts them: in hundredths.
pub(crate) fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Behind the name in brackets, which may hold spaces: user and system time are the 12th and 13th.
    let ticks = |n: usize| {
        let (_, rest) = stat.rsplit_once(')')?;
        rest.split_whitespace().nth(n)?.parse::<f64>().ok()
    };
    (ticks(11).unwrap_or_default() + ticks(12).unwrap_or_default()) / 100.0
}

/// Middle and nearly worst of some times, in milliseconds.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Spread {
    pub(crate) median_ms: f64,
    pub(crate) p99_ms: f64,
}

impl Spread {
    pub(crate) fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let at = |part: usize| {
            let n = (times.len() * part / 100).min(times.len().saturating_sub(1));
            times.get(n).map_or(0.0, |t| t.as_secs_f64() * 1_000.0)
        };
        Self {
            median_ms: at(50),
            p99_ms: at(99),
        }
    }
}

/// A count as a number to reckon with.
#[expect(clippy::cast_precision_loss, reason = "no run counts to 2^52")]
pub(crate) fn float(count: u64) -> f64 {
    count as f64
}
