//! `peshi workflow …`: the tools of a pack's author. One file a command.

mod check;
mod convert;
mod desk;
mod diagram;
mod diff;
mod explore;
mod migrate;
mod schema;
mod simulate;
mod test;
mod words;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use peshi_calendar::Calendar;
use peshi_casework::PackRef;
use peshi_casework::pack::migration::names_version;
use peshi_casework::pack::{Finding, Pack, PackFiles, Severity, load, load_loose};
use peshi_rehearsal::everyday_calendar;
use peshi_service::Library;
use peshi_store::{PackRow, Store, StoreOptions};

use crate::args::WorkflowCommand;
use crate::house::Places;
use crate::packs::{Folders, read_pack, read_text};
use crate::settings::Settings;

pub(crate) async fn run(settings: Settings, command: WorkflowCommand) -> Result<ExitCode> {
    match command {
        WorkflowCommand::Check { pack, json } => check::run(&settings, &pack, &json).await,
        WorkflowCommand::Simulate(args) => simulate::run(&settings, &args),
        WorkflowCommand::Explore(args) => explore::run(&settings, &args),
        WorkflowCommand::Test { pack, name, json } => test::run(&settings, &pack, name.as_deref(), &json),
        WorkflowCommand::Convert { file, chart, output } => convert::run(&file, &chart, output.as_deref()),
        WorkflowCommand::Diagram(args) => diagram::run(&settings, &args),
        WorkflowCommand::Diff { old, new, json } => diff::run(&settings, &old, &new, &json).await,
        WorkflowCommand::Migrate(args) => migrate::run(settings, &args).await,
        WorkflowCommand::Schema { file } => schema::run(file),
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
        let mut files = PackFiles::from([("workflow.yaml".to_owned(), read_text(pack, "workflow.yaml")?)]);
        if pack.file_name().is_some_and(|name| name == "workflow.yaml") {
            for name in BESIDE {
                let beside = pack.with_file_name(name);
                if beside.is_file() {
                    files.insert(name.to_owned(), read_text(&beside, name)?);
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
    Ok(library.calendars())
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

/// A pack that can be used; what is wrong with it otherwise.
fn sound(name: &str, files: &PackFiles) -> Result<Pack> {
    let (pack, findings) = load(files);
    pack.with_context(|| {
        let errors = findings.iter().filter(|f| f.severity == Severity::Error);
        let errors: Vec<String> = errors.map(Finding::to_string).collect();
        format!("the pack {name} cannot be used:\n{}", errors.join("\n"))
    })
}

/// The version of a pack that cases were pinned to and that `which` names: a number or the beginning of a hash.
async fn stored(store: &Store, name: &str, which: &str) -> Result<Pack> {
    let rows = store.packs().await?;
    let of_name: Vec<&PackRow> = rows.iter().filter(|row| row.name == name).collect();
    let found: Vec<&&PackRow> = of_name
        .iter()
        .filter(|row| names_version(which, &version_of(row)))
        .collect();
    match found.as_slice() {
        [row] => {
            let files = serde_json::from_value(row.content.clone())
                .with_context(|| format!("the stored files of {name}@{which} cannot be read"))?;
            sound(&format!("{name}@{which}"), &files)
        }
        [] => bail!(
            "no case was ever pinned to {name}@{which}; versions in this database: {}",
            listed(of_name.iter().copied())
        ),
        several => bail!(
            "{name}@{which} could be any of {}; name the hash",
            listed(several.iter().map(|row| **row))
        ),
    }
}

fn version_of(row: &PackRow) -> PackRef {
    PackRef {
        name: row.name.clone(),
        version: u32::try_from(row.version).unwrap_or(0),
        hash: row.hash.clone(),
    }
}

fn listed<'r>(rows: impl Iterator<Item = &'r PackRow>) -> String {
    let each: Vec<String> = rows.map(|row| version_words(&version_of(row))).collect();
    if each.is_empty() {
        "none".to_owned()
    } else {
        each.join(", ")
    }
}

/// A version for people: `2 (0a1b2c3d4e5f)`.
fn version_words(version: &PackRef) -> String {
    format!(
        "{} ({})",
        version.version,
        version.hash.get(..12).unwrap_or(&version.hash)
    )
}

/// The database in use, if there is one; looking for it makes none.
async fn database(settings: &Settings) -> Result<Option<Store>> {
    let places = Places::of(settings)?;
    if settings.database.is_none() && !places.data.join("peshi.sqlite").exists() {
        return Ok(None);
    }
    let store = Store::connect(&places.database, &StoreOptions::default()).await?;
    Ok(store.pending_migrations().await?.is_empty().then_some(store))
}

/// A version of this name and number that says something else: cases could be pinned to either, and nobody could tell.
pub(crate) async fn same_number(store: &Store, pack: &PackRef) -> Result<Option<String>> {
    let rows = store.packs().await?;
    let other = rows
        .iter()
        .map(version_of)
        .find(|known| known.name == pack.name && known.version == pack.version && known.hash != pack.hash);
    Ok(other.map(|known| {
        format!(
            "version {} of `{}` was in use with other content ({}); raise the version in workflow.yaml, so that people can \
             tell the two apart",
            known.version,
            known.name,
            known.hash.get(..12).unwrap_or(&known.hash)
        )
    }))
}
