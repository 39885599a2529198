//! Transitions a second, each on the disk before it is answered: one case in sequence, and many cases at once, on SQLite
//! and PostgreSQL, beside the disk's flushes and the same rows by plain SQL in the same run.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use chrono::TimeDelta;
use peshi_store::{JobFilter, JobState};
use peshi_test_support::DatabaseKind;
use serde::Serialize;
use uuid::Uuid;

use crate::floor::{self, Sample};
use crate::ground::{Ground, Machine, On, Spread, Stopwatch, begin, cpu, float, name};

/// Turns that the floor and one case in sequence take.
const SLICES: u128 = 5;
/// What one case in sequence may add to the floor, in milliseconds.
const ADDED_MS: f64 = 0.3;
/// Flushes a second of the disk for which the next aim was set.
const FLUSHES: f64 = 7_000.0;
/// Transitions a second, many at once, on such a disk.
const AT_ONCE: f64 = 15_000.0;
/// Many at once, in one-commit floors.
const FLOORS: f64 = 3.0;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which database
    #[arg(long, value_enum, default_value = "both")]
    on: On,
    /// Seconds each measurement takes
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Cases that change at once
    #[arg(long, default_value_t = 50)]
    cases: usize,
}

#[derive(Debug, Serialize)]
struct Report {
    bench: &'static str,
    machine: Machine,
    flushes_per_second: f64,
    databases: Vec<Measured>,
}

#[derive(Debug, Serialize)]
struct Measured {
    database: &'static str,
    rows: Rows,
    floor: Floor,
    in_sequence: InSequence,
    at_once: AtOnce,
}

/// What one transition writes.
#[derive(Debug, Serialize)]
struct Rows {
    journal: usize,
    jobs: usize,
    state_bytes: usize,
}

/// The same rows by plain SQL on one connection.
#[derive(Debug, Serialize)]
struct Floor {
    one_a_commit_per_second: f64,
    one_a_commit: Spread,
    many_a_commit_per_second: f64,
}

#[derive(Debug, Serialize)]
struct InSequence {
    per_second: f64,
    each: Spread,
    added_ms: f64,
    aim_added_ms: f64,
    met: bool,
}

#[derive(Debug, Serialize)]
struct AtOnce {
    cases: usize,
    per_second: f64,
    each: Spread,
    /// Processor time of the whole process a transition, clients included: what bounds it on a fast disk.
    cpu_us_each: f64,
    floors: f64,
    aim_floors: f64,
    aim_per_second: Option<f64>,
    met: bool,
}

pub(crate) async fn run(args: &Args) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let time = Duration::from_secs(args.seconds);
    let flushes = floor::flushes(folder.path(), time)?;
    let mut databases = Vec::new();
    for kind in args.on.kinds() {
        databases.push(measure(*kind, args, flushes).await?);
    }
    let report = Report {
        bench: "durable",
        machine: Machine::this(),
        flushes_per_second: flushes,
        databases,
    };
    println!("{}", serde_json::to_string_pretty(&report)?);
    Ok(())
}

async fn measure(kind: DatabaseKind, args: &Args, flushes: f64) -> Result<Measured> {
    let time = Duration::from_secs(args.seconds);
    let ground = Ground::new(kind).await?;
    let cases = ground.open(args.cases, begin()).await?;
    let lone = *cases.first().context("at least one case is needed")?;
    // Once round, so that statements are prepared, connections open and rows of the usual size.
    for case in &cases {
        submit(&ground, *case, 1).await?;
    }
    let sample = sample(&ground, lone).await?;
    // In a house of its own: its rows tell no story that could be verified.
    let apart = Ground::new(kind).await?;
    let database = &apart.house.database;
    let (mut one, mut many, mut lone_times) = (Vec::new(), Vec::new(), Vec::new());
    // By turns, so that whatever else the machine does falls on both alike.
    let slice = time / u32::try_from(SLICES)?;
    for n in 0..SLICES {
        one.extend(floor::plain(database, kind, &sample, 1, n, slice).await?);
        lone_times.extend(in_sequence(&ground, lone, slice).await?);
        let group = u128::try_from(args.cases)?;
        many.extend(floor::plain(database, kind, &sample, group, n, slice).await?);
    }
    apart.end().await;
    let (one, one_each) = (rate(&one, 1)?, Spread::of(one));
    let many = rate(&many, args.cases)?;
    let (per_second, each) = (rate(&lone_times, 1)?, Spread::of(lone_times));
    let before = cpu();
    let (together, spread) = at_once(&ground, &cases, time).await?;
    let cpu_us_each = (cpu() - before) * 1_000_000.0 / (together * time.as_secs_f64());
    let added_ms = each.median_ms - one_each.median_ms;
    let floors = together / one;
    let aim_per_second = (flushes >= FLUSHES).then_some(AT_ONCE);
    let measured = Measured {
        database: name(kind),
        rows: Rows {
            journal: sample.journal.len(),
            jobs: sample.jobs.len(),
            state_bytes: sample.case.state.len(),
        },
        floor: Floor {
            one_a_commit_per_second: one,
            one_a_commit: one_each,
            many_a_commit_per_second: many,
        },
        in_sequence: InSequence {
            per_second,
            each,
            added_ms,
            aim_added_ms: ADDED_MS,
            met: added_ms <= ADDED_MS,
        },
        at_once: AtOnce {
            cases: args.cases,
            per_second: together,
            each: spread,
            cpu_us_each,
            floors,
            aim_floors: FLOORS,
            aim_per_second,
            met: floors >= FLOORS && aim_per_second.is_none_or(|aim| together >= aim),
        },
    };
    eprintln!(
        "{:<9} one case in sequence {per_second:>6.0}/s, {added_ms:+.3} ms on the floor of {:.3} ms; \
         {} at once {together:>6.0}/s, {floors:.1} floors of {one:.0}/s, {cpu_us_each:.0} us of processor each",
        measured.database, one_each.median_ms, args.cases
    );
    let verified = ground.house.service.verify(None, |_| {}).await?;
    anyhow::ensure!(
        verified.broken.is_empty(),
        "the journals do not hold: {:?}",
        verified.broken
    );
    ground.end().await;
    Ok(measured)
}

/// The rows the last transition left.
async fn sample(ground: &Ground, case: Uuid) -> Result<Sample> {
    let store = &ground.house.store;
    let before = store.case(case).await?.context("the case is there")?;
    submit(ground, case, 2).await?;
    let row = store.case(case).await?.context("the case is there")?;
    let entries = store.journal(case, 0, 10_000).await?;
    let new = usize::try_from(row.version - before.version)?;
    let journal = entries[entries.len() - new..].to_vec();
    let filter = JobFilter {
        case_id: Some(case),
        states: vec![JobState::Waiting],
        created_from: Some(begin() + TimeDelta::milliseconds(2)),
        ..JobFilter::all(100)
    };
    let jobs = store.jobs(&filter).await?;
    Ok(Sample {
        case: row,
        journal,
        jobs,
    })
}

/// One transition, `n` milliseconds after the beginning.
async fn submit(ground: &Ground, case: Uuid, n: i64) -> Result<()> {
    let now = begin() + TimeDelta::milliseconds(n);
    let transition = ground.transition(case, now);
    let outcome = ground.house.service.submit(&[transition], now).await?.pop();
    outcome
        .ok_or_else(|| anyhow!("no answer"))?
        .map_err(|rejection| anyhow!("{rejection}"))?;
    Ok(())
}

/// Transitions a second, when each of these times was spent on so many.
fn rate(times: &[Duration], each: usize) -> Result<f64> {
    let total: Duration = times.iter().sum();
    Ok(float(u64::try_from(times.len() * each)?) / total.as_secs_f64())
}

async fn in_sequence(ground: &Ground, case: Uuid, time: Duration) -> Result<Vec<Duration>> {
    let watch = Stopwatch::start();
    let mut times = Vec::new();
    let mut n = 10;
    while watch.elapsed() < time {
        let one = Stopwatch::start();
        submit(ground, case, n).await?;
        times.push(one.elapsed());
        n += 1;
    }
    Ok(times)
}

async fn at_once(ground: &Arc<Ground>, cases: &[Uuid], time: Duration) -> Result<(f64, Spread)> {
    let watch = Stopwatch::start();
    let mut tasks = tokio::task::JoinSet::new();
    for case in cases.iter().copied() {
        let ground = Arc::clone(ground);
        tasks.spawn(async move {
            let mut times = Vec::new();
            let mut n = 1_000_000;
            while watch.elapsed() < time {
                let one = Stopwatch::start();
                submit(&ground, case, n).await?;
                times.push(one.elapsed());
                n += 1;
            }
            anyhow::Ok(times)
        });
    }
    let mut times = Vec::new();
    while let Some(done) = tasks.join_next().await {
        times.extend(done??);
    }
    Ok((
        float(u64::try_from(times.len())?) / watch.seconds(),
        Spread::of(times),
    ))
}
