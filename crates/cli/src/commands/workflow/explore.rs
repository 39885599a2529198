//! `peshi workflow explore`: what can happen in a pack at all, and what is wrong with it.

use std::io::IsTerminal;
use std::process::ExitCode;

use anyhow::Result;
use peshi_rehearsal::Stage;
use peshi_rehearsal::explore::{Bounds, Explored, Found, explore};

use super::rehearsed;
use crate::args::ExploreArgs;
use crate::commands::{print_json, progress};
use crate::settings::Settings;

pub(super) fn run(settings: &Settings, args: &ExploreArgs) -> Result<ExitCode> {
    let Some((pack, calendar)) = rehearsed(settings, &args.file, args.chart.as_deref())? else {
        return Ok(ExitCode::FAILURE);
    };
    let stage = Stage {
        pack: &pack,
        calendar: &calendar,
    };
    let bounds = Bounds {
        limit: args.limit,
        depth: args.depth,
        children: args.children,
    };
    let bar = progress(args.limit as u64, "configurations");
    let explored = explore(stage, bounds, &mut |looked_at, waiting| {
        bar.set_position(looked_at as u64);
        bar.set_message(format!("configurations ({waiting} wait)"));
    })?;
    let seconds = bar.elapsed().as_secs_f64();
    bar.finish_and_clear();
    if args.json.json {
        print_json(&explored)?;
    } else {
        show(&explored);
        if std::io::stderr().is_terminal() && seconds > 0.0 {
            #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
            let rate = explored.configurations as f64 / seconds;
            eprintln!("{rate:.0} configurations a second");
        }
    }
    Ok(if explored.is_bad() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn show(explored: &Explored) {
    let how = if explored.complete {
        "all there are".to_owned()
    } else {
        format!("stopped by: {}", explored.stopped_by.join(", "))
    };
    println!(
        "{} configurations, {} decisions; {how}.",
        explored.configurations, explored.decisions
    );
    list("Broken invariants", &explored.broken, 0);
    list("Dead ends", &explored.dead_ends, explored.more_dead_ends);
    list("Steps that fail", &explored.faults, 0);
    list(
        "Open, but nobody must act and no clock runs",
        &explored.unwatched,
        explored.more_unwatched,
    );
    if !explored.never_reached.is_empty() {
        let bound = if explored.complete {
            ""
        } else {
            " within the bound"
        };
        println!(
            "\nStates not reached{bound}: {}",
            explored.never_reached.join(", ")
        );
    }
    if !explored.clock_bound.is_empty() {
        println!("\nConditions that read the clock, answered for one day only:");
        for condition in &explored.clock_bound {
            println!("  {condition}");
        }
    }
}

fn list(title: &str, found: &[Found], more: usize) {
    if found.is_empty() {
        return;
    }
    println!("\n{title}: {}", found.len() + more);
    for one in found {
        println!("  {}", one.what);
        for instance in &one.configuration {
            println!("    {instance}");
        }
        for (n, step) in one.path.iter().enumerate() {
            println!("    {:>3}. {step}", n + 1);
        }
    }
    if more > 0 {
        println!("  … and {more} more");
    }
}
