//! `peshi schedule next`: what a crontab line means.

use std::process::ExitCode;

use anyhow::Result;
use peshi_calendar::CronLine;
use peshi_service::Clock;

use crate::args::ScheduleCommand;
use crate::clock::SystemClock;

pub(crate) fn run(command: ScheduleCommand) -> Result<ExitCode> {
    let ScheduleCommand::Next {
        line,
        zone,
        from,
        count,
    } = command;
    let line = CronLine::parse(&line)?;
    let mut at = from.unwrap_or_else(|| SystemClock.now());
    for _ in 0..count {
        let Some(next) = line.next_after(at, zone) else {
            break;
        };
        println!("{}", next.with_timezone(&zone).to_rfc3339());
        at = next;
    }
    Ok(ExitCode::SUCCESS)
}
