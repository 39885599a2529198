//! `peshi calendar`: the days of the court calendars, and adding one after a look at what it moves.

use std::io::IsTerminal;
use std::process::ExitCode;

use anyhow::{Result, bail};
use comfy_table::Table;
use peshi_calendar::Only;
use peshi_service::{Clock, DayStatusWord, NewDay, WouldMove};
use peshi_templates::Lang;

use super::{print_json, viewer};
use crate::args::{CalendarCommand, DayArgs};
use crate::clock::SystemClock;
use crate::house::House;
use crate::settings::Settings;

pub(crate) async fn run(settings: Settings, command: CalendarCommand) -> Result<ExitCode> {
    let house = House::open(settings, false).await?;
    match command {
        CalendarCommand::List { from, who, json } => {
            let viewer = viewer(&house, &who).await?;
            let today = SystemClock
                .now()
                .with_timezone(&house.service.zone())
                .date_naive();
            let days = house
                .service
                .calendar_days(&viewer, from.unwrap_or(today))
                .await?;
            if json.json {
                print_json(&days)?;
                return Ok(ExitCode::SUCCESS);
            }
            let mut table = Table::new();
            table.set_header(["Day", "Calendar", "What", "Status", "Only", "From"]);
            for day in days {
                let origin = match (day.added, day.followed) {
                    (false, _) => "the file",
                    (true, true) => "staff",
                    (true, false) => "staff; dates are still moving",
                };
                table.add_row([
                    day.day.to_string(),
                    day.calendar,
                    day.name,
                    day.status,
                    day.only.join(", "),
                    origin.to_owned(),
                ]);
            }
            println!("{table}");
            Ok(ExitCode::SUCCESS)
        }
        CalendarCommand::Add { day, status } => {
            let Some(status) = DayStatusWord::named(&status) else {
                bail!("`{status}` is not known; write confirmed, provisional or open");
            };
            add(&house, &day, status).await
        }
        CalendarCommand::Confirm { day } => add(&house, &day, DayStatusWord::Confirmed).await,
    }
}

async fn add(house: &House, day: &DayArgs, status: DayStatusWord) -> Result<ExitCode> {
    let viewer = viewer(house, &day.who).await?;
    let new = NewDay {
        calendar: day.calendar.clone(),
        day: day.day,
        name: day.name.clone(),
        status,
        only: Only {
            province: day.province.clone(),
            city: day.city.clone(),
            court: day.court.clone(),
        },
    };
    let now = SystemClock.now();
    let would = house.service.preview_calendar_day(&viewer, &new, now).await?;
    if day.json.json {
        print_json(&would)?;
    } else {
        show(house, &would);
    }
    if !day.yes {
        if !std::io::stdin().is_terminal() {
            println!("Nothing was changed: run it again with --yes to add the day.");
            return Ok(ExitCode::SUCCESS);
        }
        eprint!("Add the day and move these dates? [y/N] ");
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer)?;
        if !matches!(answer.trim(), "y" | "Y" | "yes") {
            println!("Nothing was changed.");
            return Ok(ExitCode::SUCCESS);
        }
    }
    let changed = house.service.add_calendar_day(&viewer, &new, now).await?;
    if !day.json.json {
        println!("{} is added; {changed} cases changed.", new.day);
    }
    Ok(ExitCode::SUCCESS)
}

fn show(house: &House, would: &WouldMove) {
    if would.count == 0 {
        println!("No date moves.");
        return;
    }
    let mut table = Table::new();
    table.set_header(["Case", "What", "From", "To"]);
    for one in &would.moves {
        let title = house.renderer.text(Some(&one.pack), Lang::En, &one.key, &[]);
        table.add_row([
            one.reference.clone(),
            title.unwrap_or_else(|| one.key.clone()),
            one.from.to_string(),
            one.to.map_or_else(
                || "a hearing: a task asks for the new date".to_owned(),
                |to| to.to_string(),
            ),
        ]);
    }
    println!("{table}");
    if would.count > would.moves.len() {
        println!("… and {} more.", would.count - would.moves.len());
    }
}
