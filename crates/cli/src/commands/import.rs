//! `peshi import events`: replay an event log onto a pack.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use peshi_import::{Import, Mapping, Report};
use peshi_service::Clock;

use super::{print_json, progress};
use crate::args::ImportCommand;
use crate::clock::SystemClock;
use crate::house::House;
use crate::packs::Folders;
use crate::settings::Settings;

/// Refused rows printed one by one; JSON has all of them.
const SHOWN: usize = 20;

pub(crate) async fn run(settings: Settings, command: ImportCommand) -> Result<ExitCode> {
    let ImportCommand::Events {
        file,
        pack,
        map,
        dry_run,
        json,
    } = command;
    let source =
        std::fs::read(&file).with_context(|| format!("the log {} cannot be read", file.display()))?;
    let mapping = mapping(&settings, &pack, map.as_deref())?;
    let scratch = if dry_run { Some(Scratch::make()?) } else { None };
    let house = match &scratch {
        // A dry run is a real run, in a folder that is thrown away.
        Some(scratch) => {
            let elsewhere = Settings {
                data: scratch.0.clone(),
                database: None,
                ..settings
            };
            House::open(elsewhere, true).await?
        }
        None => House::open(settings, true).await?,
    };
    let import = Import::new(
        Arc::clone(&house.service),
        Arc::clone(&house.store),
        &pack,
        mapping,
    )?
    .as_of(SystemClock.now());
    let began = SystemClock.now();
    let bar = progress(1, "reading the log");
    let report = import
        .run(source.as_slice(), |p| {
            bar.set_length(p.total as u64);
            bar.set_position(p.done as u64);
            bar.set_message(format!("replaying {}", p.at.format("%Y-%m-%d")));
            true
        })
        .await?;
    bar.finish_and_clear();
    house.store.refresh_statistics().await?;
    let seconds = (SystemClock.now() - began).as_seconds_f64();
    if json.json {
        print_json(&report)?;
    } else {
        show(&report, seconds, dry_run);
    }
    Ok(ExitCode::SUCCESS)
}

fn mapping(settings: &Settings, pack: &str, map: Option<&Path>) -> Result<Mapping> {
    if let Some(file) = map {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("the map {} cannot be read", file.display()))?;
        return Ok(Mapping::parse(&file.display().to_string(), &text)?);
    }
    let folders = Folders::gather(&settings.packs)?;
    let Some(files) = folders.packs.get(pack) else {
        bail!(
            "there is no pack `{pack}`; known: {}",
            folders.packs.keys().cloned().collect::<Vec<_>>().join(", ")
        );
    };
    let Some(text) = files.get("import.yaml") else {
        bail!("the pack `{pack}` brings no import.yaml; name a map with `--map FILE` (docs/import.md)");
    };
    Ok(Mapping::parse("import.yaml", text)?)
}

fn show(report: &Report, seconds: f64, dry_run: bool) {
    println!(
        "{} rows in {seconds:.1} s{}",
        report.rows,
        if dry_run {
            "; a dry run: nothing was changed"
        } else {
            ""
        }
    );
    println!(
        "  {:>7} accepted, {} of them opened a case",
        report.accepted, report.cases_opened
    );
    println!(
        "  {:>7} applied by an earlier run of the same file",
        report.rows_known
    );
    println!("  {:>7} refused", report.refused.len());
    for (reason, number) in &report.refused_by_reason {
        println!("          {number:>6}  {reason}");
    }
    for refused in report.refused.iter().take(SHOWN) {
        println!(
            "          line {}: case {}: {}",
            refused.line, refused.case, refused.reason
        );
    }
    if report.refused.len() > SHOWN {
        println!(
            "          … {} more; --json lists them",
            report.refused.len() - SHOWN
        );
    }
    println!("  {:>7} timers fired", report.timers_fired);
    let observed = &report.observed;
    if observed.expected > 0 {
        println!(
            "  {:>7} acts of the machine told by the log; {} matched, {} unmatched, {} done but not told",
            observed.expected,
            observed.matched,
            observed.unmatched.len(),
            observed.unexpected.len()
        );
    }
    for (states, number) in &report.final_states {
        println!("  {number:>7} cases end in {states}");
    }
}

/// A folder that is thrown away.
struct Scratch(PathBuf);

impl Scratch {
    fn make() -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("peshi-dry-run-{}", std::process::id()));
        std::fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(folder = %self.0.display(), %error, "the folder of the dry run could not be removed");
        }
    }
}
