//! `peshi schedule`: what a crontab line means, and how the recurring schedules stand.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use peshi_calendar::CronLine;
use peshi_service::{Clock, OccurrenceView, ScheduleView};

use super::print_json;
use crate::args::{ScheduleCommand, ScheduleNextArgs};
use crate::clock::SystemClock;
use crate::house::House;
use crate::settings::Settings;

pub(crate) async fn run(settings: Settings, command: ScheduleCommand) -> Result<ExitCode> {
    match command {
        ScheduleCommand::Next(args) => next(&settings, &args),
        ScheduleCommand::List { last, json } => list(settings, last, json.json).await,
    }
}

fn next(settings: &Settings, args: &ScheduleNextArgs) -> Result<ExitCode> {
    let line = CronLine::parse(&args.line)?;
    let zone = args.zone.unwrap_or(settings.zone);
    let from = args.from.unwrap_or_else(|| SystemClock.now());
    let times = line
        .occurrences_after(from, zone)
        .take(args.count)
        .map(|at| local(at, zone));
    let mut shown = 0;
    if args.json.json {
        let times: Vec<String> = times.collect();
        shown = times.len();
        print_json(&times)?;
    } else {
        let mut out = std::io::stdout().lock();
        for time in times {
            // Whoever reads may have seen enough.
            if writeln!(out, "{time}").is_err() {
                return Ok(ExitCode::SUCCESS);
            }
            shown += 1;
        }
    }
    if shown < args.count {
        eprintln!("peshi: no more occurrences of {line} up to the year 2100");
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(settings: Settings, last: u64, json: bool) -> Result<ExitCode> {
    let house = House::open(settings, false).await?;
    let views = house
        .service
        .schedule_views(&house.schedules, last, SystemClock.now())
        .await?;
    if json {
        print_json(&views)?;
    } else {
        for view in &views {
            print(view);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn print(view: &ScheduleView) {
    let zone: Tz = view.zone.parse().unwrap_or(Tz::UTC);
    let time =
        |at: Option<DateTime<Utc>>, none: &str| at.map_or_else(|| none.to_owned(), |at| local(at, zone));
    println!("{}", view.name);
    println!("  line       {}   ({})", view.line, view.zone);
    println!("  catch-up   {}", view.catch_up);
    println!("  next       {}", time(view.next_at, "never"));
    println!(
        "  planned to {}",
        time(view.planned_until, "not seen by the scheduler yet")
    );
    for occurrence in &view.occurrences {
        println!("  {}", line(occurrence, view, zone));
    }
}

fn line(occurrence: &OccurrenceView, view: &ScheduleView, zone: Tz) -> String {
    let at = local(occurrence.at, zone);
    let when = match occurrence.until {
        Some(until) => format!("{at} to {}, {} times", local(until, zone), occurrence.count),
        None => at,
    };
    let what = match (occurrence.state.as_str(), occurrence.because.as_deref()) {
        ("suppressed", Some("catch_up")) => {
            format!("skipped: it was missed, and catch-up is `{}`", view.catch_up)
        }
        (state, Some(because)) => format!("{state}: {because}"),
        (state, None) => state.to_owned(),
    };
    match occurrence.settled_at {
        Some(settled) => format!("{when}   {what} ({})", local(settled, zone)),
        None => format!("{when}   {what}"),
    }
}

fn local(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).to_rfc3339()
}
