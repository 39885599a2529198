//! `peshi workflow migrate`: move cases to another version of their pack, or show what would become of each.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use chrono::{DateTime, NaiveTime, Utc};
use chrono_tz::Tz;
use peshi_casework::pack::Pack;
use peshi_service::{CaseMove, DeadlineMove, Migrate, Migrated};
use serde::Serialize;

use super::{pack_files, same_number, sound, stored, version_words};
use crate::args::MigrateArgs;
use crate::clock::SystemClock;
use crate::commands::{print_json, progress};
use crate::house::House;
use crate::settings::Settings;

/// All of it, for programs.
#[derive(Serialize)]
struct Report<'r> {
    to: &'r peshi_casework::PackRef,
    dry_run: bool,
    cases: &'r [CaseMove],
    totals: &'r Migrated,
}

pub(super) async fn run(settings: Settings, args: &MigrateArgs) -> Result<ExitCode> {
    let named = args.pack.display().to_string();
    let mut target = sound(&named, &pack_files(&settings, &args.pack)?)?;
    let house = House::open(settings, false).await?;
    if let Some(which) = &args.to {
        target = stored(&house.store, &target.id.name, which).await?;
    }
    if let Some(warning) = same_number(&house.store, &target.id).await? {
        eprintln!("warning: {warning}");
    }
    let target = Arc::new(target);
    let zone = house.service.library().calendar_of(&target)?.zone;
    let asked = Migrate {
        from: args.from.clone(),
        timers: args.timers,
        batch: args.batch,
        dry_run: args.dry_run,
    };
    let what = if args.dry_run {
        "looking at cases"
    } else {
        "moving cases"
    };
    let bar = progress(house.service.cases_of_pack(&target.id.name).await?, what);
    let mut cases = Vec::new();
    if !args.json.json {
        println!("{} to version {}", target.id.name, version_words(&target.id));
    }
    let totals = house
        .service
        .migrate_cases(&target, &asked, &SystemClock, |seen, case| match case {
            None => bar.set_position(seen),
            Some(case) if args.json.json => cases.push(case.clone()),
            Some(case) => bar.suspend(|| show(case, &target, zone)),
        })
        .await?;
    bar.finish_and_clear();
    if args.json.json {
        print_json(&Report {
            to: &target.id,
            dry_run: args.dry_run,
            cases: &cases,
            totals: &totals,
        })?;
    } else {
        show_totals(&totals, args.dry_run);
    }
    Ok(if totals.refused == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn show(case: &CaseMove, target: &Pack, zone: Tz) {
    let way = format!("version {} → {}", version_words(&case.from), target.id.version);
    if let Some(refused) = &case.refused {
        println!("{}  {way}  REFUSED\n    {refused}", case.reference);
        return;
    }
    println!("{}  {way}", case.reference);
    // What has ended and stands where it stood tells nobody anything.
    for instance in case.instances.iter().filter(|i| !i.ended || i.from != i.to) {
        println!(
            "    {:<14} {}",
            instance.instance,
            states_words(&instance.from, &instance.to)
        );
    }
    for deadline in &case.deadlines {
        println!("    {:<14} {}", deadline.instance, deadline_words(deadline, zone));
    }
}

/// Which states go where; those that stay are counted.
fn states_words(from: &[String], to: &[String]) -> String {
    let only = |these: &[String], others: &[String]| -> Vec<String> {
        these.iter().filter(|id| !others.contains(id)).cloned().collect()
    };
    let (left, entered) = (only(from, to), only(to, from));
    let stay = to.len() - entered.len();
    if left.is_empty() && entered.is_empty() {
        return format!("stays in {}", to.join(", "));
    }
    let name = |ids: &[String]| {
        if ids.is_empty() {
            "nothing".to_owned()
        } else {
            ids.join(", ")
        }
    };
    let rest = if stay == 0 {
        String::new()
    } else {
        format!(" ({stay} more stay)")
    };
    format!("{} → {}{rest}", name(&left), name(&entered))
}

/// A local moment; the midnight that ends a day is told as the end of that day.
fn moment(at: DateTime<Utc>, zone: Tz) -> String {
    let local = at.with_timezone(&zone);
    match local
        .date_naive()
        .pred_opt()
        .filter(|_| local.time() == NaiveTime::MIN)
    {
        Some(day) => format!("end of {day}"),
        None => local.format("%Y-%m-%d %H:%M").to_string(),
    }
}

fn deadline_words(deadline: &DeadlineMove, zone: Tz) -> String {
    let day = |at: DateTime<Utc>| moment(at, zone);
    let missed = if deadline.missed { ", missed before" } else { "" };
    let name = match (&deadline.rule, &deadline.new_rule) {
        (Some(old), Some(new)) if old != new => format!("{old} → {new}"),
        (Some(name), _) | (None, Some(name)) => name.clone(),
        (None, None) => String::new(),
    };
    match (deadline.due_at, deadline.new_due_at) {
        (Some(old), Some(new)) if old == new => format!("{name}: due {}{missed}", day(old)),
        (Some(old), Some(new)) => format!("{name}: due {} → {}{missed}", day(old), day(new)),
        (Some(old), None) => format!("{name}: due {} → ends{missed}", day(old)),
        (None, new) => format!("{name}: begins, due {}", new.map(day).unwrap_or_default()),
    }
}

fn show_totals(totals: &Migrated, dry_run: bool) {
    let verb = if dry_run { "would move" } else { "moved" };
    println!(
        "{} {verb}, {} refused, {} on that version already",
        totals.moved, totals.refused, totals.there
    );
    if totals.passed_over > 0 {
        println!("{} on versions that were not asked for", totals.passed_over);
    }
    if dry_run {
        println!("A dry run: nothing was changed.");
    }
    if totals.refused > 0 {
        println!(
            "Refused cases stay as they are. Say in migration.yaml where their states go, and run this again."
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_states_read_like_speech() {
        let zone = chrono_tz::Asia::Karachi;
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        assert_eq!(moment(at("2026-11-25T19:00:00Z"), zone), "end of 2026-11-25");
        assert_eq!(moment(at("2026-11-25T04:00:00Z"), zone), "2026-11-25 09:00");
        let ids = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(states_words(&ids("a b"), &ids("a b")), "stays in a, b");
        assert_eq!(states_words(&ids("a b"), &ids("a c")), "b → c (1 more stay)");
        assert_eq!(states_words(&ids("b"), &ids("b c")), "nothing → c (1 more stay)");
    }
}
