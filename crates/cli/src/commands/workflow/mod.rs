//! `peshi workflow …`: the tools of a pack's author. One file a command.

mod check;
mod desk;
mod explore;
mod simulate;
mod test;
mod words;
mod convert;
mod diagram;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use peshi_calendar::Calendar;
use peshi_casework::pack::{Pack, PackFiles, Severity, load_loose};
use peshi_rehearsal::everyday_calendar;
use peshi_service::Library;

use crate::args::WorkflowCommand;
use crate::packs::{Folders, read_pack};
use crate::settings::Settings;

pub(crate) fn run(settings: &Settings, command: WorkflowCommand) -> Result<ExitCode> {
    match command {
        WorkflowCommand::Check { pack, json } => check::run(settings, &pack, &json),
        WorkflowCommand::Simulate(args) => simulate::run(settings, &args),
        WorkflowCommand::Explore(args) => explore::run(settings, &args),
        WorkflowCommand::Test { pack, name, json } => test::run(settings, &pack, name.as_deref(), &json),
        WorkflowCommand::Convert { file, chart, output } => convert::run(&file, &chart, output.as_deref()),
        WorkflowCommand::Diagram(args) => diagram::run(settings, &args),
    }
}

/// The files of a pack beside its `workflow.yaml`, for whoever names that file instead of the folder.
const BESIDE: [&str; 4] = ["forms.yaml", "deadlines.yaml", "locales/en.ftl", "locales/ur.ftl"];

/// The files of what the author names: a folder, a lone file, or a built-in pack.
fn pack_files(settings: &Settings, pack: &Path) -> Result<PackFiles> {
    if pack.is_dir() {
        return read_pack(pack);
    }
    if pack.is_file() {
        let read = |path: &Path| {
            std::fs::read_to_string(path)
                .with_context(|| format!("{} cannot be read as UTF-8 text", path.display()))
        };
        let mut files = PackFiles::from([("workflow.yaml".to_owned(), read(pack)?)]);
        if pack.file_name().is_some_and(|name| name == "workflow.yaml") {
            for name in BESIDE {
                let beside = pack.with_file_name(name);
                if beside.is_file() {
                    files.insert(name.to_owned(), read(&beside)?);
                }
            }
        }
        return Ok(files);
    }
    let mut folders = Folders::gather(&settings.packs)?;
    let name = pack.display().to_string();
    match folders.packs.remove(&name) {
        Some(files) => Ok(files),
        None => bail!(
            "{name} is neither a file, a folder nor a built-in pack; built in: {}",
            folders.packs.keys().cloned().collect::<Vec<_>>().join(", ")
        ),
    }
}

/// Every calendar at hand, by name.
fn calendars(settings: &Settings) -> Result<BTreeMap<String, Arc<Calendar>>> {
    let folders = Folders::gather(&settings.packs)?;
    let library = Library::build(&BTreeMap::new(), &folders.calendars)?;
    Ok(library
        .calendars()
        .map(|(name, calendar)| (name.clone(), Arc::clone(calendar)))
        .collect())
}

/// A pack read loosely, with its calendar; none when its charts are not sound, which is said then.
fn rehearsed(settings: &Settings, file: &Path, chart: Option<&str>) -> Result<Option<(Pack, Arc<Calendar>)>> {
    let files = pack_files(settings, file)?;
    let (pack, mut findings) = load_loose(&files, chart);
    let Some(pack) = pack else {
        let mut shown = files;
        for finding in findings.iter_mut().filter(|f| f.severity == Severity::Error) {
            // A lone file keeps the name its author gave it.
            if file.is_file() && finding.file == "workflow.yaml" {
                finding.file = file.display().to_string();
                if let Some(text) = shown.get("workflow.yaml").cloned() {
                    shown.insert(finding.file.clone(), text);
                }
            }
            check::show(finding, &shown)?;
        }
        return Ok(None);
    };
    if pack.calendar.is_empty() {
        return Ok(Some((pack, Arc::new(everyday_calendar()))));
    }
    let calendar = calendars(settings)?.remove(&pack.calendar).unwrap_or_else(|| {
        eprintln!(
            "peshi: the calendar `{}` is not known; every day counts as open, in UTC",
            pack.calendar
        );
        Arc::new(everyday_calendar())
    });
    Ok(Some((pack, calendar)))
}
