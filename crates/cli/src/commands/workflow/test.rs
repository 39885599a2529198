//! `peshi workflow test`: a pack's own stories, each lived on virtual time, and where they are not as told.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use peshi_casework::pack::{Severity, load};
use peshi_rehearsal::scenario::{Report, Scenario, run as live};

use super::{calendars, check, pack_files};
use crate::args::JsonArgs;
use crate::commands::{print_json, progress};
use crate::settings::Settings;

pub(super) fn run(settings: &Settings, pack: &Path, only: Option<&str>, json: &JsonArgs) -> Result<ExitCode> {
    let files = pack_files(settings, pack)?;
    let (loaded, findings) = load(&files);
    let Some(loaded) = loaded else {
        for finding in findings.iter().filter(|f| f.severity == Severity::Error) {
            check::show(finding, &files)?;
        }
        return Ok(ExitCode::FAILURE);
    };
    let calendars = calendars(settings)?;
    for name in loaded.calendar_names() {
        let known = calendars.contains_key(name);
        anyhow::ensure!(
            known,
            "the calendar `{name}` is not known; --packs DIR brings more"
        );
    }
    let stories: Vec<(&String, &String)> = files.iter().filter(|(name, _)| is_story(name, only)).collect();
    if stories.is_empty() {
        let which = only
            .map(|o| format!(" with `{o}` in its name"))
            .unwrap_or_default();
        anyhow::bail!("the pack has no story{which}: its folder scenarios/ holds one YAML file each");
    }
    let bar = progress(stories.len() as u64, "stories");
    let (mut reports, mut unreadable) = (Vec::new(), Vec::new());
    for (name, text) in stories {
        match Scenario::parse(name, text)
            .and_then(|story| live(&story, &loaded, &calendars[loaded.calendar_in(story.province())]))
        {
            Ok(report) => reports.push(report),
            Err(error) => unreadable.push(format!("{name}: {error}")),
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    let failed = reports.iter().filter(|r| !r.differences.is_empty()).count() + unreadable.len();
    if json.json {
        print_json(&serde_json::json!({ "stories": reports, "unreadable": unreadable, "failed": failed }))?;
    } else {
        reports.iter().for_each(show);
        for error in &unreadable {
            println!("FAIL  {error}");
        }
        println!(
            "{} stories, {failed} not as told.",
            reports.len() + unreadable.len()
        );
    }
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn is_story(name: &str, only: Option<&str>) -> bool {
    let story = name
        .strip_prefix("scenarios/")
        .and_then(|name| name.strip_suffix(".yaml"));
    story.is_some_and(|name| only.is_none_or(|only| name.contains(only)))
}

fn show(report: &Report) {
    if report.differences.is_empty() {
        println!(
            "ok    {}: {} ({} steps)",
            report.file, report.scenario, report.steps
        );
        return;
    }
    println!("FAIL  {}: {}", report.file, report.scenario);
    for d in &report.differences {
        println!(
            "  {}:{}  step {}, {}\n    {}\n      expected  {}\n      got       {}",
            d.file, d.line, d.step, d.doing, d.what, d.expected, d.got
        );
    }
}
