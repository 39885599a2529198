//! `peshi deadline`: the dates of a case, their reasons in words, and what people do to them.

use std::process::ExitCode;

use anyhow::{Result, bail};
use comfy_table::Table;
use peshi_casework::DeadlineAct;
use peshi_service::views::DateView;
use peshi_service::{ChangeDeadline, Clock, Viewer};
use peshi_templates::Lang;
use serde_json::json;

use super::{print_json, viewer};
use crate::args::{DeadlineCommand, Which};
use crate::clock::SystemClock;
use crate::house::House;
use crate::settings::Settings;

pub(crate) async fn run(settings: Settings, command: DeadlineCommand) -> Result<ExitCode> {
    let house = House::open(settings, false).await?;
    let (which, act, at) = match command {
        DeadlineCommand::List { case, who, json } => {
            let viewer = viewer(&house, &who).await?;
            let dates = house.service.deadlines(&viewer, &case, SystemClock.now()).await?;
            if json.json {
                print_json(&dates)?;
            } else {
                list(&house, &dates);
            }
            return Ok(ExitCode::SUCCESS);
        }
        DeadlineCommand::Explain { which, json } => {
            let viewer = viewer(&house, &which.who).await?;
            let date = find(&house, &viewer, &which).await?;
            if json.json {
                print_json(&date)?;
            } else {
                explain(&house, &date);
            }
            return Ok(ExitCode::SUCCESS);
        }
        DeadlineCommand::Stop {
            which,
            category,
            reason,
            at,
        } => (which, DeadlineAct::Stop { category, reason }, at),
        DeadlineCommand::Resume { which, at } => (which, DeadlineAct::Resume, at),
        DeadlineCommand::Override {
            which,
            day,
            time,
            reason,
        } => (which, DeadlineAct::Override { day, time, reason }, None),
        DeadlineCommand::Met { which, proof } => (which, DeadlineAct::Met { proof }, None),
        DeadlineCommand::Excuse { which, reason } => (which, DeadlineAct::Excuse { reason }, None),
    };
    let viewer = viewer(&house, &which.who).await?;
    let date = find(&house, &viewer, &which).await?;
    let change = ChangeDeadline {
        deadline: date.id.clone(),
        act,
        occurred_at: at,
        expected_version: None,
    };
    let now = SystemClock.now();
    house
        .service
        .change_deadline(&viewer, &which.case, change, now)
        .await?;
    let dates = house.service.deadlines(&viewer, &which.case, now).await?;
    if let Some(date) = dates.iter().find(|d| d.id == date.id) {
        println!("{}: {}", title(&house, date), state(&house, date));
    }
    Ok(ExitCode::SUCCESS)
}

/// The date that was meant: by its number, or by its rule if only one runs.
async fn find(house: &House, viewer: &Viewer, which: &Which) -> Result<DateView> {
    let dates = house
        .service
        .deadlines(viewer, &which.case, SystemClock.now())
        .await?;
    let key = format!("deadline-{}", which.deadline);
    let short = |date: &DateView| number(date) == which.deadline || date.id == which.deadline;
    let mut found: Vec<&DateView> = dates.iter().filter(|d| short(d)).collect();
    if found.is_empty() {
        found = dates.iter().filter(|d| d.key == key && !d.ended).collect();
    }
    if found.is_empty() {
        found = dates.iter().filter(|d| d.key == key).collect();
    }
    match found.as_slice() {
        [date] => Ok((*date).clone()),
        [] => bail!(
            "the case {} has no date `{}`; `peshi deadline list {}` shows those it has",
            which.case,
            which.deadline,
            which.case
        ),
        several => bail!(
            "the case {} has {} dates called `{}`; name one by its number: {}",
            which.case,
            several.len(),
            which.deadline,
            several.iter().map(|d| number(d)).collect::<Vec<_>>().join(", ")
        ),
    }
}

/// The part of the id that tells the dates of one case apart.
fn number(date: &DateView) -> &str {
    let rest = date.id.split_once(':').map_or(date.id.as_str(), |(_, rest)| rest);
    rest.strip_suffix(":0").unwrap_or(rest)
}

fn words(house: &House, pack: &str, key: &str) -> String {
    house
        .renderer
        .text(Some(pack), Lang::En, key, &[])
        .unwrap_or_else(|| key.to_owned())
}

fn title(house: &House, date: &DateView) -> String {
    words(house, &date.pack, &date.key)
}

fn day(date: &DateView) -> String {
    match date.last_day {
        Some(day) if date.whole_day => day.to_string(),
        _ => date.due_at.format("%Y-%m-%d %H:%M UTC").to_string(),
    }
}

fn state(house: &House, date: &DateView) -> String {
    match (&date.stopped, date.ended, date.missed) {
        (Some(category), ..) => {
            format!(
                "stopped ({})",
                words(house, &date.pack, &format!("stop-{category}"))
            )
        }
        (None, true, _) => "ended".to_owned(),
        (None, false, true) => format!("missed, was due {}", day(date)),
        (None, false, false) => format!("due {}", day(date)),
    }
}

fn list(house: &House, dates: &[DateView]) {
    let mut table = Table::new();
    table.set_header(["Number", "What", "Where", "State", "Finish by", "In law"]);
    for date in dates {
        let caution = match date.standing.as_str() {
            "in_force" => String::new(),
            standing => format!("; {}", words(house, &date.pack, &format!("standing-{standing}"))),
        };
        table.add_row([
            number(date).to_owned(),
            title(house, date),
            date.instance.clone(),
            state(house, date),
            date.internal_last_day.map(|d| d.to_string()).unwrap_or_default(),
            format!(
                "{}{caution}",
                words(house, &date.pack, &format!("deadline-kind-{}", date.legal_kind))
            ),
        ]);
    }
    println!("{table}");
}

fn explain(house: &House, date: &DateView) {
    let say = |label: &str, text: &str| println!("  {label}: {text}");
    let stated = |text: &Option<String>| text.clone().unwrap_or_else(|| "not stated".to_owned());
    println!(
        "{} ({}): {}",
        title(house, date),
        date.instance,
        state(house, date)
    );
    let kind = words(house, &date.pack, &format!("deadline-kind-{}", date.legal_kind));
    say("Kind", &kind);
    if let Some(code) = &date.code {
        say("Code", code);
    }
    if let Some(last) = date.last_day {
        say("Last day in law", &last.to_string());
    }
    if let Some(internal) = date.internal_last_day {
        say("Finish by", &internal.to_string());
    }
    say("Basis", &stated(&date.basis));
    say("Source", &stated(&date.source));
    say("Confidence", &stated(&date.confidence));
    let signed = date.signed_off.clone();
    say(
        "Signed off",
        &signed.unwrap_or_else(|| words(house, &date.pack, "not-signed-off")),
    );
    println!("Why this date:");
    for line in &date.why {
        let args = [
            ("date", json!(line.date.to_string())),
            ("until", json!(line.until.to_string())),
            ("text", json!(line.text)),
            ("number", json!(line.number)),
            ("unit", json!(line.unit)),
        ];
        let text = house.renderer.text(Some(&date.pack), Lang::En, &line.key, &args);
        println!("  - {}", text.unwrap_or_else(|| line.key.clone()));
    }
    println!("{}", words(house, &date.pack, "legal-note"));
}
