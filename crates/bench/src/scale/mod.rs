//! A large database: what a tick, a start and each page cost beside a small one. The rows are made by the service itself,
//! so every case can be opened, and the same questions are asked when it is still small.

mod fill;
mod http;
mod look;
mod serve;

use std::path::PathBuf;

use anyhow::Result;
use peshi_service::Role;
use peshi_test_support::{DatabaseKind, House};
use serde::Serialize;

use crate::ground::{Machine, On, Stopwatch, name, wall};
use fill::Filler;
use look::Looks;

/// Within how many seconds a server with a million cases answers.
const AIM_START_SECONDS: f64 = 2.0;
/// What a tick with nothing due may cost at most, in costs of the same tick in the small database.
const AIM_TICK: f64 = 2.0;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which database
    #[arg(long, value_enum, default_value = "sqlite")]
    on: On,
    /// Cases in the large database
    #[arg(long, default_value_t = 1_000_000)]
    cases: u64,
    /// Armed timers in it, none of them due
    #[arg(long, default_value_t = 5_000_000)]
    timers: u64,
    /// Cases in the small one
    #[arg(long, default_value_t = 10_000)]
    small: u64,
    /// The `peshi` program to start; by default the one beside this one, if there is one
    #[arg(long)]
    program: Option<PathBuf>,
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
    small: Looks,
    large: Looks,
    filled_in_seconds: f64,
    /// An idle tick in the large database, in idle ticks of the small one.
    idle_tick_grows: f64,
    aim_idle_tick_grows: f64,
    /// The program itself, on the large database.
    server: Option<serve::Served>,
    aim_start_seconds: f64,
    met: bool,
}

pub(crate) async fn run(args: &Args) -> Result<()> {
    let mut databases = Vec::new();
    for kind in args.on.kinds() {
        databases.push(measure(*kind, args).await?);
    }
    let report = Report {
        bench: "scale",
        machine: Machine::this(),
        databases,
    };
    println!("{}", serde_json::to_string_pretty(&report)?);
    Ok(())
}

async fn measure(kind: DatabaseKind, args: &Args) -> Result<Measured> {
    crate::ground::needs(kind)?;
    let now = wall();
    let house = House::new(kind, now).await;
    let staff = fill::Staff::hire(&house, now).await;
    let mut filler = Filler::new(&house, &staff, now, args.cases);
    filler.due_soon(0).await?;
    filler.due_soon(1).await?;
    let watch = Stopwatch::start();
    filler.cases_to(args.small).await?;
    let share = u128::from(args.timers) * u128::from(args.small) / u128::from(args.cases.max(1));
    filler.timers_to(u64::try_from(share)?).await?;
    let small = look::all(&house, kind, &staff, now, 0, args.small).await?;
    filler.cases_to(args.cases).await?;
    filler.timers_to(args.timers).await?;
    let filled_in_seconds = watch.seconds();
    let large = look::all(&house, kind, &staff, now, 1, args.cases).await?;
    let program = args.program.clone().or_else(serve::beside);
    let server = match program {
        None => None,
        Some(program) => Some(serve::measure(&program, &house, kind, &staff, now).await?),
    };
    let idle_tick_grows = large.tick_idle.median_ms / small.tick_idle.median_ms;
    let started = server
        .as_ref()
        .is_none_or(|s| s.answers_after_seconds <= AIM_START_SECONDS);
    house.service.finish().await;
    let measured = Measured {
        database: name(kind),
        small,
        large,
        filled_in_seconds,
        idle_tick_grows,
        aim_idle_tick_grows: AIM_TICK,
        server,
        aim_start_seconds: AIM_START_SECONDS,
        met: started && idle_tick_grows <= AIM_TICK,
    };
    drop(staff);
    let House { database, dir, .. } = house;
    database.remove().await;
    drop(dir);
    Ok(measured)
}

impl fill::Staff {
    /// Twenty lawyers, a coordinator and an administrator.
    async fn hire(house: &House, now: chrono::DateTime<chrono::Utc>) -> Self {
        let mut lawyers = Vec::new();
        for n in 0..fill::LAWYERS {
            lawyers.push(house.staff(Role::Lawyer, &format!("lawyer-{n}"), now).await);
        }
        Self {
            lawyers,
            coordinator: house.staff(Role::Coordinator, "coordinator", now).await,
            administrator: house.staff(Role::Administrator, "administrator", now).await,
        }
    }
}
