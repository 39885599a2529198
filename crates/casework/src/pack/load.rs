//! Reads a pack's files into a [`Pack`]: parse, build, check, in that order, with every finding in one run.
//! Takes texts, not paths: where files lie is the caller's business.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use chrono::Weekday;
use peshi_calendar::{Calendar, ClosedDay, CourtWeek, Hours, Vacation};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::chart::{Builder, FILE};
use super::finding::{Finding, Place, Severity};
use super::migration::{self, Migration, MigrationYaml};
use super::places::{ChartPlaces, RulePlaces, Written};
use super::yaml::{DeadlinesYaml, FormsYaml, Ordered, WorkflowYaml};
use super::{Pack, lint, rule};
use crate::fact::PackRef;

/// A pack's files: relative path to text. Sorted, so the content hash is stable.
pub type PackFiles = BTreeMap<String, String>;

/// Deepest nesting of lists and keys.
const MAX_NESTING: usize = 64;
/// Largest file read, in bytes.
const MAX_FILE: usize = 1_000_000;
/// Most charts in a pack.
const MAX_CHARTS: usize = 100;
/// Most forms, fields of one form, deadline rules.
const MAX_ENTRIES: usize = 1_000;
/// Findings beyond this number are only counted.
const MAX_FINDINGS: usize = 500;

/// The text of a file, from its bytes.
///
/// # Errors
/// A finding at the first byte that is no text.
pub fn as_text(file: &str, bytes: Vec<u8>) -> Result<String, Box<Finding>> {
    let text = String::from_utf8(bytes).map_err(|e| {
        let sound = e.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(&e.as_bytes()[..sound]);
        Box::new(not_text(file, &before, sound))
    })?;
    match text.find('\0') {
        None => Ok(text),
        Some(at) => Err(Box::new(not_text(file, &text, at))),
    }
}

fn not_text(file: &str, known: &str, at: usize) -> Finding {
    Finding::error(
        "not-text",
        &Place::bytes(file, known, at..at + 1),
        format!("`{file}` is not a text: the byte at offset {at} belongs to no letter"),
        "save it as UTF-8; a picture, a document or an archive does not belong into a pack",
    )
}

/// Reads a pack.
///
/// Returns the pack if no finding is an error, and every finding.
pub fn load(files: &PackFiles) -> (Option<Pack>, Vec<Finding>) {
    let mut findings = Vec::new();
    let pack = read(files, &mut findings);
    let sound = findings.iter().all(|f| f.severity != Severity::Error);
    (pack.filter(|_| sound), in_order(findings))
}

/// By file and place; nobody reads the thousandth.
pub(super) fn in_order(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by(|a, b| {
        (&a.file, a.line, a.column, a.code, &a.message).cmp(&(&b.file, b.line, b.column, b.code, &b.message))
    });
    findings.dedup();
    if findings.len() > MAX_FINDINGS {
        // Errors first, so that what is cut off is the least.
        findings.sort_by_key(|f| f.severity);
        let more = findings.split_off(MAX_FINDINGS);
        findings.push(Finding::warning(
            "too-many-findings",
            &Place::file(FILE),
            format!("at least {} more findings are not shown", more.len()),
            "correct these first and check again",
        ));
    }
    findings
}

fn read(files: &PackFiles, findings: &mut Vec<Finding>) -> Option<Pack> {
    let workflow: WorkflowYaml = parse(files, FILE, true, findings)?;
    let built = build(files, &workflow, findings)?;
    if built.pack.charts.len() == workflow.charts.0.len() {
        lint::check(&workflow, &built, findings);
        if let Some(written) = &built.migration {
            migration::check(written, &built.pack, findings);
        }
    }
    Some(built.pack)
}

/// A pack and where everything in it was written.
pub(super) struct Built {
    pub(super) pack: Pack,
    /// By chart.
    pub(super) charts: BTreeMap<String, ChartPlaces>,
    /// By deadline rule.
    pub(super) rules: BTreeMap<String, RulePlaces>,
    /// The conditions of forms' fields, by form and field.
    pub(super) required: BTreeMap<(String, String), Written>,
    /// By panel: when it is shown, and its rows in order.
    pub(super) panels: BTreeMap<String, (Option<Written>, Vec<Written>)>,
    /// In the order of the pack's invariants: what is asked, and when.
    pub(super) invariants: Vec<(Written, Option<Written>)>,
    /// As written, if there is one.
    pub(super) migration: Option<MigrationYaml>,
}

/// Builds what the files say, without judging it.
pub(super) fn build(
    files: &PackFiles,
    workflow: &WorkflowYaml,
    findings: &mut Vec<Finding>,
) -> Option<Built> {
    let forms: Option<FormsYaml> = parse(files, "forms.yaml", false, findings);
    let deadlines: Option<DeadlinesYaml> = parse(files, "deadlines.yaml", false, findings);
    let migration: Option<MigrationYaml> = parse(files, migration::FILE, false, findings);
    if files.contains_key("forms.yaml") && forms.is_none()
        || files.contains_key("deadlines.yaml") && deadlines.is_none()
        || files.contains_key(migration::FILE) && migration.is_none()
    {
        return None;
    }
    let forms = forms.map_or_else(Ordered::default, |f| f.forms);
    let deadlines = deadlines.map_or_else(Ordered::default, |d| d.deadlines);
    let fields = forms.0.iter().map(|(_, form)| form.fields.0.len()).max();
    let counted = [
        ("charts", FILE, workflow.charts.0.len(), MAX_CHARTS),
        ("forms", "forms.yaml", forms.0.len(), MAX_ENTRIES),
        ("fields", "forms.yaml", fields.unwrap_or(0), MAX_ENTRIES),
        ("deadline rules", "deadlines.yaml", deadlines.0.len(), MAX_ENTRIES),
    ];
    let many = counted.map(|(what, file, count, limit)| too_many(what, file, count, limit));
    if many.iter().any(Option::is_some) {
        findings.extend(many.into_iter().flatten());
        return None;
    }
    let hash = content_hash(files);
    let mut builder = Builder::new(files, findings);
    let required = forms.0.iter().flat_map(|(form, yaml)| {
        yaml.fields.0.iter().filter_map(|(field, yaml)| {
            let written = Written::new("forms.yaml", yaml.required_if.as_ref()?);
            Some(((form.value.clone(), field.value.clone()), written))
        })
    });
    let required = required.collect();
    let panels: Vec<_> = workflow
        .panels
        .0
        .iter()
        .map(|(name, yaml)| builder.panel(&name.value, yaml))
        .collect();
    let (panels, panel_places): (Vec<_>, BTreeMap<_, _>) = panels
        .into_iter()
        .map(|(panel, places)| (panel.clone(), (panel.name, places)))
        .unzip();
    let forms: BTreeMap<_, _> = forms
        .0
        .iter()
        .map(|(name, form)| (name.value.clone(), rule::form(&name.value, form, &mut builder)))
        .collect();
    let mut rules = BTreeMap::new();
    let mut rule_places = BTreeMap::new();
    for (name, yaml) in &deadlines.0 {
        let (rule, places) = rule::deadline(name, yaml, &mut builder);
        rules.insert(name.value.clone(), rule);
        rule_places.insert(name.value.clone(), places);
    }
    let deadlines = rules;
    let mut charts = BTreeMap::new();
    let mut places: BTreeMap<String, ChartPlaces> = BTreeMap::new();
    for (name, yaml) in &workflow.charts.0 {
        if let Some((spec, at)) = builder.chart(name, yaml, hash.as_bytes()) {
            charts.insert(name.value.clone(), spec);
            places.insert(name.value.clone(), at);
        }
    }
    let mut invariants = Vec::new();
    let mut invariant_places = Vec::new();
    for yaml in &workflow.invariants {
        if let Some(invariant) = builder.invariant(yaml) {
            invariants.push(invariant);
            let when = yaml.when.as_ref().map(|when| Written::new(FILE, when));
            invariant_places.push((Written::new(FILE, &yaml.holds), when));
        }
    }
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
        calendars: workflow
            .calendars
            .0
            .iter()
            .map(|(province, calendar)| (province.value.clone(), calendar.value.clone()))
            .collect(),
        roles: workflow.roles.iter().map(|r| r.value.clone()).collect(),
        opening: workflow.opening.as_ref().map(|o| o.value.clone()),
        charts,
        forms,
        deadlines,
        panels,
        invariants,
        loose: false,
        migration: migration.as_ref().map(Migration::of),
        files: files.clone(),
    };
    Some(Built {
        pack,
        charts: places,
        rules: rule_places,
        required,
        panels: panel_places,
        invariants: invariant_places,
        migration,
    })
}

fn too_many(what: &str, file: &str, count: usize, limit: usize) -> Option<Finding> {
    (count > limit).then(|| {
        Finding::error(
            "too-many",
            &Place::file(file),
            format!("`{file}` has {count} {what}; the limit is {limit}"),
            "split the pack, or look for something pasted by mistake",
        )
    })
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

/// Prose, the importer's map, the way from earlier versions and the pack's own tests do not change what a case is.
fn is_content(name: &str) -> bool {
    Path::new(name).extension().is_none_or(|e| e != "md")
        && name != "import.yaml"
        && name != migration::FILE
        && !name.starts_with("scenarios/")
}

pub(super) fn parse<T: DeserializeOwned>(
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
    match serde_saphyr::from_str_with_options(text, limits()) {
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

/// What one file may ask of the reader: nesting, aliases that unfold, sheer number. Two documents in one file are refused,
/// for the second would be passed over.
fn limits() -> serde_saphyr::Options {
    serde_saphyr::options! {
        // `on`, `off`, `yes` and `no` are names like any other; only `true` and `false` say so.
        strict_booleans: true,
        budget: serde_saphyr::budget! {
            max_documents: 1,
            max_depth: MAX_NESTING,
            flow_nesting_limit: MAX_NESTING,
            max_nodes: 200_000,
            max_aliases: 1_000,
            max_anchors: 1_000,
            max_merge_keys: 100,
            max_total_scalar_bytes: MAX_FILE,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 50_000,
        },
    }
}

/// What is wrong with a file that cannot be read, and what to do.
fn unreadable(error: &serde_saphyr::Error) -> (String, &'static str) {
    use serde_saphyr::budget::BudgetBreach;
    match error.without_snippet() {
        serde_saphyr::Error::Budget {
            breach: BudgetBreach::Depth { .. },
            ..
        } => (
            format!("it is nested too deeply: more than {MAX_NESTING} levels of lists and keys"),
            "flatten the states, or move the inner part to a chart of its own",
        ),
        serde_saphyr::Error::Budget { .. } => (
            "it is too large, or repeats itself too often, to be read safely".to_owned(),
            "write out what is repeated by `*name`, or split the pack",
        ),
        _ => {
            let message = error.to_string();
            let first = message.lines().next().unwrap_or_default();
            let first = first.trim_start_matches("error: ");
            // Its own line and column stand before the message; the finding has them already.
            let first = match first.split_once(": ") {
                Some((place, rest)) if place.starts_with("line ") => rest,
                _ => first,
            };
            (
                first.to_owned(),
                "correct the line; docs/workflow-packs.md lists every key and its form",
            )
        }
    }
}

/// A calendar file.
#[derive(Debug, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CalendarYaml {
    /// What it is called.
    name: String,
    /// Its time zone: `Asia/Karachi`.
    #[schemars(with = "String")]
    zone: chrono_tz::Tz,
    /// The calendar it builds on: the name of its file.
    #[serde(default)]
    extends: Option<String>,
    /// The days of the week on which there is a sitting: mon, tue …
    #[serde(default)]
    open_weekdays: Vec<String>,
    /// Days closed.
    #[serde(default)]
    #[schemars(with = "Vec<super::schema::ClosedDay>")]
    closed: Vec<ClosedDay>,
    /// Court vacations; they close nothing.
    #[serde(default)]
    #[schemars(with = "Vec<super::schema::Vacation>")]
    vacations: Vec<Vacation>,
    /// Office hours; of several that fit a day the last one counts.
    #[serde(default)]
    #[schemars(with = "Vec<super::schema::Hours>")]
    hours: Vec<Hours>,
    /// Weeks and hours of kinds of courts that have their own, by the word that the field `forum` uses.
    #[serde(default)]
    #[schemars(with = "std::collections::BTreeMap<String, super::schema::CourtWeek>")]
    courts: std::collections::BTreeMap<String, CourtWeek>,
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
    let place = |d: &ClosedDay| (d.date, d.name.clone(), d.only.clone());
    let mut seen = Vec::new();
    if let Some(twice) = yaml.closed.iter().find(|d| {
        let known = seen.contains(&place(d));
        seen.push(place(d));
        known
    }) {
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
        hours: yaml.hours.clone(),
        courts: yaml.courts.clone(),
    };
    Ok((calendar, yaml.extends))
}
