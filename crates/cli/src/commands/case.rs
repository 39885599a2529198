//! `peshi case`: the use cases of the pages from a console, through the same gate.

use std::process::ExitCode;

use anyhow::{Result, bail};
use comfy_table::Table;
use peshi_casework::{Fields, Knowledge};
use peshi_service::views::CaseSummary;
use peshi_service::{CaseListFilter, Clock, RecordEvent};
use peshi_templates::Lang;
use serde_json::Value;

use super::{print_json, viewer};
use crate::args::{As, CaseCommand};
use crate::clock::SystemClock;
use crate::house::House;
use crate::settings::Settings;

pub(crate) async fn run(settings: Settings, command: CaseCommand) -> Result<ExitCode> {
    let house = House::open(settings, false).await?;
    let now = SystemClock.now();
    match command {
        CaseCommand::Open { pack, who, set } => {
            let viewer = viewer(&house, &who).await?;
            let reference = house
                .service
                .open_case(&viewer, &pack, fields(&set)?, now)
                .await?;
            println!("{reference}");
        }
        CaseCommand::Do {
            reference,
            event,
            instance,
            who,
            set,
            at,
            happened_at,
            known_since,
            source,
            version,
        } => {
            let viewer = viewer(&house, &who).await?;
            let record = RecordEvent {
                instance,
                event,
                form: fields(&set)?,
                occurred_at: at,
                expected_version: version,
                known: Knowledge {
                    happened: happened_at,
                    since: known_since,
                    source,
                },
            };
            let version = house.service.record(&viewer, &reference, record, now).await?;
            println!("{reference} is now at version {version}");
        }
        CaseCommand::Show { reference, who, json } => {
            let viewer = viewer(&house, &who).await?;
            let case = house.service.case(&viewer, &reference, now).await?;
            if json.json {
                print_json(&case)?;
            } else {
                show(&house, &case);
            }
        }
        CaseCommand::List { name, who, json } => match name {
            None => list(&house, &who, json.json).await?,
            Some(name) => {
                let viewer = viewer(&house, &who).await?;
                let found = house.service.find_by_name(&viewer, &name, now).await?;
                show_list(found.cases, json.json)?;
                if found.more {
                    eprintln!("There may be more: give more of the name.");
                }
            }
        },
        CaseCommand::Erase {
            reference,
            who,
            confirm,
        } => {
            let viewer = viewer(&house, &who).await?;
            confirmed(&reference, confirm)?;
            let erased = house.service.erase_case(&viewer, &reference, now).await?;
            println!(
                "{}: its key is destroyed. {} journal entries can be read by nobody; {} timers and messages were called off.",
                erased.reference, erased.entries, erased.cancelled
            );
            println!(
                "Backups made until now still hold the key, sealed under the organisation key. Delete them, or run \
                 `peshi key rotate`, make a new backup and delete the old key. Mail that left stays where it arrived."
            );
        }
        CaseCommand::Journal { reference, who, json } => {
            let viewer = viewer(&house, &who).await?;
            let journal = house.service.journal(&viewer, &reference, 0, 10_000).await?;
            if json.json {
                print_json(&journal)?;
            } else {
                let pack = house.service.case(&viewer, &reference, now).await?.summary.pack;
                for line in journal {
                    let subject = line
                        .subject_key
                        .map(|k| words(&house, &pack, &k))
                        .unwrap_or_default();
                    let fact = words(&house, &pack, &line.key);
                    println!(
                        "{:>5}  {}  {fact}  {subject}",
                        line.seq,
                        line.recorded_at.to_rfc3339()
                    );
                }
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// `FIELD=VALUE` pairs as a form.
pub(super) fn fields(set: &[String]) -> Result<Fields> {
    let mut fields = Fields::new();
    for pair in set {
        let Some((name, value)) = pair.split_once('=') else {
            bail!("`{pair}` is not FIELD=VALUE; write for example --set district=Lahore");
        };
        fields.insert(name.to_owned(), Value::String(value.to_owned()));
    }
    Ok(fields)
}

async fn list(house: &House, who: &As, json: bool) -> Result<()> {
    let viewer = viewer(house, who).await?;
    let mut cases = Vec::new();
    let mut filter = CaseListFilter {
        page: 1,
        ..CaseListFilter::default()
    };
    loop {
        let page = house
            .service
            .my_cases(&viewer, &filter, SystemClock.now())
            .await?;
        cases.extend(page.cases);
        if filter.page >= page.pages {
            break;
        }
        filter.page += 1;
    }
    show_list(cases, json)
}

/// Erasing cannot be undone, so the reference is asked for twice.
fn confirmed(reference: &str, given: Option<String>) -> Result<()> {
    let again = if let Some(again) = given {
        again
    } else {
        eprint!("Nobody will ever read case {reference} again. Type its reference to erase it: ");
        let mut line = String::new();
        std::io::stdin().read_line(&mut line)?;
        line
    };
    if again.trim() == reference {
        Ok(())
    } else {
        bail!("the reference was not repeated; nothing was erased")
    }
}

fn show_list(cases: Vec<CaseSummary>, json: bool) -> Result<()> {
    if json {
        return print_json(&cases);
    }
    let mut table = Table::new();
    table.set_header(["reference", "waiting on", "since", "next in court", "flags"]);
    for case in cases {
        let day = |at: Option<chrono::DateTime<chrono::Utc>>| {
            at.map(|a| {
                a.with_timezone(&chrono_tz::Asia::Karachi)
                    .format("%Y-%m-%d")
                    .to_string()
            })
            .unwrap_or_default()
        };
        let flags: Vec<&str> = [
            ("closed", case.closed),
            ("stalled", case.stalled_since.is_some()),
            ("blind", case.blind_since.is_some()),
            ("overdue", case.overdue_since.is_some()),
        ]
        .into_iter()
        .filter_map(|(word, set)| set.then_some(word))
        .collect();
        table.add_row([
            case.reference,
            case.waiting_on.unwrap_or_default(),
            day(case.waiting_since),
            day(case.next_court_at),
            flags.join(", "),
        ]);
    }
    println!("{table}");
    Ok(())
}

pub(super) fn words(house: &House, pack: &str, key: &str) -> String {
    house
        .renderer
        .text(Some(pack), Lang::En, key, &[])
        .unwrap_or_else(|| key.to_owned())
}

fn show(house: &House, case: &peshi_service::views::CaseView) {
    let pack = case.summary.pack.as_str();
    println!("{}  version {}", case.summary.reference, case.version);
    for region in &case.regions {
        let states: Vec<String> = region.states.iter().map(|s| words(house, pack, &s.key)).collect();
        println!("  {:<28} {}", words(house, pack, &region.key), states.join(", "));
    }
    for child in case.children.iter().filter(|c| c.open) {
        let states: Vec<String> = child.states.iter().map(|s| words(house, pack, &s.key)).collect();
        println!("  {:<28} {}", child.instance, states.join(", "));
    }
    println!("dates:");
    for date in &case.dates {
        let missed = if date.missed { "  MISSED" } else { "" };
        println!(
            "  {}  {}{missed}",
            date.due_at.to_rfc3339(),
            words(house, pack, &date.key)
        );
    }
    println!("can be recorded now:");
    for action in &case.actions {
        println!(
            "  {:<14} {:<28} {}",
            action.instance,
            action.event,
            words(house, pack, &action.key)
        );
    }
}
