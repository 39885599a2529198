//! Reads a pack's files into a [`Pack`]: parse, build, check, in that order, with every finding in one run.
//! Takes texts, not paths: where files lie is the caller's business.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use chrono::{NaiveDate, Weekday};
use peshi_calendar::{Calendar, ClosedDay, Vacation};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::chart::{Builder, FILE, Places};
use super::finding::{Finding, Place, Severity};
use super::yaml::{DeadlinesYaml, FormsYaml, Ordered, WorkflowYaml};
use super::{Pack, lint, rule};
use crate::fact::PackRef;

/// A pack's files: relative path to text. Sorted, so the content hash is stable.
pub type PackFiles = BTreeMap<String, String>;

/// Largest file read, in bytes.
const MAX_FILE: usize = 1_000_000;

/// Reads a pack.
///
/// Returns the pack if no finding is an error, and every finding.
pub fn load(files: &PackFiles) -> (Option<Pack>, Vec<Finding>) {
    let mut findings = Vec::new();
    let pack = read(files, &mut findings);
    findings.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
    let sound = findings.iter().all(|f| f.severity != Severity::Error);
    (pack.filter(|_| sound), findings)
}

fn read(files: &PackFiles, findings: &mut Vec<Finding>) -> Option<Pack> {
    let workflow: WorkflowYaml = parse(files, FILE, true, findings)?;
    let forms: Option<FormsYaml> = parse(files, "forms.yaml", false, findings);
    let deadlines: Option<DeadlinesYaml> = parse(files, "deadlines.yaml", false, findings);
    if files.contains_key("forms.yaml") && forms.is_none()
        || files.contains_key("deadlines.yaml") && deadlines.is_none()
    {
        return None;
    }
    let hash = content_hash(files);
    let mut builder = Builder::new(findings);
    let forms: BTreeMap<_, _> = forms
        .map_or_else(Ordered::default, |f| f.forms)
        .0
        .iter()
        .map(|(name, form)| (name.value.clone(), rule::form(&name.value, form, &mut builder)))
        .collect();
    let deadlines: BTreeMap<_, _> = deadlines
        .map_or_else(Ordered::default, |d| d.deadlines)
        .0
        .iter()
        .map(|(name, yaml)| (name.value.clone(), rule::deadline(name, yaml, &mut builder)))
        .collect();
    let mut charts = BTreeMap::new();
    let mut places: BTreeMap<String, Places> = BTreeMap::new();
    for (name, yaml) in &workflow.charts.0 {
        if let Some((spec, at)) = builder.chart(name, yaml, hash.as_bytes()) {
            charts.insert(name.value.clone(), spec);
            places.insert(name.value.clone(), at);
        }
    }
    let whole = charts.len() == workflow.charts.0.len();
    let pack = Pack {
        id: PackRef {
            name: workflow.workflow.value.clone(),
            version: workflow.version,
            hash,
        },
        title: workflow
            .title
            .iter()
            .filter_map(|(lang, text)| Some((lang.clone(), text.as_str()?.to_owned())))
            .collect(),
        reference: workflow
            .reference
            .as_ref()
            .map_or("{year}-{seq:04}", |r| r.value.as_str())
            .to_owned(),
        calendar: workflow.calendar.value.clone(),
        roles: workflow.roles.iter().map(|r| r.value.clone()).collect(),
        opening: workflow.opening.as_ref().map(|o| o.value.clone()),
        charts,
        forms,
        deadlines,
        files: files.clone(),
    };
    if whole {
        lint::check(&workflow, &pack, &places, findings);
    }
    Some(pack)
}

/// SHA-256 over the sorted files, each length-prefixed, in hexadecimal.
fn content_hash(files: &PackFiles) -> String {
    let mut hasher = Sha256::new();
    for (name, text) in files.iter().filter(|(name, _)| is_content(name)) {
        for part in [name.as_bytes(), text.as_bytes()] {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
    }
    hasher.finalize().iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Prose, the importer's map and the pack's own tests do not change what a case is.
fn is_content(name: &str) -> bool {
    Path::new(name).extension().is_none_or(|e| e != "md")
        && name != "import.yaml"
        && !name.starts_with("scenarios/")
}

fn parse<T: DeserializeOwned>(
    files: &PackFiles,
    name: &str,
    required: bool,
    findings: &mut Vec<Finding>,
) -> Option<T> {
    let Some(text) = files.get(name) else {
        if required {
            findings.push(Finding::error(
                "missing-file",
                &Place::file(name),
                format!("the pack has no `{name}`"),
                "a pack is a folder with workflow.yaml, forms.yaml, deadlines.yaml and locales/",
            ));
        }
        return None;
    };
    if text.len() > MAX_FILE {
        findings.push(Finding::error(
            "file-too-large",
            &Place::file(name),
            format!("`{name}` has {} bytes; the limit is {MAX_FILE}", text.len()),
            "split the pack, or look for something pasted by mistake",
        ));
        return None;
    }
    match serde_saphyr::from_str(text) {
        Ok(value) => Some(value),
        Err(e) => {
            let place = e
                .location()
                .map_or_else(|| Place::file(name), |l| Place::at(name, l));
            let (message, help) = unreadable(&e);
            findings.push(Finding::error("unreadable-file", &place, message, help));
            None
        }
    }
}

/// What is wrong with a file that cannot be read, and what to do.
fn unreadable(error: &serde_saphyr::Error) -> (String, &'static str) {
    use serde_saphyr::budget::{Budget, BudgetBreach};
    match error.without_snippet() {
        serde_saphyr::Error::Budget {
            breach: BudgetBreach::Depth { .. },
            ..
        } => (
            format!(
                "it is nested too deeply: more than {} levels of lists and keys",
                Budget::default().max_depth
            ),
            "flatten the states, or move the inner part to a chart of its own",
        ),
        serde_saphyr::Error::Budget { .. } => (
            "it is too large, or repeats itself too often, to be read safely".to_owned(),
            "write out what is repeated by `*name`, or split the pack",
        ),
        _ => {
            let message = error.to_string();
            let first = message.lines().next().unwrap_or_default();
            (
                first.trim_start_matches("error: ").to_owned(),
                "correct the line; docs/workflow-packs.md lists every key and its form",
            )
        }
    }
}

/// A calendar file.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct CalendarYaml {
    name: String,
    zone: chrono_tz::Tz,
    #[serde(default)]
    extends: Option<String>,
    #[serde(default)]
    open_weekdays: Vec<String>,
    #[serde(default)]
    closed: Vec<ClosedDay>,
    #[serde(default)]
    vacations: Vec<Vacation>,
}

/// Reads a calendar; the second value names the calendar it extends.
///
/// # Errors
/// A finding with the place.
pub fn parse_calendar(file: &str, text: &str) -> Result<(Calendar, Option<String>), Box<Finding>> {
    let mut findings = Vec::new();
    let files = PackFiles::from([(file.to_owned(), text.to_owned())]);
    let Some(yaml) = parse::<CalendarYaml>(&files, file, true, &mut findings) else {
        return Err(Box::new(findings.swap_remove(0)));
    };
    let mut open_weekdays = Vec::new();
    for day in &yaml.open_weekdays {
        match day.parse::<Weekday>() {
            Ok(day) => open_weekdays.push(day),
            Err(_) => {
                return Err(Box::new(Finding::error(
                    "unknown-weekday",
                    &Place::file(file),
                    format!("`{day}` is not a day of the week"),
                    "write mon, tue, wed, thu, fri, sat or sun",
                )));
            }
        }
    }
    let mut seen: BTreeSet<(NaiveDate, &str)> = BTreeSet::new();
    if let Some(twice) = yaml.closed.iter().find(|d| !seen.insert((d.date, &d.name))) {
        return Err(Box::new(Finding::error(
            "repeated-day",
            &Place::file(file),
            format!("{} ({}) stands there twice", twice.date, twice.name),
            "keep one line for each day and name",
        )));
    }
    let calendar = Calendar {
        name: yaml.name,
        zone: yaml.zone,
        open_weekdays,
        closed: yaml.closed.clone(),
        vacations: yaml.vacations.clone(),
    };
    Ok((calendar, yaml.extends))
}
