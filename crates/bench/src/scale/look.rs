//! The questions asked of a database, small or large, each many times.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};
use peshi_service::{CaseListFilter, Service};
use peshi_store::{Store, StoreOptions};
use peshi_test_support::{DatabaseKind, House};
use serde::Serialize;

use super::fill::{SOON, Staff, case_id, soon};
use crate::floor::Plain;
use crate::ground::{Stopwatch, memory_mib};

/// How often each question is asked.
const TIMES: usize = 60;
/// Idle ticks.
const TICKS: usize = 300;

/// Middle and worst, in milliseconds.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Took {
    pub(crate) median_ms: f64,
    pub(crate) max_ms: f64,
}

impl Took {
    pub(crate) fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let ms = |time: Option<&Duration>| time.map_or(0.0, |t| t.as_secs_f64() * 1_000.0);
        Self {
            median_ms: ms(times.get(times.len() / 2)),
            max_ms: ms(times.last()),
        }
    }
}

/// One question and what it cost.
#[derive(Debug, Serialize)]
pub(crate) struct Asked {
    what: &'static str,
    #[serde(flatten)]
    took: Took,
}

#[derive(Debug, Serialize)]
pub(crate) struct Looks {
    cases: u64,
    waiting_timers: i64,
    database_mib: i64,
    /// Connecting, the library of packs, a service, its key checked.
    service_opens_ms: f64,
    pub(crate) tick_idle: Took,
    /// A hundred timers due, with the messages they caused.
    tick_hundred_due_ms: f64,
    fired: usize,
    memory_mib_before: u64,
    memory_mib_after: u64,
    /// Plain SQL on one connection, no Peshi.
    floors: Vec<Asked>,
    questions: Vec<Asked>,
}

pub(crate) async fn all(
    house: &House,
    kind: DatabaseKind,
    staff: &Staff,
    now: DateTime<Utc>,
    n: i32,
    cases: u64,
) -> Result<Looks> {
    let service_opens_ms = opening(house).await?;
    house.store.refresh_statistics().await?;
    let memory_mib_before = memory_mib();
    let due = soon(n, now);
    let scheduler = house.scheduler("bench");
    // Digests of the days before are none of the tick's cost.
    scheduler.tick(due - TimeDelta::seconds(1)).await?;
    let tick_idle = repeated(TICKS, async |_| {
        let ticked = scheduler.tick(due - TimeDelta::seconds(1)).await?;
        anyhow::ensure!(ticked.fired == 0, "nothing is due");
        Ok(())
    })
    .await?;
    let watch = Stopwatch::start();
    let fired = scheduler.tick(due).await?.fired;
    let tick_hundred_due_ms = watch.elapsed().as_secs_f64() * 1_000.0;
    anyhow::ensure!(fired as u64 >= SOON, "{fired} timers fired");
    let mut plain = Plain::at(&house.database, kind).await?;
    let looks = Looks {
        cases,
        waiting_timers: plain.waiting_timers().await?,
        database_mib: plain.bytes().await? >> 20,
        service_opens_ms,
        tick_idle,
        tick_hundred_due_ms,
        fired,
        memory_mib_before,
        floors: floors(&mut plain, cases).await?,
        questions: questions(house, staff, now, cases).await?,
        memory_mib_after: memory_mib(),
    };
    eprintln!(
        "{cases} cases, {} MiB: an idle tick {:.2} ms (at worst {:.2}), {fired} timers due {tick_hundred_due_ms:.0} ms, a service opens in {service_opens_ms:.0} ms",
        looks.database_mib, looks.tick_idle.median_ms, looks.tick_idle.max_ms
    );
    for asked in looks.floors.iter().chain(&looks.questions) {
        eprintln!(
            "  {:<44} {:>8.2} ms, at worst {:>8.2}",
            asked.what, asked.took.median_ms, asked.took.max_ms
        );
    }
    Ok(looks)
}

async fn opening(house: &House) -> Result<f64> {
    let watch = Stopwatch::start();
    let store = Store::connect(&house.database.url, &StoreOptions::default()).await?;
    let service = Service::new(
        Arc::new(store),
        Arc::new(house.key()),
        house.library(),
        Box::new(|bytes: &mut [u8]| bytes.fill(7)),
    );
    service.has_accounts().await?;
    Ok(watch.elapsed().as_secs_f64() * 1_000.0)
}

pub(crate) async fn repeated(times: usize, mut ask: impl AsyncFnMut(usize) -> Result<()>) -> Result<Took> {
    let mut took = Vec::with_capacity(times);
    for n in 0..times {
        let watch = Stopwatch::start();
        ask(n).await?;
        took.push(watch.elapsed());
    }
    Ok(Took::of(took))
}

async fn floors(plain: &mut Plain, cases: u64) -> Result<Vec<Asked>> {
    let mut one = Vec::new();
    let mut list = Vec::new();
    for n in 0..TIMES {
        let watch = Stopwatch::start();
        plain.case(case_id(scattered(n, cases))).await?;
        one.push(watch.elapsed());
        let watch = Stopwatch::start();
        plain.last_changed().await?;
        list.push(watch.elapsed());
    }
    Ok(vec![
        Asked {
            what: "plain SQL: one case by its id",
            took: Took::of(one),
        },
        Asked {
            what: "plain SQL: 25 open cases, last changed first",
            took: Took::of(list),
        },
    ])
}

/// Numbers all over the range.
fn scattered(n: usize, cases: u64) -> u64 {
    (n as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) % cases.max(1)
}

async fn questions(house: &House, staff: &Staff, now: DateTime<Utc>, cases: u64) -> Result<Vec<Asked>> {
    let service = &house.service;
    let mut references = Vec::new();
    for n in 0..TIMES {
        let row = house.store.case(case_id(scattered(n, cases))).await?;
        references.push(row.context("the case is there")?.reference);
    }
    let lawyer = staff.lawyers.first().context("there are lawyers")?;
    let (coordinator, administrator) = (&staff.coordinator, &staff.administrator);
    let later = now + TimeDelta::days(20);
    let list = |closed, waiting_on: Option<&str>, page| CaseListFilter {
        closed,
        waiting_on: waiting_on.map(str::to_owned),
        page,
    };
    let mut asked = Vec::new();
    macro_rules! ask {
        ($what:literal, |$n:ident| $question:expr) => {
            let took = repeated(TIMES, async |$n: usize| {
                $question.await?;
                Ok(())
            });
            let took = took.await.context($what)?;
            asked.push(Asked { what: $what, took });
        };
    }
    ask!("a case's page, noted in the audit trail", |n| service.case(
        coordinator,
        &references[n],
        now
    ));
    ask!("its journal", |n| service.journal(
        coordinator,
        &references[n],
        0,
        100
    ));
    ask!("its messages", |n| service
        .case_outbox(coordinator, &references[n]));
    ask!("a lawyer's day", |_n| service.day(lawyer, now));
    let (open, deep) = (list(Some(false), None, 1), list(Some(false), None, 40));
    let (all, closed) = (list(None, None, 1), list(Some(true), None, 1));
    let (many, none) = (
        list(Some(false), Some("us"), 1),
        list(Some(false), Some("court"), 1),
    );
    ask!("a lawyer's open cases", |_n| service.my_cases(lawyer, &open, now));
    ask!("a lawyer's cases, all", |_n| service.my_cases(lawyer, &all, now));
    ask!("a coordinator's open cases", |_n| service.my_cases(
        coordinator,
        &open,
        now
    ));
    ask!("a coordinator's open cases, page 40", |_n| service.my_cases(
        coordinator,
        &deep,
        now
    ));
    ask!("a coordinator's cases, all", |_n| service.my_cases(
        coordinator,
        &all,
        now
    ));
    ask!("a coordinator's closed cases: none", |_n| service.my_cases(
        coordinator,
        &closed,
        now
    ));
    ask!("cases waiting on us: all", |_n| service.my_cases(
        coordinator,
        &many,
        now
    ));
    ask!("cases waiting on a court: none", |_n| service.my_cases(
        coordinator,
        &none,
        now
    ));
    ask!("the board, a few stalled", |_n| service.board(coordinator, now));
    ask!("the board, everything stalled", |_n| service
        .board(coordinator, later));
    ask!("a coordinator's outbox", |_n| service.outbox(
        coordinator,
        1,
        None
    ));
    ask!("a coordinator's outbox: dead letters", |_n| service.outbox(
        coordinator,
        1,
        Some("dead")
    ));
    ask!("a lawyer's outbox", |_n| service.outbox(lawyer, 1, None));
    ask!("a lawyer's outbox: what waits", |_n| service.outbox(
        lawyer,
        1,
        Some("waiting")
    ));
    ask!("a name nobody has", |_n| service.find_by_name(
        coordinator,
        "Invented Nobody",
        now
    ));
    ask!("the state of the system, jobs counted", |_n| service
        .health_in_full(administrator, now));
    asked.push(Asked {
        what: "the metrics",
        took: repeated(TIMES, async |_| {
            service.metrics(now).await;
            Ok(())
        })
        .await?,
    });
    Ok(asked)
}
