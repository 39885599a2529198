//! N timers due at one instant: how late the first and the last are journalled by a running scheduler.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use chrono::TimeDelta;
use peshi_test_support::DatabaseKind;
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use crate::floor::Plain;
use crate::ground::{Ground, Machine, On, Running, Stopwatch, begin, cpu, float, name};

/// Within how many seconds the last of [`AIM_TIMERS`] is journalled.
const AIM_SECONDS: f64 = 2.0;
/// How often it is looked how far the scheduler has come.
const LOOK: Duration = Duration::from_millis(20);
const AIM_TIMERS: usize = 10_000;
/// Timers that one case has due at that instant.
const A_CASE: usize = 2;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which database
    #[arg(long, value_enum, default_value = "both")]
    on: On,
    /// Timers due at one instant
    #[arg(long, default_value_t = AIM_TIMERS)]
    timers: usize,
}

#[derive(Debug, Serialize)]
struct Report {
    bench: &'static str,
    machine: Machine,
    databases: Vec<Measured>,
}

#[derive(Debug, Serialize)]
struct Measured {
    database: &'static str,
    timers: u64,
    first_late_seconds: f64,
    last_late_seconds: f64,
    per_second: f64,
    /// Processor time of the whole process a timer.
    cpu_us_each: f64,
    aim_seconds: Option<f64>,
    met: bool,
}

pub(crate) async fn run(args: &Args) -> Result<()> {
    let mut databases = Vec::new();
    for kind in args.on.kinds() {
        databases.push(measure(*kind, args).await?);
    }
    let report = Report {
        bench: "timers",
        machine: Machine::this(),
        databases,
    };
    println!("{}", serde_json::to_string_pretty(&report)?);
    Ok(())
}

async fn measure(kind: DatabaseKind, args: &Args) -> Result<Measured> {
    let ground = Ground::new(kind).await?;
    // The police have a day to answer, and so long it may stand still: two timers in each case, all due at the same instant.
    let cases = ground.open(args.timers.div_ceil(A_CASE), begin()).await?;
    for some in cases.chunks(250) {
        let group: Vec<_> = some.iter().map(|case| ground.waiting(*case, begin())).collect();
        for outcome in ground.house.service.submit(&group, begin()).await? {
            outcome?;
        }
    }
    let house = &ground.house;
    let due = house
        .store
        .next_due()
        .await?
        .context("a case that waits has a timer")?;
    let mut looking = Plain::at(&house.database, kind).await?;
    let timers = looking.timers("waiting", due).await?;
    ensure!(
        usize::try_from(timers)? == cases.len() * A_CASE,
        "{timers} timers are due in {} cases, not {A_CASE} in each: the pack has changed",
        cases.len()
    );
    let lead = TimeDelta::milliseconds(300);
    let clock = Running {
        from: due - lead,
        watch: Stopwatch::start(),
    };
    let stop = CancellationToken::new();
    let scheduler = house.scheduler("bench");
    let ending = stop.clone();
    let watch = clock.watch;
    let before = cpu();
    let worker = tokio::spawn(async move { scheduler.run(Arc::new(clock), ending).await });
    let mut first = None;
    let last = loop {
        tokio::time::sleep(LOOK).await;
        let done = looking.timers("done", due).await?;
        let late = watch.seconds() - lead.as_seconds_f64();
        if done > 0 && first.is_none() {
            first = Some(late);
        }
        if done >= timers {
            break late;
        }
    };
    stop.cancel();
    worker.await?;
    let count = u64::try_from(timers)?;
    let aim_seconds = (count <= AIM_TIMERS as u64).then_some(AIM_SECONDS);
    let measured = Measured {
        database: name(kind),
        timers: count,
        first_late_seconds: first.unwrap_or(last),
        last_late_seconds: last,
        per_second: float(count) / last,
        cpu_us_each: (cpu() - before) * 1_000_000.0 / float(count),
        aim_seconds,
        met: aim_seconds.is_none_or(|aim| last <= aim),
    };
    eprintln!(
        "{:<9} {count} timers: the first {:.3} s late, the last {:.3} s, {:.0}/s, {:.0} us of processor each",
        measured.database, measured.first_late_seconds, last, measured.per_second, measured.cpu_us_each
    );
    drop(looking);
    ground.end().await;
    Ok(measured)
}
